//! `acme.raw._legacy`: single-phase, as extensions were before PEP 489.
//!
//! Its definition says `_legacy` only. That the module and its type come out with the full dotted name
//! is the loader's work.

use std::ffi::c_int;
use std::ptr;

use pyo3_ffi::*;

unsafe extern "C" fn reverse(_: *mut PyObject, text: *mut PyObject) -> *mut PyObject {
    // SAFETY: `text` is borrowed from the caller for the call; a wrong type sets an exception.
    let length = unsafe { PyUnicode_GetLength(text) };
    if length < 0 {
        return ptr::null_mut();
    }
    // SAFETY: as above; the slice object is checked before use.
    let step = unsafe { PyLong_FromLong(-1) };
    // SAFETY: null means `None`; a null step makes CPython report the error that is set.
    let slice = unsafe { PySlice_New(ptr::null_mut(), ptr::null_mut(), step) };
    // SAFETY: both are owned here or null.
    unsafe { Py_XDECREF(step) };
    if slice.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: both objects are alive.
    let reversed = unsafe { PyObject_GetItem(text, slice) };
    // SAFETY: owned here.
    unsafe { Py_DECREF(slice) };
    reversed
}

static mut METHODS: [PyMethodDef; 2] = [
    PyMethodDef {
        ml_name: c"reverse".as_ptr(),
        ml_meth: PyMethodDefPointer { PyCFunction: reverse },
        ml_flags: METH_O,
        ml_doc: c"The text from its end to its beginning.".as_ptr(),
    },
    PyMethodDef::zeroed(),
];

static mut DEFINITION: PyModuleDef = PyModuleDef {
    m_base: PyModuleDef_HEAD_INIT,
    m_name: c"_legacy".as_ptr(),
    m_doc: c"Reverses.".as_ptr(),
    m_size: -1,
    m_methods: (&raw mut METHODS).cast(),
    m_slots: ptr::null_mut(),
    m_traverse: None,
    m_clear: None,
    m_free: None,
};

#[linktab::extension_module("acme.raw._legacy", phase = "single")]
unsafe extern "C" fn init() -> *mut PyObject {
    // SAFETY: the definition is valid and lives for ever; CPython alone writes to it.
    let module = unsafe { PyModule_Create(&raw mut DEFINITION) };
    if module.is_null() {
        return module;
    }
    // SAFETY: the module was made above.
    let failed = unsafe { PyModule_AddIntConstant(module, c"YEAR".as_ptr(), 1991) } as c_int;
    if failed != 0 {
        // SAFETY: owned here.
        unsafe { Py_DECREF(module) };
        return ptr::null_mut();
    }
    module
}
