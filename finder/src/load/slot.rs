//! linktab's one entry in CPython's table of built-in modules, and how it stands for any of ours.
//!
//! CPython keeps single-phase modules in a cache that only its own loaders fill, and one of them
//! can be called: `_imp.create_builtin(spec)`. It looks the spec's name up in the inittab, calls the
//! function that it finds there, and does all the rest. So the inittab gets one entry whose name is
//! a buffer and whose function is a trampoline; around a call the buffer holds the name that is to
//! be found, and otherwise that of an empty module (`placeholder.rs`).
//!
//! Invariant: whoever holds [`WRITING`] may write the buffer; its last byte is always 0.
//!
//! Knows the inittab; what the trampoline does is `trampoline.rs`.

use core::cell::{Cell, UnsafeCell};
use core::ffi::{CStr, c_char};
use core::sync::atomic::{AtomicU8, Ordering, fence};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use linktab::layout::MAX_NAME_LEN;
use pyo3_ffi as ffi;

use super::{placeholder, versions};
use crate::object::Attached;

struct Buffer(UnsafeCell<[u8; MAX_NAME_LEN + 1]>);

// SAFETY: written under `WRITING` only. CPython reads it whenever it scans the inittab, as bytes up
// to a 0 that is always there, and compares them with a name.
unsafe impl Sync for Buffer {}

static BUFFER: Buffer = Buffer(UnsafeCell::new([0; MAX_NAME_LEN + 1]));
static WRITING: Mutex<()> = Mutex::new(());

thread_local! {
    /// The right to write, from when a name is put in until the trampoline has been reached.
    static WRITER: Cell<Option<MutexGuard<'static, ()>>> = const { Cell::new(None) };
}

/// What CPython calls for an entry of the inittab.
pub type Init = unsafe extern "C" fn() -> *mut ffi::PyObject;

/// Puts a module into the inittab, once.
///
/// # Errors
///
/// As for [`prepare`].
pub fn enter(name: &'static CStr, init: Init) -> core::result::Result<(), &'static str> {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    // Another table of the process may have been here.
    // SAFETY: names in the table are terminated strings.
    if is_in_table(|other| unsafe { CStr::from_ptr(other) } == name) {
        Ok(())
    } else {
        append(name.as_ptr(), init)
    }
}

/// Puts the entry into the inittab, once.
///
/// From 3.12 on the table is copied when the interpreter is initialised, and must be complete by
/// then (`init_builtin_modules_table`, Python/import.c); up to 3.11 it is read live. When the
/// interpreter is finalised the table forgets what was added (`_PyImport_Fini2`).
///
/// # Errors
///
/// Out of memory, or too late.
pub fn prepare(trampoline: Init) -> core::result::Result<(), &'static str> {
    // Nobody waits here: without the entry in the table nobody stands for anything.
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    if versions::NEEDS_SLOT { append(BUFFER.0.get().cast::<c_char>(), trampoline) } else { Ok(()) }
}

fn append(name: *const c_char, init: Init) -> core::result::Result<(), &'static str> {
    if is_in_table(|other| other == name) {
        return Ok(());
    }
    // SAFETY: may be called at any time.
    if versions::TABLE_IS_COPIED && unsafe { ffi::Py_IsInitialized() } != 0 {
        return if versions::NEEDS_SLOT { Err("Python is already initialised") } else { Ok(()) };
    }
    if name == BUFFER.0.get().cast::<c_char>() {
        put(placeholder::NAME.to_bytes());
    }
    // SAFETY: a terminated name that lives for ever. Before initialisation no other thread calls
    // Python; after it, up to 3.11, the callers hold the GIL.
    match unsafe { ffi::PyImport_AppendInittab(name, Some(init)) } {
        0 => Ok(()),
        _ => Err("out of memory"),
    }
}

/// Whether the table has the entry. The last one has a null name.
fn is_in_table(is_it: impl Fn(*const c_char) -> bool) -> bool {
    // SAFETY: the table's address; it changes as `prepare` says.
    let mut entry = unsafe { ffi::PyImport_Inittab };
    loop {
        // SAFETY: between the first entry and the last.
        let found = unsafe { entry.read() };
        if found.name.is_null() {
            return false;
        }
        if is_it(found.name) {
            return true;
        }
        // SAFETY: not the last entry.
        entry = unsafe { entry.add(1) };
    }
}

/// Whether the table that Python was initialised with has the entry: nothing changes the public one between
/// that and finalisation. Another table of the process may have an entry of the same name.
pub fn is_available() -> bool {
    versions::NEEDS_SLOT && is_in_table(|name| name == BUFFER.0.get().cast::<c_char>())
}

/// Runs `create`, which calls `_imp.create_builtin`, with the entry under another name.
///
/// The name is ASCII, as `_imp.create_builtin` compares nothing else, and fits (layout.rs).
pub fn standing_for<R>(at: Attached<'_>, name: &str, create: impl FnOnce() -> R) -> R {
    WRITER.set(Some(lock(at)));
    put(name.as_bytes());
    let result = create();
    // The trampoline was not reached when the module came from the cache or something failed.
    release();
    result
}

/// Gives the entry its placeholder back and lets others write, if this thread has not yet.
pub fn release() {
    if let Some(writer) = WRITER.take() {
        put(placeholder::NAME.to_bytes());
        drop(writer);
    }
}

fn put(name: &[u8]) {
    let buffer = BUFFER.0.get().cast::<u8>();
    if cfg!(Py_GIL_DISABLED) {
        // Others may be reading. Nothing has the name that the entry has until its first byte is there:
        // CPython compares lengths first (`_PyUnicode_EqualToASCIIString`, Objects/unicodeobject.c).
        first().store(0, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let (head, tail) = name.split_first().unwrap_or((&0, &[]));
        // SAFETY: the buffer is longer than the name.
        let rest = unsafe { buffer.add(1) };
        // SAFETY: at most `MAX_NAME_LEN - 1` bytes behind the first, and this thread may write.
        unsafe { rest.copy_from_nonoverlapping(tail.as_ptr(), tail.len()) };
        // SAFETY: as above; the buffer is one byte longer.
        let end = unsafe { rest.add(tail.len()) };
        // SAFETY: as above.
        unsafe { end.write(0) };
        return first().store(*head, Ordering::Release);
    }
    // SAFETY: at most `MAX_NAME_LEN` bytes (`standing_for`), and this thread may write.
    unsafe { buffer.copy_from_nonoverlapping(name.as_ptr(), name.len()) };
    // SAFETY: as above; the buffer is one byte longer.
    let end = unsafe { buffer.add(name.len()) };
    // SAFETY: as above.
    unsafe { end.write(0) };
}

/// The first byte of the buffer.
fn first() -> &'static AtomicU8 {
    // SAFETY: in the buffer, which lives for ever; `put` writes it in no other way while others read.
    unsafe { AtomicU8::from_ptr(BUFFER.0.get().cast::<u8>()) }
}

/// Waits without the GIL, which the thread that writes may need.
fn lock(_: Attached<'_>) -> MutexGuard<'static, ()> {
    match WRITING.try_lock() {
        Ok(guard) => return guard,
        Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => {}
    }
    // SAFETY: the thread state is attached, as the parameter shows.
    let thread = unsafe { ffi::PyEval_SaveThread() };
    let guard = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: the thread state that was just detached.
    unsafe { ffi::PyEval_RestoreThread(thread) };
    guard
}
