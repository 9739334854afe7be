//! What `io.open_code()` opens for the executable with an archive behind it: a file in memory.
//!
//! `zipimport` opens its archive anew for every module, and reads a few hundred bytes of it. On a file
//! system that a thousand ranks share, each of these is a request to one server. Here it is none: the
//! archive was mapped once (`attachment.rs`), and CPython asks a hook for every file that it will run
//! code from (`PyFile_SetOpenCodeHook`, PEP 578). All other files are opened as ever.

use core::ffi::{CStr, c_int, c_uint, c_void};
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::borrow::Cow;

use pyo3_ffi as ffi;
use pyo3_ffi::PyObject;

use super::attachment::{self, Attachment};
use super::{archive, directory};
use crate::object::table::{Table, entry, give};
use crate::object::{Attached, Borrowed, Kind, Owned, Result};

unsafe extern "C" {
    // Include/cpython/fileobject.h, 3.8 and later.
    fn PyFile_SetOpenCodeHook(
        hook: unsafe extern "C" fn(*mut PyObject, *mut c_void) -> *mut PyObject,
        data: *mut c_void,
    ) -> c_int;
}

/// Lets CPython open the executable in memory. To be called before Python is initialised.
pub fn serve() {
    // SAFETY: the function lives as long as the process. A second hook is refused, which needs no answer:
    // the file can also be opened as any other.
    unsafe { PyFile_SetOpenCodeHook(open_code, ptr::null_mut()) };
}

unsafe extern "C" fn open_code(path: *mut PyObject, _: *mut c_void) -> *mut PyObject {
    // SAFETY: CPython calls the hook with an attached thread state.
    let at = unsafe { Attached::new() };
    // SAFETY: a live string, as `PyFile_OpenCodeObject` (Objects/fileobject.c) has checked.
    let path = unsafe { at.borrow(path) };
    give(open(path))
}

