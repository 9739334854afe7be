//! One name twice in one crate.
struct PyObject;

#[linktab::extension_module("acme.twice")]
unsafe extern "C" fn first() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.twice")]
unsafe extern "C" fn second() -> *mut PyObject {
    std::ptr::null_mut()
}

fn main() {}
