//! Specs by pattern: what `ModuleSpec.__init__` sets, read from one spec that it made, and set on others.
//!
//! The class is Python code, and calling it a third of a batch's cost. Which attributes there are
//! differs between versions of CPython, so none is named here: whatever the pattern has, its copies
//! have, in the same order. A pattern with a value that may not be shared is none.

use core::ptr;

use pyo3_ffi as ffi;

use crate::object::{Borrowed, Owned, Raised, Result};

pub struct Pattern<'a> {
    class: Borrowed<'a>,
    no_arguments: Owned<'a>,
    attributes: Vec<(Owned<'a>, Value<'a>)>,
}

enum Value<'a> {
    /// The name of the module.
    Name,
    /// A new list.
    List,
    /// A value that never changes, or the finder.
    Shared(Owned<'a>),
}

impl<'a> Pattern<'a> {
    /// Reads a spec of `class` that was made for `name` by `finder`.
    pub fn of(
        class: Borrowed<'a>,
        spec: Borrowed<'_>,
        name: Borrowed<'_>,
        finder: Borrowed<'_>,
    ) -> Result<Option<Pattern<'a>>> {
        let at = class.attached();
        let namespace = spec.get(c"__dict__")?;
        let keys = namespace.borrow().to_tuple()?;
        let mut attributes = Vec::new();
        for key in keys.borrow().items()? {
            let value = namespace.borrow().required(key.borrow())?;
            let value = value.borrow();
            let value = if value.is(name) {
                Value::Name
            } else if value.is_empty_list() {
                Value::List
            } else if value.is(finder) || value.is_none() || value.is_plain_text() || value.is_bool() {
                Value::Shared(at.prolong(value.own()))
            } else {
                return Ok(None);
            };
            attributes.push((at.prolong(key), value));
        }
        Ok(Some(Pattern { class, no_arguments: at.tuple(&[])?, attributes }))
    }

    /// Whether specs list the submodules that are being imported, as they do since 3.11.
    pub fn tells_what_is_under_way(&self) -> bool {
        let is = |key: &Owned<'_>| key.borrow().text() == Some("_uninitialized_submodules");
        self.attributes.iter().any(|(key, _)| is(key))
    }

    /// A spec of another name.
    pub fn copy(&self, name: Borrowed<'_>) -> Result<Owned<'a>> {
        let at = self.class.attached();
        // SAFETY: a static type, whose slot never changes.
        let Some(new) = (unsafe { ffi::PyBaseObject_Type.tp_new }) else { return Err(Raised::already(at)) };
        let (class, arguments) = (self.class.as_pointer().cast(), self.no_arguments.borrow().as_pointer());
        // SAFETY: `object.__new__(class)`, with a live class and an empty tuple.
        let spec = unsafe { new(class, arguments, ptr::null_mut()) };
        // SAFETY: a new reference, or an exception.
        let spec = unsafe { at.own(spec) }?;
        for (key, value) in &self.attributes {
            match value {
                Value::Name => spec.borrow().set_attribute(key.borrow(), name)?,
                Value::List => spec.borrow().set_attribute(key.borrow(), at.list()?.borrow())?,
                Value::Shared(value) => spec.borrow().set_attribute(key.borrow(), value.borrow())?,
            }
        }
        Ok(spec)
    }
}
