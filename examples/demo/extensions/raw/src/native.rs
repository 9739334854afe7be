//! `acme.raw._native`: multi-phase, with a state of its own in each module object.

use std::ffi::{c_int, c_long, c_void};
use std::mem;
use std::ptr;

use pyo3_ffi::*;

/// A constant array that CPython takes by mutable pointer and does not write to.
struct Table<T, const N: usize>([T; N]);

// SAFETY: CPython only reads the tables below.
unsafe impl<T, const N: usize> Sync for Table<T, N> {}

/// Per-module state: how often `count` was called.
#[repr(C)]
struct State {
    calls: c_long,
}

unsafe extern "C" fn count(module: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: CPython calls a module's function with the module.
    let state = unsafe { PyModule_GetState(module) }.cast::<State>();
    // SAFETY: `m_size` below is the size of `State`, which CPython zeroed.
    let state = unsafe { &mut *state };
    state.calls += 1;
    // SAFETY: the caller holds an attached thread state.
    unsafe { PyLong_FromLong(state.calls) }
}

unsafe extern "C" fn exec(module: *mut PyObject) -> c_int {
    // SAFETY: CPython calls this with the module that it is making.
    unsafe { PyModule_AddIntConstant(module, c"ANSWER".as_ptr(), 42) }
}

static METHODS: Table<PyMethodDef, 2> = Table([
    PyMethodDef {
        ml_name: c"count".as_ptr(),
        ml_meth: PyMethodDefPointer { PyCFunction: count },
        ml_flags: METH_NOARGS,
        ml_doc: c"How often this has been called.".as_ptr(),
    },
    PyMethodDef::zeroed(),
]);

static SLOTS: Table<PyModuleDef_Slot, 2> = Table([
    PyModuleDef_Slot { slot: Py_mod_exec, value: exec as *mut c_void },
    PyModuleDef_Slot { slot: 0, value: ptr::null_mut() },
]);

static mut DEFINITION: PyModuleDef = PyModuleDef {
    m_base: PyModuleDef_HEAD_INIT,
    m_name: c"_native".as_ptr(),
    m_doc: c"Counts.".as_ptr(),
    m_size: mem::size_of::<State>() as Py_ssize_t,
    m_methods: METHODS.0.as_ptr().cast_mut(),
    m_slots: SLOTS.0.as_ptr().cast_mut(),
    m_traverse: None,
    m_clear: None,
    m_free: None,
};

#[linktab::extension_module("acme.raw._native")]
unsafe extern "C" fn init() -> *mut PyObject {
    // SAFETY: the definition is valid and lives for ever; CPython alone writes to it.
    unsafe { PyModuleDef_Init(&raw mut DEFINITION) }
}
