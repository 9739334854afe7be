//! The names that importlib's steps read and write, and those of packages and extensions, as objects.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use crate::object::{Attached, Owned, Result};

/// Names that importlib reads and writes, interned once per batch.
pub struct Words<'a> {
    pub modules: Owned<'a>,
    pub meta_path: Owned<'a>,
    pub dunder_name: Owned<'a>,
    pub dunder_loader: Owned<'a>,
    pub dunder_package: Owned<'a>,
    pub dunder_path: Owned<'a>,
    pub dunder_spec: Owned<'a>,
    pub initializing: Owned<'a>,
    pub uninitialized_submodules: Owned<'a>,
}

impl<'a> Words<'a> {
    pub fn new(at: Attached<'a>) -> Result<Words<'a>> {
        Ok(Words {
            modules: at.interned(c"modules")?,
            meta_path: at.interned(c"meta_path")?,
            dunder_name: at.interned(c"__name__")?,
            dunder_loader: at.interned(c"__loader__")?,
            dunder_package: at.interned(c"__package__")?,
            dunder_path: at.interned(c"__path__")?,
            dunder_spec: at.interned(c"__spec__")?,
            initializing: at.interned(c"_initializing")?,
            uninitialized_submodules: at.interned(c"_uninitialized_submodules")?,
        })
    }
}

/// Names of packages, and extensions' last components: a batch has few of them again and again, and a
/// string of Python's is made, hashed and interned once.
pub struct Parts<'a> {
    at: Attached<'a>,
    parts: HashMap<&'static str, Part<'a>, BuildHasherDefault<RecordHasher>>,
}

/// One of them.
pub struct Part<'a> {
    pub object: Owned<'a>,
    /// The spec of the package of that name when it was last looked at, and its list of submodules
    /// under way.
    pub under_way: Option<(Owned<'a>, Owned<'a>)>,
}

impl<'a> Parts<'a> {
    pub fn new(at: Attached<'a>) -> Parts<'a> {
        Parts { at, parts: HashMap::default() }
    }

    /// The name of a package.
    pub fn package(&mut self, text: &'static str) -> Result<&mut Part<'a>> {
        self.part(text, Attached::str)
    }

    /// The name of an attribute: such are interned, or CPython does it each time.
    pub fn attribute(&mut self, text: &'static str) -> Result<&mut Part<'a>> {
        self.part(text, Attached::interned_str)
    }

    fn part(
        &mut self,
        text: &'static str,
        make: fn(Attached<'a>, &str) -> Result<Owned<'a>>,
    ) -> Result<&mut Part<'a>> {
        match self.parts.entry(text) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => Ok(entry.insert(Part { object: make(self.at, text)?, under_way: None })),
        }
    }
}

/// The hash of records: it takes a third of the standard library's time for so short a text.
#[derive(Default)]
struct RecordHasher(u64);

impl Hasher for RecordHasher {
    fn write(&mut self, bytes: &[u8]) {
        // The map looks at the lower bits first, where this hash is weaker.
        self.0 = linktab::hash::hash(bytes).swap_bytes();
    }

    /// What a `str` adds to tell itself from a longer one.
    fn write_u8(&mut self, _: u8) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
