//! Struct sequences: tuples whose items have names, as `sys.version_info` is one.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use pyo3_ffi as ffi;

use crate::object::{Attached, Borrowed, Owned, Result};

/// The fields of a struct sequence, by name.
pub struct Shape<const N: usize> {
    pub name: &'static CStr,
    pub doc: &'static CStr,
    pub fields: [(&'static CStr, &'static CStr); N],
}

/// Makes a struct sequence type: a tuple whose items have names.
pub fn new_type<'a, const N: usize>(at: Attached<'a>, shape: &'static Shape<N>) -> Result<Owned<'a>> {
    let end = ffi::PyStructSequence_Field { name: ptr::null::<c_char>(), doc: ptr::null() };
    let mut fields: Vec<_> = shape
        .fields
        .iter()
        .map(|(name, doc)| ffi::PyStructSequence_Field { name: name.as_ptr(), doc: doc.as_ptr() })
        .collect();
    fields.push(end);
    let mut description = ffi::PyStructSequence_Desc {
        name: shape.name.as_ptr(),
        doc: shape.doc.as_ptr(),
        fields: fields.as_mut_ptr(),
        n_in_sequence: N as c_int,
    };
    // SAFETY: `at`; CPython copies the description but keeps its strings, which are static.
    let class = unsafe { ffi::PyStructSequence_NewType(&raw mut description) };
    // SAFETY: a new reference, or an exception.
    unsafe { at.own(class.cast()) }
}

/// One struct sequence of a type that [`new_type`] made for as many fields.
pub fn new<'a, const N: usize>(class: Borrowed<'a>, fields: [Owned<'_>; N]) -> Result<Owned<'a>> {
    // SAFETY: a live struct sequence type.
    let object = unsafe { ffi::PyStructSequence_New(class.as_pointer().cast()) };
    // SAFETY: a new reference, or an exception.
    let object = unsafe { class.attached().own(object) }?;
    for (index, field) in fields.into_iter().enumerate() {
        let pointer = object.borrow().as_pointer();
        // SAFETY: a new struct sequence of `N` fields, which takes the reference over.
        unsafe { ffi::PyStructSequence_SetItem(pointer, index as ffi::Py_ssize_t, field.into_pointer()) };
    }
    Ok(object)
}
