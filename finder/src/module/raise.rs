//! A function that raises its argument, for the finder alone: `_call_with_frames_removed` calls it.

use core::ptr;

use pyo3_ffi as ffi;
use pyo3_ffi::PyObject;

use crate::object::table::{Table, entry, function};
use crate::object::{Attached, Owned, Result};

unsafe extern "C" fn raise(_: *mut PyObject, exception: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let at = unsafe { Attached::new() };
    // SAFETY: a live argument, of which a new reference is made.
    at.restore_exception(unsafe { at.borrow(exception) }.own());
    ptr::null_mut()
}

static RAISE: Table<ffi::PyMethodDef> = Table::new(entry(c"raise_again", raise, ffi::METH_O, c""));

/// Makes the function.
pub fn new(at: Attached<'_>) -> Result<Owned<'_>> {
    function(at, &RAISE, None)
}
