//! The module slots of `acme.hook` and the hook that returns them.

use std::ffi::{c_int, c_void};

use pyo3_ffi::*;

unsafe extern "C" fn exec(module: *mut PyObject) -> c_int {
    // SAFETY: CPython calls this with the module that it is making.
    unsafe { PyModule_AddStringConstant(module, c"MADE_BY".as_ptr(), c"an export hook".as_ptr()) }
}

PyABIInfo_VAR!(ABI);

static mut SLOTS: [PySlot; 4] = [
    PySlot_STATIC_DATA(Py_mod_abi, (&raw mut ABI).cast()),
    PySlot_STATIC_DATA(Py_mod_name, c"hook".as_ptr().cast_mut().cast::<c_void>()),
    PySlot_DATA(Py_mod_exec, exec as *mut c_void),
    PySlot_END(),
];

#[linktab::extension_module("acme.hook", phase = "export")]
unsafe extern "C" fn hook() -> *mut PySlot {
    (&raw mut SLOTS).cast()
}
