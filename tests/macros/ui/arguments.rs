//! Arguments that the attribute does not take.
struct PyObject;

#[linktab::extension_module]
unsafe extern "C" fn none() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module(acme.geo)]
unsafe extern "C" fn not_a_string() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.a", phase = "double")]
unsafe extern "C" fn unknown_phase() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.b", fase = "multi")]
unsafe extern "C" fn unknown_argument() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.c", package, package)]
unsafe extern "C" fn twice() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.d", package = true)]
unsafe extern "C" fn value() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.e", "multi")]
unsafe extern "C" fn string() -> *mut PyObject {
    std::ptr::null_mut()
}

linktab::extern_module!("acme.f");

fn main() {}

extern crate renamed as linktab;
