//! What CPython calls: the functions, tables and types of the module `linktab`, as C wants them.
//!
//! Each function here turns pointers into references, calls the function of the same purpose in
//! `finder.rs`, `implied.rs` or `linktab_module.rs`, and turns the result back. No decisions here.
//!
//! Invariant: CPython calls these with an attached thread state, live arguments, and, as `self`, an
//! instance of the type or the module whose table names the function; both have a
//! [`State`](crate::state::State).

#[path = "../python/code_file.rs"]
pub mod code_file;
#[path = "../module/definition.rs"]
pub mod definition;
#[path = "../module/finder_types.rs"]
pub mod finders;
#[path = "../find/message.rs"]
pub mod message;
#[path = "../module/structs.rs"]
pub mod structs;

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_int};
use core::ptr;

use pyo3_ffi as ffi;
use pyo3_ffi::PyObject;

use crate::object::{Owned, Result};

/// A table that CPython takes by mutable pointer: it writes to a definition only, and under its own
/// locks.
#[repr(transparent)]
struct Table<T>(UnsafeCell<T>);

// SAFETY: Rust code never touches a table after it is made.
unsafe impl<T> Sync for Table<T> {}

impl<T> Table<T> {
    const fn new(value: T) -> Table<T> {
        Table(UnsafeCell::new(value))
    }
}

/// The result as C has it: null stands for a raised exception.
fn give(result: Result<Owned<'_>>) -> *mut PyObject {
    result.map_or(ptr::null_mut(), Owned::into_pointer)
}

const fn entry(
    name: &'static CStr,
    function: ffi::PyCFunction,
    flags: c_int,
    doc: &'static CStr,
) -> ffi::PyMethodDef {
    let ml_meth = ffi::PyMethodDefPointer { PyCFunction: function };
    ffi::PyMethodDef { ml_name: name.as_ptr(), ml_meth, ml_flags: flags, ml_doc: doc.as_ptr() }
}
