//! Tables of functions as CPython takes them, and the results of such functions.
//!
//! A function in a table turns pointers into references, calls Rust, and turns the result back.
//!
//! Invariant: CPython calls it with an attached thread state, live arguments, and, as `self`, an instance
//! of the type or the module whose table names it, or what the function was made with.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_int};
use core::ptr;

use pyo3_ffi as ffi;
use pyo3_ffi::PyObject;

use super::reference::{Attached, Borrowed, Owned, Result};

/// A table that CPython takes by mutable pointer: it writes to a definition only, and under its own
/// locks.
#[repr(transparent)]
pub struct Table<T>(pub UnsafeCell<T>);

// SAFETY: Rust code never touches a table after it is made.
unsafe impl<T> Sync for Table<T> {}

impl<T> Table<T> {
    pub const fn new(value: T) -> Table<T> {
        Table(UnsafeCell::new(value))
    }
}

/// The result as C has it: null stands for a raised exception.
pub fn give(result: Result<Owned<'_>>) -> *mut PyObject {
    result.map_or(ptr::null_mut(), Owned::into_pointer)
}

/// A function of a module's kind, with the object that it gets as `self`.
pub fn function<'a>(
    at: Attached<'a>,
    definition: &'static Table<ffi::PyMethodDef>,
    this: Option<Borrowed<'_>>,
) -> Result<Owned<'a>> {
    let this = this.map_or(ptr::null_mut(), Borrowed::as_pointer);
    // SAFETY: a static method definition; null, or a live object.
    let function = unsafe { ffi::PyCFunction_NewEx(definition.0.get(), this, ptr::null_mut()) };
    // SAFETY: a new reference, or an exception.
    unsafe { at.own(function) }
}

/// A method of a table.
pub const fn entry(
    name: &'static CStr,
    function: ffi::PyCFunction,
    flags: c_int,
    doc: &'static CStr,
) -> ffi::PyMethodDef {
    let ml_meth = ffi::PyMethodDefPointer { PyCFunction: function };
    ffi::PyMethodDef { ml_name: name.as_ptr(), ml_meth, ml_flags: flags, ml_doc: doc.as_ptr() }
}
