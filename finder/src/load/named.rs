//! What stands for a spec where CPython wants nothing of it but a name.
//!
//! `PyModule_FromDefAndSpec2` (Objects/moduleobject.c, 3.9 to 3.14) asks the spec for its `name`, and hands it
//! to the definition's create slot, if there is one. It asks by a name in C, of which CPython makes a string
//! that no cache of attributes knows, so that it goes through all the classes of the spec: 1,000 instructions, an eighth
//! of what a module takes. `PyObject_GetAttrString` leaves that to a type that answers names in C by itself
//! (`tp_getattr`): this one.

use core::ffi::{CStr, c_char};
use core::{mem, ptr};

use pyo3_ffi as ffi;

use crate::object::table::Table;
use crate::object::{Attached, Borrowed};

/// An instance, on the stack of whoever makes a module.
#[repr(C)]
pub struct Named {
    head: ffi::PyObject,
    /// Invariant: both are alive as long as this.
    name: *mut ffi::PyObject,
    spec: *mut ffi::PyObject,
}

/// Never made ready, and in no dictionary: nobody sees it but `PyObject_GetAttrString`.
static TYPE: Table<ffi::PyTypeObject> = Table::new({
    // SAFETY: numbers, and pointers that may be null.
    let mut class: ffi::PyTypeObject = unsafe { mem::zeroed() };
    class.tp_name = c"linktab.Named".as_ptr();
    class.tp_basicsize = size_of::<Named>() as ffi::Py_ssize_t;
    class.tp_getattr = Some(attribute);
    class
});

impl Named {
    pub fn new(name: Borrowed<'_>, spec: Borrowed<'_>) -> Named {
        let mut head = ffi::PyObject_HEAD_INIT;
        head.ob_type = TYPE.0.get();
        Named { head, name: name.as_pointer(), spec: spec.as_pointer() }
    }

    /// As an object, for a function that keeps no reference.
    pub fn as_pointer(&mut self) -> *mut ffi::PyObject {
        ptr::from_mut(self).cast()
    }
}

/// Whatever else is asked, now or by a later version, is the spec's to answer.
unsafe extern "C" fn attribute(this: *mut ffi::PyObject, wanted: *mut c_char) -> *mut ffi::PyObject {
    // SAFETY: an instance, of the type that leads here.
    let this = unsafe { &*this.cast::<Named>() };
    // SAFETY: a terminated string, by the protocol of `tp_getattr`.
    if unsafe { CStr::from_ptr(wanted) } != c"name" {
        // SAFETY: the invariant of `Named`; as above.
        return unsafe { ffi::PyObject_GetAttrString(this.spec, wanted) };
    }
    // SAFETY: CPython calls this with an attached thread state.
    let at = unsafe { Attached::new() };
    // SAFETY: the invariant of `Named`.
    unsafe { at.borrow(this.name) }.own().into_pointer()
}
