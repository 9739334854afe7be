//! The init function that CPython sees in place of an extension's own, and what it is to do.
//!
//! `_imp.create_builtin` and `PyImport_CreateModuleFromInitfunc` take functions without arguments, so the
//! record comes by way of the thread.

use core::cell::Cell;
use core::ptr;

use linktab::Record;
use pyo3_ffi as ffi;

use super::answer::Answer;
use super::call::call_init;
use super::{mismatch, placeholder, slot};
use crate::object::{Attached, Owned};

/// What the trampoline is to do in this thread.
#[derive(Clone, Copy)]
struct Job {
    record: &'static Record,
    /// Null, or one reference to a module that the init function has already returned.
    ready: *mut ffi::PyObject,
}

thread_local! {
    static JOB: Cell<Option<Job>> = const { Cell::new(None) };
}

/// Runs `create`, in which CPython calls the [`trampoline`] for `record`, or takes the module from
/// its cache.
pub fn with_job<R>(record: &'static Record, ready: Option<Owned<'_>>, create: impl FnOnce() -> R) -> R {
    let ready = ready.map_or(ptr::null_mut(), Owned::into_pointer);
    // An init function may import other extensions: the job around this one waits.
    let before = JOB.replace(Some(Job { record, ready }));
    let result = create();
    if let Some(Job { ready, .. }) = JOB.replace(before) {
        // SAFETY: the job still owned its reference, if any: the trampoline was not called.
        unsafe { ffi::Py_XDECREF(ready) };
    }
    result
}

/// The init function of the job of this thread; without one, somebody imports the entry by its own name.
pub unsafe extern "C" fn trampoline() -> *mut ffi::PyObject {
    slot::release();
    // SAFETY: CPython calls init functions with an attached thread state.
    let at = unsafe { Attached::new() };
    let answer = match JOB.take() {
        Some(job) if !job.ready.is_null() => return job.ready,
        Some(job) => call_init(at, job.record).and_then(|answer| {
            mismatch::warn(at, job.record, &answer)?;
            Ok(answer)
        }),
        None => return placeholder::definition(),
    };
    match answer {
        Ok(Answer::Definition(definition)) => definition.as_pointer().cast(),
        Ok(Answer::Module(module)) => module.into_pointer(),
        Err(_) => ptr::null_mut(),
    }
}
