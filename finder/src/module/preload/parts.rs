//! Names of packages and extensions, as text in, as objects out; and what is known of the package.

use super::unchanged::Package;
use crate::object::{Attached, Borrowed, Owned, Result};

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

    /// The place of a package by its name, with which a longer one begins. It holds that package until another
    /// one is asked for.
    pub fn package(&mut self, text: &'static str, whole: Borrowed<'_>) -> Result<usize> {
        let place = place(text);
        match &mut self.packages[place] {
            Some(part) if part.text == text => {}
            other => *other = Some(Part { text, name: self.at.beginning(whole, text)?, package: None }),
        }
        Ok(place)
    }

    /// What [`Parts::package`] put at a place.
    pub fn part(&self, place: usize) -> Option<&Part<'a>> {
        self.packages.get(place)?.as_ref()
    }

    pub fn part_mut(&mut self, place: usize) -> Option<&mut Part<'a>> {
        self.packages.get_mut(place)?.as_mut()
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

/// By the last eight bytes and the length, which tell more than the beginning does, and take less than a hash of all.
fn place(text: &str) -> usize {
    let last = match text.as_bytes().last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => text.bytes().fold(0, |last, byte| last << 8 | u64::from(byte)),
    };
    // 2⁶⁴ over the golden ratio: the upper bits of the product depend on all below.
    ((last ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACES.trailing_zeros()))
        as usize
}
