//! The crate `linktab` under another name, or out of another crate, with and without saying so.
struct PyObject;

mod sdk {
    pub use renamed as linktab;
}

#[sdk::linktab::extension_module("acme.a", crate = crate::sdk::linktab)]
unsafe extern "C" fn said() -> *mut PyObject {
    std::ptr::null_mut()
}

#[renamed::extension_module("acme.b")]
unsafe extern "C" fn not_said() -> *mut PyObject {
    std::ptr::null_mut()
}

renamed::extern_module!("acme.c", PyInit_c);

fn main() {}
