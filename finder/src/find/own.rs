//! linktab's own module among the records: how it is told from extensions, and found.

use core::ffi::CStr;

use linktab::Record;
use pyo3_ffi as ffi;

use crate::object::{Borrowed, Owned, Raised, Result};

/// Name of the module and of its record.
pub const NAME: &str = "linktab";

/// The same for C.
pub const NAME_C: &CStr = c"linktab";

/// Whether a record is the module's own.
pub fn is(record: &Record) -> bool {
    record.name() == NAME
}

/// The module that an instance's type was made for.
pub fn of(instance: Borrowed<'_>) -> Result<Owned<'_>> {
    // SAFETY: a live object.
    let class = unsafe { ffi::Py_TYPE(instance.as_pointer()) };
    // SAFETY: a live type, which keeps its module alive.
    let module = unsafe { ffi::PyType_GetModule(class) };
    if module.is_null() {
        return Err(Raised::already(instance.attached()));
    }
    // SAFETY: not null, and the type of `instance` keeps it alive.
    Ok(unsafe { instance.attached().borrow(module) }.own())
}
