//! Functions that are no init functions: every fault is told at its token.
struct PyObject;
struct PySlot;

#[linktab::extension_module("acme.a")]
fn rust_abi() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.b")]
unsafe extern "system" fn other_abi() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.c")]
unsafe extern "C" fn generic<T>() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.d")]
unsafe extern "C" fn parameter(_: u8) -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.e")]
unsafe extern "C" fn nothing() {}

#[linktab::extension_module("acme.f")]
unsafe extern "C" fn const_pointer() -> *const PyObject {
    std::ptr::null()
}

#[linktab::extension_module("acme.g")]
unsafe extern "C" fn slots_without_export() -> *mut PySlot {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.h", phase = "export")]
unsafe extern "C" fn object_with_export() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme..i", phase = "double")]
async unsafe extern "C" fn all_at_once<T>(_: T) -> T
where
    T: Copy,
{
    loop {}
}

fn main() {}

extern crate renamed as linktab;