fn open(path: Borrowed<'_>) -> Result<Owned<'_>> {
    let at = path.attached();
    if let Some(attachment) = attachment::find()
        && path.text().is_some_and(|path| attachment.path.as_os_str() == path)
    {
        return new(at);
    }
    // What CPython does without a hook.
    let io = at.import(c"_io")?;
    let open = io.borrow().get(c"open")?;
    let file = open.borrow().call(&[path, at.str("rb")?.borrow()])?;
    Ok(at.prolong(file))
}

/// An instance: where it stands in the file, and what of that it shows.
#[repr(C)]
struct CodeFile {
    head: PyObject,
    position: AtomicUsize,
    /// Behind the start of the entry whose header was read last. 0: what is read next is no entry.
    entry: AtomicUsize,
    /// Where a directory begins that is shorter than the archive's (`directory.rs`). 0: nowhere.
    short: AtomicUsize,
}

/// The type is made once for each interpreter.
fn new(at: Attached<'_>) -> Result<Owned<'_>> {
    let class = class(at)?;
    let class = class.borrow().as_pointer().cast::<ffi::PyTypeObject>();
    // SAFETY: a heap type, whose instances are as large as `CodeFile` and valid when all is zero.
    let instance = unsafe { ffi::PyType_GenericAlloc(class, 0) };
    // SAFETY: a new reference, or an exception.
    let instance = unsafe { at.own(instance) }?;
    if let Some(start) = directory::short() {
        // SAFETY: an instance, which nobody else has.
        let file = unsafe { &*instance.borrow().as_pointer().cast::<CodeFile>() };
        file.short.store(start, Ordering::Relaxed);
    }
    Ok(instance)
}

impl CodeFile {
    /// What it shows: a part of the archive, and what comes behind that.
    fn parts(&self, bytes: &'static [u8]) -> [&'static [u8]; 2] {
        match self.short.load(Ordering::Relaxed) {
            0 => [bytes, &[]],
            start => [bytes.get(..start).unwrap_or(bytes), directory::shortened()],
        }
    }

    /// So many bytes from its position on, as far as there are.
    fn take(&self, bytes: &'static [u8], size: Option<usize>) -> (usize, Cow<'static, [u8]>) {
        let [first, second] = self.parts(bytes);
        let start = self.position.load(Ordering::Relaxed).min(first.len() + second.len());
        let end = size.map_or(usize::MAX, |size| start.saturating_add(size));
        let [of_first, of_second] = [(first, 0), (second, first.len())].map(|(part, begins)| {
            let [from, to] = [start, end].map(|at| at.saturating_sub(begins).min(part.len()));
            &part[from..to]
        });
        let part = match (of_first, of_second) {
            (part, []) | ([], part) => Cow::Borrowed(part),
            _ => Cow::Owned([of_first, of_second].concat()),
        };
        self.position.store(start + part.len(), Ordering::Relaxed);
        (start, part)
    }
}

fn class(at: Attached<'_>) -> Result<Owned<'_>> {
    const KEY: &CStr = c"linktab.CodeFile";
    // SAFETY: `at`.
    let interpreter = unsafe { ffi::PyInterpreterState_Get() };
    // SAFETY: a live interpreter. Its dictionary is null only where there is no memory to make it.
    let interpreter = unsafe { ffi::PyInterpreterState_GetDict(interpreter) };
    if interpreter.is_null() {
        return Err(at.raise(Kind::ImportError, "no memory for the interpreter's dictionary"));
    }
    // SAFETY: not null, and alive with the interpreter.
    let interpreter = unsafe { at.borrow(interpreter) };
    match interpreter.item(KEY) {
        Ok(class) => Ok(at.prolong(class)),
        Err(raised) => {
            raised.clear(at);
            let class = new_class(at)?;
            interpreter.set_item(KEY, class.borrow())?;
            Ok(class)
        }
    }
}

fn new_class(at: Attached<'_>) -> Result<Owned<'_>> {
    let slot = |slot, pfunc: *mut c_void| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(ffi::Py_tp_methods, METHODS.0.get().cast()),
        slot(ffi::Py_tp_dealloc, dealloc as ffi::destructor as *mut c_void),
        slot(0, ptr::null_mut()),
    ];
    let mut spec = ffi::PyType_Spec {
        name: c"linktab.CodeFile".as_ptr(),
        basicsize: size_of::<CodeFile>() as c_int,
        itemsize: 0,
        flags: ffi::Py_TPFLAGS_DEFAULT as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: CPython copies what the specification holds, but for strings and tables, which are static.
    let class = unsafe { ffi::PyType_FromSpec(&raw mut spec) };
    // SAFETY: a new reference, or an exception.
    unsafe { at.own(class) }
}

unsafe extern "C" fn dealloc(this: *mut PyObject) {
    // SAFETY: CPython gives up the last reference to an instance.
    let class = unsafe { ffi::Py_TYPE(this) };
    // SAFETY: `PyType_GenericAlloc` allocated it, without the garbage collector.
    unsafe { ffi::PyObject_Free(this.cast()) };
    // SAFETY: an instance of a heap type owns a reference to the type.
    unsafe { ffi::Py_DECREF(class.cast()) };
}

/// The instance and the file.
///
/// # Safety
///
/// CPython calls a method of the type, with an instance.
unsafe fn opened<'a>(this: *mut PyObject) -> (Attached<'a>, &'a CodeFile, &'static [u8]) {
    // SAFETY: the caller's promise.
    let at = unsafe { Attached::new() };
    // SAFETY: as above.
    let file = unsafe { &*this.cast::<CodeFile>() };
    (at, file, attachment::find().map_or(&[], |Attachment { bytes, .. }| bytes))
}

/// `read(size=-1, /)`
unsafe extern "C" fn read(
    this: *mut PyObject,
    args: *mut *mut PyObject,
    count: ffi::Py_ssize_t,
) -> *mut PyObject {
    // SAFETY: a method of the type.
    let (at, file, bytes) = unsafe { opened(this) };
    // SAFETY: the arguments of the call.
    let Some(size) = (unsafe { number(at, args, count, 0, -1) }) else { return ptr::null_mut() };
    let (start, part) = file.take(bytes, usize::try_from(size).ok());
    // zipimport reads an entry's header, and then its bytes, which it does not check.
    let header = file.entry.swap(0, Ordering::Relaxed).checked_sub(1);
    if archive::is_entry(&part) {
        file.entry.store(start + 1, Ordering::Relaxed);
    } else if let Some(damage) =
        header.and_then(|header| archive::damage(bytes, header, start..start + part.len()))
    {
        return refuse(at, &damage);
    }
    // SAFETY: copies a slice.
    unsafe { ffi::PyBytes_FromStringAndSize(part.as_ptr().cast(), part.len() as ffi::Py_ssize_t) }
}

/// `seek(offset, whence=0, /)`
unsafe extern "C" fn seek(
    this: *mut PyObject,
    args: *mut *mut PyObject,
    count: ffi::Py_ssize_t,
) -> *mut PyObject {
    // SAFETY: a method of the type.
    let (at, file, bytes) = unsafe { opened(this) };
    let position = &file.position;
    // SAFETY: the arguments of the call.
    let Some(offset) = (unsafe { number(at, args, count, 0, 0) }) else { return ptr::null_mut() };
    // SAFETY: as above.
    let Some(whence) = (unsafe { number(at, args, count, 1, 0) }) else { return ptr::null_mut() };
    let from = match whence {
        0 => 0,
        1 => position.load(Ordering::Relaxed),
        2 => file.parts(bytes).iter().map(|part| part.len()).sum(),
        _ => return refuse(at, "whence must be 0, 1 or 2"),
    };
    let Some(to) = from.checked_add_signed(offset) else {
        return refuse(at, "a position before the beginning of the file");
    };
    position.store(to, Ordering::Relaxed);
    // SAFETY: `at`.
    unsafe { ffi::PyLong_FromSize_t(to) }
}

/// `tell()`
unsafe extern "C" fn tell(this: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: a method of the type.
    let (_, file, _) = unsafe { opened(this) };
    // SAFETY: as above.
    unsafe { ffi::PyLong_FromSize_t(file.position.load(Ordering::Relaxed)) }
}

/// `__enter__()`
unsafe extern "C" fn enter(this: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live instance.
    unsafe { ffi::Py_INCREF(this) };
    this
}

/// `close()`, and `__exit__(*exception)`: there is nothing to close.
unsafe extern "C" fn close(this: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: a method of the type.
    let (at, ..) = unsafe { opened(this) };
    at.none().into_pointer()
}

/// Argument `index`, or its default; an exception where there is none.
///
/// # Safety
///
/// `args` leads to `count` live objects.
unsafe fn number(
    at: Attached<'_>,
    args: *const *mut PyObject,
    count: ffi::Py_ssize_t,
    index: usize,
    default: isize,
) -> Option<isize> {
    // SAFETY: the caller's promise.
    let args = unsafe { at.borrow_slice(args, count as usize) };
    let Some(value) = args.get(index).filter(|value| !value.is_none()) else { return Some(default) };
    // SAFETY: a live object.
    let number = unsafe { ffi::PyLong_AsSsize_t(value.as_pointer()) };
    if number == -1 && at.occurred() { None } else { Some(number) }
}

fn refuse(at: Attached<'_>, message: &str) -> *mut PyObject {
    // The exception is set; null says so.
    let _ = at.raise(Kind::OSError, message);
    ptr::null_mut()
}

static METHODS: Table<[ffi::PyMethodDef; 7]> = Table::new([
    fast(c"read", read),
    fast(c"seek", seek),
    entry(c"tell", tell, ffi::METH_NOARGS, c""),
    entry(c"close", close, ffi::METH_NOARGS, c""),
    entry(c"__enter__", enter, ffi::METH_NOARGS, c""),
    entry(c"__exit__", close, ffi::METH_VARARGS, c""),
    ffi::PyMethodDef::zeroed(),
]);

const fn fast(name: &'static CStr, function: ffi::PyCFunctionFast) -> ffi::PyMethodDef {
    let ml_meth = ffi::PyMethodDefPointer { PyCFunctionFast: function };
    ffi::PyMethodDef { ml_name: name.as_ptr(), ml_meth, ml_flags: ffi::METH_FASTCALL, ml_doc: c"".as_ptr() }
}
