//! What CPython's versions do differently, where the finder has to choose: constants to ask, and the
//! steps that are not the same on each.
//!
//! With `route.rs`, the one place that a new version of CPython is taught in. A `cfg` on a version
//! elsewhere says what that version's C API has, and is on the list of `xtask/src/hygiene/versions.rs`.

use core::ptr;

use linktab::Record;
use pyo3_ffi as ffi;

use crate::object::{Attached, Borrowed, Result};

/// Whether modules go through linktab's entry in the table of built-in modules (`slot.rs`): without
/// `PyImport_CreateModuleFromInitfunc` nothing else fills CPython's cache.
pub const NEEDS_SLOT: bool = cfg!(not(Py_3_15));

/// Whether the table of built-in modules is copied when Python is initialised, and must be complete by
/// then (`init_builtin_modules_table`, Python/import.c); before, it is read live.
pub const TABLE_IS_COPIED: bool = cfg!(Py_3_12);

/// Whether importlib asks a copy of `sys.meta_path`, so that what one finder does to it is for later names
/// (gh-130094, `_find_spec`).
pub const FINDERS_ARE_COPIED: bool = cfg!(Py_3_14);

/// The module in C that makes subinterpreters for Python code.
pub const INTERPRETERS: &str = if cfg!(Py_3_13) { "_interpreters" } else { "_xxsubinterpreters" };

/// Slots of a module of linktab's own, and their end: its interpreters share nothing but what never changes.
pub const SHARES_NOTHING: [ffi::PyModuleDef_Slot; 1 + cfg!(Py_3_12) as usize + cfg!(Py_3_13) as usize] = [
    #[cfg(Py_3_12)]
    ffi::PyModuleDef_Slot {
        slot: ffi::Py_mod_multiple_interpreters,
        value: ffi::Py_MOD_PER_INTERPRETER_GIL_SUPPORTED,
    },
    #[cfg(Py_3_13)]
    ffi::PyModuleDef_Slot { slot: ffi::Py_mod_gil, value: ffi::Py_MOD_GIL_NOT_USED },
    ffi::PyModuleDef_Slot { slot: 0, value: ptr::null_mut() },
];

/// `PyImport_CreateModuleFromInitfunc` (3.15).
#[cfg(Py_3_15)]
pub fn from_init_function(
    spec: Borrowed<'_>,
    init: unsafe extern "C" fn() -> *mut ffi::PyObject,
) -> Result<crate::object::Owned<'_>> {
    unsafe extern "C" {
        // Include/cpython/import.h; not in pyo3-ffi 0.30.
        fn PyImport_CreateModuleFromInitfunc(
            spec: *mut ffi::PyObject,
            init: unsafe extern "C" fn() -> *mut ffi::PyObject,
        ) -> *mut ffi::PyObject;
    }
    // SAFETY: a live spec, and an init function.
    let module = unsafe { PyImport_CreateModuleFromInitfunc(spec.as_pointer(), init) };
    // SAFETY: a new reference, or an exception.
    unsafe { spec.attached().own(module) }
}

/// Executes a module that has no state yet: the end of `exec_builtin_or_dynamic` (Python/import.c).
#[cfg(Py_3_15)]
pub fn exec(module: Borrowed<'_>) -> Result<()> {
    // SAFETY: a live module.
    module.attached().status(unsafe { ffi::PyModule_Exec(module.as_pointer()) })
}

/// As above, before there were modules without a definition.
#[cfg(not(Py_3_15))]
pub fn exec(module: Borrowed<'_>) -> Result<()> {
    let pointer = module.as_pointer();
    // SAFETY: a live module.
    let definition = unsafe { ffi::PyModule_GetDef(pointer) };
    if definition.is_null() {
        return Ok(());
    }
    // SAFETY: a live module and its definition.
    module.attached().status(unsafe { ffi::PyModule_ExecDef(pointer, definition) })
}

/// CPython's refusal of single-phase modules in isolated subinterpreters, where nobody pronounces it.
///
/// 3.12 has a function that asks the interpreter's configuration; `create_builtin` does not call it.
#[cfg(all(Py_3_12, not(Py_3_13)))]
pub fn check_subinterpreter(at: Attached<'_>, record: &Record, _: bool) -> Result<()> {
    unsafe extern "C" {
        fn _PyImport_CheckSubinterpIncompatibleExtensionAllowed(
            name: *const core::ffi::c_char,
        ) -> core::ffi::c_int;
    }
    let name = std::ffi::CString::new(record.name()).unwrap_or_default();
    // SAFETY: a terminated string, and an attached thread state.
    at.status(unsafe { _PyImport_CheckSubinterpIncompatibleExtensionAllowed(name.as_ptr()) })
}

/// From 3.13 on `create_builtin` refuses by itself. Where it is not called nobody can tell an isolated
/// subinterpreter from others, and every one is refused, in CPython's words.
#[cfg(Py_3_13)]
pub fn check_subinterpreter(at: Attached<'_>, record: &Record, has_slot: bool) -> Result<()> {
    // SAFETY: `at`.
    let this = unsafe { ffi::PyInterpreterState_Get() };
    // SAFETY: `at`.
    let main = unsafe { ffi::PyInterpreterState_Main() };
    if has_slot || this == main {
        return Ok(());
    }
    let message = format!("module {} does not support loading in subinterpreters", record.name());
    let name = at.str(record.name())?;
    Err(at.raise_import_error(crate::object::Kind::ImportError, &message, name.borrow()))
}

/// Isolated subinterpreters came with 3.12 (PEP 684).
#[cfg(not(Py_3_12))]
pub fn check_subinterpreter(_: Attached<'_>, _: &Record, _: bool) -> Result<()> {
    Ok(())
}
