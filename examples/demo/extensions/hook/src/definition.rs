//! The module definition of `acme.hook` and the init function that returns it.

use std::ffi::{c_int, c_void};
use std::ptr;

use pyo3_ffi::*;

unsafe extern "C" fn exec(module: *mut PyObject) -> c_int {
    // SAFETY: CPython calls this with the module that it is making.
    unsafe { PyModule_AddStringConstant(module, c"MADE_BY".as_ptr(), c"an init function".as_ptr()) }
}

static mut SLOTS: [PyModuleDef_Slot; 2] = [
    PyModuleDef_Slot { slot: Py_mod_exec, value: exec as *mut c_void },
    PyModuleDef_Slot { slot: 0, value: ptr::null_mut() },
];

static mut DEFINITION: PyModuleDef = PyModuleDef {
    m_base: PyModuleDef_HEAD_INIT,
    m_name: c"hook".as_ptr(),
    m_doc: ptr::null(),
    m_size: 0,
    m_methods: ptr::null_mut(),
    m_slots: (&raw mut SLOTS).cast(),
    m_traverse: None,
    m_clear: None,
    m_free: None,
};

#[linktab::extension_module("acme.hook")]
unsafe extern "C" fn init() -> *mut PyObject {
    // SAFETY: the definition is valid and lives for ever; CPython alone writes to it.
    unsafe { PyModuleDef_Init(&raw mut DEFINITION) }
}
