//! The module `site`, imported after the finders are in place, as if the interpreter had done it.
//!
//! An interpreter that was initialised without `site` says so in two places, and both are made to say
//! again what the user said: `sys.flags`, from which `subprocess` and `multiprocessing` make the
//! command lines of children, and the configuration that subinterpreters inherit.

use pyo3_ffi as ffi;

use super::configuration::Wishes;
use crate::object::{Attached, Result};

/// `init_import_site` (Python/pylifecycle.c): importing the module runs it, unless `sys.flags.no_site`
/// is set.
pub fn import(at: Attached<'_>, wishes: Wishes) -> Result<()> {
    let isolated = at.sys(c"flags")?.borrow().get(c"isolated")?.borrow().is_true()?;
    if isolated && !wishes.isolated {
        // A `._pth` file beside the executable isolates, and imports `site` only if it says so
        // (Modules/getpath.py): CPython has done what it wants.
        return Ok(());
    }
    pass_on(at);
    // Index of `no_site` in `flags_fields` (Python/sysmodule.c), 3.9 to 3.15.
    const NO_SITE: ffi::Py_ssize_t = 6;
    let flags = at.sys(c"flags")?;
    let zero = at.int(0)?;
    // SAFETY: `sys.flags` is a struct sequence that nobody else has seen: no Python code has run that
    // could keep it. The reference that was there is a small integer's.
    unsafe { ffi::PyStructSequence_SetItem(flags.borrow().as_pointer(), NO_SITE, zero.into_pointer()) };
    at.import(c"site").map(drop)
}

/// Lets subinterpreters import `site` too.
fn pass_on(at: Attached<'_>) {
    let config = configuration(at).cast_mut();
    // SAFETY: the main interpreter's own, writable memory; no other thread exists in it yet.
    let site_import = unsafe { &raw mut (*config).site_import };
    // SAFETY: as above.
    unsafe { site_import.write(1) };
}

/// The configuration that the current interpreter owns.
#[cfg(Py_3_13)]
fn configuration(_: Attached<'_>) -> *const ffi::PyConfig {
    unsafe extern "C" {
        // Include/internal/pycore_pylifecycle.h; exported for CPython's own `_testinternalcapi`.
        fn _Py_GetConfig() -> *const ffi::PyConfig;
    }
    // SAFETY: this thread is attached to the main interpreter.
    unsafe { _Py_GetConfig() }
}

/// As above: `_Py_GetConfig` is younger than 3.9.
#[cfg(not(Py_3_13))]
fn configuration(_: Attached<'_>) -> *const ffi::PyConfig {
    unsafe extern "C" {
        // Include/internal/pycore_interp.h; exported up to 3.12, hidden from 3.13 on.
        fn _PyInterpreterState_GetConfig(interpreter: *mut ffi::PyInterpreterState) -> *const ffi::PyConfig;
    }
    // SAFETY: this thread is attached to the main interpreter.
    let interpreter = unsafe { ffi::PyInterpreterState_Get() };
    // SAFETY: a live interpreter, which owns the configuration.
    unsafe { _PyInterpreterState_GetConfig(interpreter) }
}
