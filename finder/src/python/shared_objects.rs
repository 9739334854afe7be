//! What this process has loaded from the archive behind the executable: the path of a shared object there in,
//! the name under which the dynamic linker has it out; and `dlopen` and a copy, for the archive's own Python code.
//!
//! All interpreters of a process share its dynamic linker, and so what is kept here. How a file without a
//! place in the file system is given a name is `pack_shared.py`'s affair; what an extension is, CPython's.

use core::ffi::{CStr, c_int};
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};
use std::collections::BTreeMap;
use std::fs::File;
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::sync::{Mutex, PoisonError};

use pyo3_ffi as ffi;
use pyo3_ffi::PyObject;

use super::{archive, attachment};
use crate::object::table::{Table, entry, give};
use crate::object::{Attached, Borrowed, Kind, Owned, Raised, Result};

/// Names by path. An entry is never changed: the linker keeps what it has loaded.
static LOADED: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
/// How many names were given so far.
static NAMES: AtomicU32 = AtomicU32::new(0);

static FUNCTIONS: [Table<ffi::PyMethodDef>; 4] = [
    Table::new(entry(c"number", number, ffi::METH_NOARGS, c"A number that nobody else in the process has.")),
    Table::new(entry(
        c"loaded",
        loaded,
        ffi::METH_VARARGS,
        c"The name of what was loaded for a path, or None.",
    )),
    Table::new(entry(
        c"copy",
        copy,
        ffi::METH_VARARGS,
        c"Writes an entry of the archive to a file; False if it is compressed.",
    )),
    Table::new(entry(c"dlopen", dlopen, ffi::METH_VARARGS, c"dlopen(3), for the rest of the process.")),
];

/// Gives the module in the archive its functions and lets it install its finder.
pub fn install(at: Attached<'_>) -> Result<()> {
    let module = at.import(c"_linktab_shared")?;
    let [number, loaded, copy, dlopen] = FUNCTIONS.each_ref().map(|definition| function(at, definition));
    let (number, loaded, copy, dlopen) = (number?, loaded?, copy?, dlopen?);
    let install = module.borrow().get(c"install")?;
    install.borrow().call(&[number.borrow(), loaded.borrow(), copy.borrow(), dlopen.borrow()]).map(drop)
}

fn function<'a>(at: Attached<'a>, definition: &'static Table<ffi::PyMethodDef>) -> Result<Owned<'a>> {
    // SAFETY: a definition that lives as long as the process, without a `self` and a module.
    let function = unsafe { ffi::PyCFunction_NewEx(definition.0.get(), ptr::null_mut(), ptr::null_mut()) };
    // SAFETY: it returns a new reference or raises.
    unsafe { at.own(function) }
}

/// `number()`
unsafe extern "C" fn number(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let at = unsafe { Attached::new() };
    give(at.int(NAMES.fetch_add(1, Ordering::Relaxed)))
}

/// `loaded(path[, name])`: with a name, that it is the path's from now on, unless there was one.
unsafe extern "C" fn loaded(_: *mut PyObject, args: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let at = unsafe { Attached::new() };
    // SAFETY: a live tuple.
    give(name_of(unsafe { at.borrow(args) }))
}

fn name_of(args: Borrowed<'_>) -> Result<Owned<'_>> {
    let at = args.attached();
    let args = args.items()?;
    let text = |index: usize| args.get(index).and_then(|arg| arg.borrow().text());
    let Some(path) = text(0) else { return Err(at.raise(Kind::TypeError, "a path in the archive is a str")) };
    let mut names = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = text(1) {
        names.entry(path.to_owned()).or_insert_with(|| name.to_owned());
    }
    names.get(path).map_or_else(|| Ok(at.none()), |name| at.str(name))
}

/// `copy(descriptor, offset)`: the offset is that of the entry's header. What `zipimport` reads would be copied twice
/// more, and the libraries of one package are a hundred megabytes.
unsafe extern "C" fn copy(_: *mut PyObject, args: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let at = unsafe { Attached::new() };
    let (mut descriptor, mut offset): (c_int, ffi::Py_ssize_t) = (-1, 0);
    // SAFETY: a live tuple, and a place for what each letter of the format stands for (Doc/c-api/arg.rst).
    let parsed = unsafe { ffi::PyArg_ParseTuple(args, c"in".as_ptr(), &raw mut descriptor, &raw mut offset) };
    if parsed == 0 {
        return ptr::null_mut();
    }
    let bytes = attachment::find().map_or(&[][..], |attachment| attachment.bytes);
    let written = archive::stored(bytes, usize::try_from(offset).unwrap_or(usize::MAX)).and_then(|data| {
        let Some(data) = data else { return Ok(false) };
        // SAFETY: the caller has it open, and goes on to have it: it is not closed here.
        let file = ManuallyDrop::new(unsafe { File::from_raw_fd(descriptor) });
        file.write_all_at(data, 0).map(|()| true).map_err(|error| error.to_string())
    });
    give(written.map(|written| at.bool(written)).map_err(|why| at.raise(Kind::OSError, &why)))
}

/// `dlopen(name, flags)`
unsafe extern "C" fn dlopen(_: *mut PyObject, args: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let at = unsafe { Attached::new() };
    let (mut name, mut flags): (*const core::ffi::c_char, c_int) = (ptr::null(), 0);
    // SAFETY: a live tuple, and a place for what each letter of the format stands for (Doc/c-api/arg.rst).
    let parsed = unsafe { ffi::PyArg_ParseTuple(args, c"yi".as_ptr(), &raw mut name, &raw mut flags) };
    if parsed == 0 {
        return ptr::null_mut();
    }
    // SAFETY: the bytes of an argument, terminated, and alive with it. Initialisers of the library run, as
    // they do for CPython's own imports. The handle is not kept, so that nobody can close it.
    if unsafe { libc::dlopen(name, flags) }.is_null() {
        return give(Err(refused(at)));
    }
    at.none().into_pointer()
}

/// Raises what the dynamic linker has to say of its last failure.
fn refused(at: Attached<'_>) -> Raised {
    // SAFETY: asks for a text of this thread's.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return at.raise(Kind::ImportError, "the dynamic linker failed, and does not say why");
    }
    // SAFETY: a terminated string, until this thread's next call to the dynamic linker.
    let text = unsafe { CStr::from_ptr(text) };
    at.raise(Kind::ImportError, &text.to_string_lossy())
}
