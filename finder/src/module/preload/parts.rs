//! Names of packages and extensions, as text in, as objects out; and what is known of the package.

use super::unchanged::Package;
use crate::object::{Attached, Owned, Result};

/// Names of packages, and extensions' last components: a batch has few of them again and again, and a
/// string of Python's is made, hashed and interned once.
///
/// Each has one place, by its hash, and takes it from whoever was there: nothing grows or is allocated where
/// every extension has a package of its own, and nothing is lost where they come sorted.
pub struct Parts<'a> {
    at: Attached<'a>,
    packages: Vec<Option<Part<'a>>>,
    attributes: Vec<Option<(&'static str, Owned<'a>)>>,
}

/// A package by its name.
pub struct Part<'a> {
    pub text: &'static str,
    pub name: Owned<'a>,
    /// The package of that name when it was last looked at, if it was one.
    pub package: Option<Package<'a>>,
}

/// A power of two.
const PLACES: usize = 64;

impl<'a> Parts<'a> {
    pub fn new(at: Attached<'a>) -> Parts<'a> {
        let mut parts = Parts { at, packages: Vec::new(), attributes: Vec::new() };
        parts.packages.resize_with(PLACES, || None);
        parts.attributes.resize_with(PLACES, || None);
        parts
    }

    /// A package by its name, which [`Parts::put`] takes back.
    pub fn take(&mut self, text: &'static str) -> Result<Part<'a>> {
        match self.packages.get_mut(place(text)).and_then(Option::take) {
            Some(part) if part.text == text => Ok(part),
            _ => Ok(Part { text, name: self.at.str(text)?, package: None }),
        }
    }

    pub fn put(&mut self, part: Part<'a>) {
        if let Some(place) = self.packages.get_mut(place(part.text)) {
            *place = Some(part);
        }
    }

    /// The name of an attribute: such are interned, or CPython does it each time.
    pub fn attribute(&mut self, text: &'static str) -> Result<Owned<'a>> {
        let (at, kept) = (self.at, self.attributes.get_mut(place(text)));
        match kept {
            Some(Some((known, object))) if *known == text => Ok(at.prolong(object.borrow().own())),
            kept => {
                let object = at.interned_str(text)?;
                if let Some(kept) = kept {
                    *kept = Some((text, at.prolong(object.borrow().own())));
                }
                Ok(object)
            }
        }
    }
}

/// By the hash of records, whose upper bits are the better ones.
fn place(text: &str) -> usize {
    (linktab::hash::hash(text.as_bytes()) >> (64 - PLACES.trailing_zeros())) as usize
}
