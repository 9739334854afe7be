//! Init functions as people write them: each type and ABI that is allowed.
#![deny(warnings)]
#![allow(non_snake_case)]

/// Stands for CPython's.
pub struct PyObject;
/// Stands for CPython's.
pub struct PyModuleDef;

#[linktab::extension_module("acme.object")]
unsafe extern "C" fn object() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.definition")]
unsafe extern "C" fn definition() -> *mut PyModuleDef {
    std::ptr::dangling_mut()
}

#[linktab::extension_module("acme.unwinding", phase = "single")]
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn PyInit_unwinding() -> *mut PyObject {
    std::ptr::without_provenance_mut(16)
}

#[linktab::extension_module("acme.safe")]
extern "C-unwind" fn safe() -> *mut PyModuleDef {
    std::ptr::without_provenance_mut(32)
}

#[linktab::extension_module("acme.30fcd__mypyc", any_name)]
unsafe extern "C" fn helper() -> *mut PyObject {
    std::ptr::without_provenance_mut(48)
}

fn main() {
    let registry = linktab::Registry::global().expect("the table is sound");
    let table: Vec<String> = registry
        .iter_by_name()
        .map(|record| {
            // SAFETY: the functions above do nothing but return a number.
            let returned = unsafe { (record.init())() };
            format!("{} {} {returned:?}", record.name(), record.phase())
        })
        .collect();
    assert_eq!(
        table,
        ["acme.30fcd__mypyc multi 0x30", "acme.definition multi 0x1", "acme.object multi 0x0", "acme.safe multi 0x20", "acme.unwinding single 0x10"]
    );
}

extern crate renamed as linktab;
