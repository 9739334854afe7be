//! `linktab.Explanation`: a string that begins as CPython's own message does, and says the rest when
//! somebody reads it.
//!
//! Programs ask for optional modules by importing them, and most never look at the exception: the
//! search for names that were meant would be the dearest part of such an import, with some thousand
//! extensions the dearest by far. So the argument of a `ModuleNotFoundError` is a string of this type.
//! Its characters are those of CPython's message, for whoever compares; `str()` of it, which `str()` of
//! the exception and a traceback ask for, is the whole text.

use core::ffi::{c_int, c_uint, c_void};
use core::ptr;

use linktab::Registry;
use pyo3_ffi as ffi;
use pyo3_ffi::PyObject;

use super::explanation;
use super::query::Query;
use crate::object::table::{Table, entry, give};
use crate::object::{Attached, Borrowed, Kind, Owned, Result};

/// Where a string holds what it is about: the missing name, the wanted one, the folders that were searched, or
/// `None`, and the home of the finder that was not asked, or `None`.
const ABOUT: &core::ffi::CStr = c"about";

/// Makes the type.
pub fn new_type(at: Attached<'_>) -> Result<Owned<'_>> {
    let base = &raw mut ffi::PyUnicode_Type;
    // SAFETY: a static type, whose size never changes.
    let size = unsafe { (*base).tp_basicsize };
    // CPython copies members, and leaves it to `dealloc` to clear them: it does so by itself for types that
    // take part in garbage collection (Objects/typeobject.c, `subtype_dealloc`).
    let mut members = [
        ffi::PyMemberDef {
            name: ABOUT.as_ptr(),
            type_code: ffi::Py_T_OBJECT_EX,
            offset: size,
            flags: 0,
            doc: ptr::null(),
        },
        ffi::PyMemberDef::default(),
    ];
    let slot = |slot, pfunc: *mut c_void| ffi::PyType_Slot { slot, pfunc };
    let doc = c"The message of a failing import: str() of it looks for what may have been meant.";
    let mut slots = [
        slot(ffi::Py_tp_doc, doc.as_ptr().cast_mut().cast()),
        slot(ffi::Py_tp_base, base.cast()),
        slot(ffi::Py_tp_str, explain as ffi::reprfunc as *mut c_void),
        slot(ffi::Py_tp_dealloc, dealloc as ffi::destructor as *mut c_void),
        slot(ffi::Py_tp_methods, METHODS.0.get().cast()),
        slot(ffi::Py_tp_members, members.as_mut_ptr().cast()),
        slot(0, ptr::null_mut()),
    ];
    let mut spec = ffi::PyType_Spec {
        name: c"linktab.Explanation".as_ptr(),
        basicsize: size as c_int + size_of::<*mut PyObject>() as c_int,
        itemsize: 0,
        flags: ffi::Py_TPFLAGS_DEFAULT as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: `at`; CPython copies what the specification holds, except for strings and the methods,
    // which are static.
    let class = unsafe { ffi::PyType_FromSpec(&raw mut spec) };
    // SAFETY: a new reference, or an exception.
    unsafe { at.own(class) }
}

/// The message that the query's name was not found, which is `wanted`, or a package around it. `home` is
/// `None`, or the module whose finder has it and was not asked.
pub fn new<'a>(class: Borrowed<'a>, query: Query<'_>, wanted: &str, home: Borrowed<'_>) -> Result<Owned<'a>> {
    let at = class.attached();
    let name = query.name;
    let begin = at.str(&explanation::beginning(name.text().unwrap_or_default()))?;
    let other = if name.text() == Some(wanted) { None } else { Some(at.str(wanted)?) };
    let wanted = other.as_ref().map_or(name, Owned::borrow);
    let about = at.tuple(&[name, wanted, query.path, home])?;
    // Not `class(begin)`: `type.__call__` looks for an `__init__` first, and finds `object`'s.
    let base = &raw const ffi::PyUnicode_Type;
    // SAFETY: a static type, whose slots never change.
    let new = unsafe { (*base).tp_new };
    let Some(new) = new else { return Err(at.raise(Kind::SystemError, "str cannot be made")) };
    let arguments = at.tuple(&[begin.borrow()])?;
    let class = class.as_pointer().cast::<ffi::PyTypeObject>();
    // SAFETY: a subclass of `str` and a tuple.
    let message = unsafe { new(class, arguments.borrow().as_pointer(), ptr::null_mut()) };
    // SAFETY: a new reference, or an exception.
    let message = unsafe { at.own(message) }?;
    // SAFETY: a new instance of the type.
    let place = unsafe { place_of_about(message.borrow().as_pointer()) };
    // SAFETY: the member is still null, and takes over the reference. Nobody else knows the instance yet.
    unsafe { place.write(about.into_pointer()) };
    Ok(message)
}

