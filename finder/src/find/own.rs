//! linktab's own module among the records: how it is told from extensions, what it is called, and found.

use core::ffi::CStr;
use std::ffi::CString;

use linktab::Record;
use pyo3_ffi as ffi;

use crate::object::{Borrowed, Owned, Raised, Result};

/// Name of the module and of its record.
pub const NAME: &str = "linktab";

/// The same for C.
pub const NAME_C: &CStr = c"linktab";

/// The types of the two finders.
pub const EXTENSION_FINDER: &CStr = c"linktab.StaticExtensionFinder";
pub const PACKAGE_FINDER: &CStr = c"linktab.ImpliedPackageFinder";

/// Whether an object is of one of those types: of this table's, or of another.
pub fn is_finder(object: Borrowed<'_>, types: &[&CStr]) -> bool {
    types.iter().any(|name| object.is_of_type_named(name))
}

/// What the module of a process's nth table is called.
pub fn name(number: u32) -> CString {
    if number == 1 { NAME_C.to_owned() } else { CString::new(format!("{NAME}_{number}")).unwrap_or_default() }
}

/// Whether the module of an instance's table has the name of its record: that of a second table has not.
pub fn has_own_name(instance: Borrowed<'_>) -> Result<bool> {
    let module = of(instance)?;
    let name = module.borrow().get(c"__name__")?;
    Ok(name.borrow().text() == Some(NAME))
}

/// Where a second table has another `name` for its module, pickles look for its types there.
pub fn name_home(class: Borrowed<'_>, name: Borrowed<'_>) -> Result<()> {
    if name.text() == Some(NAME) { Ok(()) } else { class.set(c"__module__", name) }
}

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
