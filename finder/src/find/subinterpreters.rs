//! New subinterpreters get the finders by themselves, where Python code can make any.
//!
//! `sys.meta_path` is of one interpreter, and nothing tells of a new one but its first imports, to audit
//! hooks (PEP 578). A hook makes every audited event of a process dearer, so there is none until the
//! first import of a module that makes subinterpreters: the finder, asked first, hears of that.
//!
//! Knows which modules those are; how finders are installed it is told.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use pyo3_ffi as ffi;
use pyo3_ffi::PyObject;

use crate::load::versions;
use crate::object::{Attached, Result};

/// Installs the finders in the running interpreter.
pub type Installer = fn(Attached<'_>) -> Result<()>;

/// The modules in C with which Python code makes subinterpreters, under their names from 3.9 to 3.15: the
/// one for users, and those of CPython's own suites.
const MAKERS: [&str; 4] = ["_interpreters", "_xxsubinterpreters", "_testcapi", "_testinternalcapi"];

unsafe extern "C" {
    // Include/cpython/sysmodule.h; not in pyo3-ffi 0.30.
    fn PySys_AddAuditHook(hook: Hook, data: *mut c_void) -> c_int;
}

type Hook = unsafe extern "C" fn(*const c_char, *mut PyObject, *mut c_void) -> c_int;

/// The first that was told: a `python` of linktab's own installs more than a host does.
static INSTALLER: OnceLock<Installer> = OnceLock::new();
/// Whether the hook is there. It goes when Python is finalised, and says so.
static HOOKED: AtomicBool = AtomicBool::new(false);
/// Interpreters that have had their finders, by their number, which is not used again.
static SERVED: Mutex<BTreeSet<i64>> = Mutex::new(BTreeSet::new());

thread_local! {
    /// Whether the hook is at work in this thread: installing imports modules.
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Says how finders are installed, unless that was said before.
pub fn install_by(installer: Installer) {
    INSTALLER.get_or_init(|| installer);
}

/// Listens from now on, if a module that makes subinterpreters is imported already: a host may install
/// late. Those of CPython's suites are not looked for.
pub fn look_back(at: Attached<'_>) -> Result<()> {
    let maker = at.str(versions::INTERPRETERS)?;
    if at.modules().map_or(Ok(false), |modules| modules.contains(maker.borrow()))? {
        listen(at);
    }
    Ok(())
}

/// Listens from now on, if that name is one of a module that makes subinterpreters.
#[inline]
pub fn notice(at: Attached<'_>, name: &str) {
    if name.starts_with('_') && MAKERS.contains(&name) {
        listen(at);
    }
}

fn listen(at: Attached<'_>) {
    if HOOKED.swap(true, Ordering::AcqRel) {
        return;
    }
    // SAFETY: the function lives as long as the process. Other hooks may refuse it, which is no error
    // (Doc/c-api/sys.rst, `PySys_AddAuditHook`); out of memory it raises.
    if unsafe { PySys_AddAuditHook(hear, ptr::null_mut()) } < 0 {
        crate::object::Raised::already(at).clear(at);
    }
}

/// Every audited event of the process comes here.
unsafe extern "C" fn hear(event: *const c_char, _: *mut PyObject, _: *mut c_void) -> c_int {
    // SAFETY: an event is a terminated string.
    match unsafe { CStr::from_ptr(event) }.to_bytes() {
        b"import" => {
            // SAFETY: imports are made, and audited, by threads that are attached.
            serve(unsafe { Attached::new() });
        }
        b"cpython._PySys_ClearAuditHooks" => {
            HOOKED.store(false, Ordering::Release);
            SERVED.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        _ => {}
    }
    0
}

/// Installs the finders in this interpreter, when it is a new one that has come as far as its standard
/// streams: the next import is that of `site`, or, without it, the user's own first.
fn serve(at: Attached<'_>) {
    // SAFETY: `at`.
    let this = unsafe { ffi::PyInterpreterState_Get() };
    // SAFETY: `at`.
    if this == unsafe { ffi::PyInterpreterState_Main() } || AT_WORK.get() {
        return;
    }
    // SAFETY: a terminated string, and `at`.
    if unsafe { ffi::PySys_GetObject(c"stdout".as_ptr()) }.is_null() {
        return;
    }
    // SAFETY: the running interpreter.
    let number = unsafe { ffi::PyInterpreterState_GetID(this) };
    if !SERVED.lock().unwrap_or_else(PoisonError::into_inner).insert(number) {
        return;
    }
    let Some(install) = INSTALLER.get() else { return };
    AT_WORK.set(true);
    if install(at).is_err() {
        // SAFETY: an exception is set; there is no object that it belongs to.
        unsafe { ffi::PyErr_WriteUnraisable(ptr::null_mut()) };
    }
    AT_WORK.set(false);
}