/// Where an instance has its member: it is larger than a `str` by that.
///
/// # Safety
///
/// `this` is an instance of the type.
unsafe fn place_of_about(this: *mut PyObject) -> *mut *mut PyObject {
    // SAFETY: a static type, whose size never changes.
    let size = unsafe { ffi::PyUnicode_Type.tp_basicsize };
    // SAFETY: the caller's promise.
    unsafe { this.byte_add(size as usize) }.cast()
}

unsafe extern "C" fn dealloc(this: *mut PyObject) {
    // SAFETY: CPython deallocates an instance of the type.
    let class = unsafe { ffi::Py_TYPE(this) };
    // SAFETY: as above.
    let place = unsafe { place_of_about(this) };
    // SAFETY: the place of a pointer: null, or a reference of the instance's own.
    let about = unsafe { place.read() };
    // SAFETY: as above.
    unsafe { ffi::Py_XDECREF(about) };
    // SAFETY: a static type, whose slots never change.
    if let Some(dealloc) = unsafe { ffi::PyUnicode_Type.tp_dealloc } {
        // SAFETY: a string, which it frees as its type does.
        unsafe { dealloc(this) };
    }
    // SAFETY: the instance's reference to its type (3.9, "Porting to Python 3.9").
    unsafe { ffi::Py_DECREF(class.cast()) };
}

unsafe extern "C" fn explain(this: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let at = unsafe { Attached::new() };
    // SAFETY: a live argument.
    give(whole(unsafe { at.borrow(this) }))
}

/// A plain string, for pickles: who reads them may have no linktab.
unsafe extern "C" fn reduce(this: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let at = unsafe { Attached::new() };
    // SAFETY: a live argument.
    give(plain(unsafe { at.borrow(this) }))
}

static METHODS: Table<[ffi::PyMethodDef; 2]> =
    Table::new([entry(c"__reduce__", reduce, ffi::METH_NOARGS, c""), ffi::PyMethodDef::zeroed()]);

fn plain(message: Borrowed<'_>) -> Result<Owned<'_>> {
    let at = message.attached();
    let whole = whole(message)?;
    let class = (&raw mut ffi::PyUnicode_Type).cast();
    // SAFETY: a static type.
    let class = unsafe { at.borrow(class) };
    at.tuple(&[class, at.tuple(&[whole.borrow()])?.borrow()])
}

fn whole(message: Borrowed<'_>) -> Result<Owned<'_>> {
    let at = message.attached();
    let begin = message.text().unwrap_or_default();
    let registry = match Registry::global() {
        Ok(registry) => registry,
        Err(error) => return Err(at.raise(Kind::ImportError, &error.to_string())),
    };
    let about = match message.get(ABOUT) {
        Ok(about) => about,
        // Somebody made one by hand, or took the attribute away.
        Err(raised) => {
            raised.clear(at);
            return at.str(begin);
        }
    };
    let about = about.borrow().items()?;
    let [name, wanted, folders, home] = about.as_slice() else { return at.str(begin) };
    let [Some(name), Some(wanted)] = [name, wanted].map(|text| text.borrow().text()) else {
        return at.str(begin);
    };
    if let Some(home) = home.borrow().text() {
        return at.str(&explanation::of_unasked(name, wanted, home, registry));
    }
    let folders = texts(folders.borrow())?;
    at.str(&explanation::of_missing(name, wanted, folders.as_deref(), registry))
}

/// The strings of a sequence; nothing for `None`.
fn texts(sequence: Borrowed<'_>) -> Result<Option<Vec<String>>> {
    if sequence.is_none() {
        return Ok(None);
    }
    let items = sequence.items()?;
    Ok(Some(items.iter().filter_map(|item| item.borrow().text().map(str::to_owned)).collect()))
}
