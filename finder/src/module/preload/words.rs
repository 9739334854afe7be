//! The names that importlib's steps read and write, as objects.

use crate::object::{Attached, Owned, Result};

/// Names that importlib reads and writes, interned once per batch.
pub struct Words<'a> {
    pub modules: Owned<'a>,
    pub meta_path: Owned<'a>,
    pub find_spec: Owned<'a>,
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
            find_spec: at.interned(c"find_spec")?,
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
