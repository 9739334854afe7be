//! What a batch has looked up before, for as long as nothing can have changed it.
//!
//! importlib reads `sys.modules`, `sys.meta_path`, the package, and its `__path__` and `__spec__`, again
//! for each import and after each call that may run code of anybody's. So does a batch, and where the
//! dictionary still has the version that it had (`object/version.rs`), the answer is known: a comparison in
//! place of a look-up of 110 to 140 instructions, of which an import has up to nine.

use std::cell::{Cell, RefCell};

use super::words::Words;
use crate::object::{Attached, Borrowed, Owned, Result, Version};

/// `sys.__dict__`, and what a batch wants from it.
pub struct Sys<'a> {
    namespace: Owned<'a>,
    /// What was there in one version.
    found: RefCell<Option<(Version, Wanted<'a>)>>,
}

struct Wanted<'a> {
    modules: Option<Owned<'a>>,
    meta_path: Option<Owned<'a>>,
}

impl<'a> Sys<'a> {
    pub fn new(at: Attached<'a>) -> Result<Sys<'a>> {
        Ok(Sys { namespace: at.sys_namespace()?, found: RefCell::new(None) })
    }

    /// How many finders stand in front of `finder` on `sys.meta_path`, if it is there, and `sys.modules` is `modules`.
    pub fn in_front(
        &self,
        at: Attached<'a>,
        words: &Words<'a>,
        modules: Borrowed<'_>,
        finder: Borrowed<'_>,
    ) -> Result<Option<usize>> {
        let in_front = |wanted: &Wanted<'_>| {
            let same = wanted.modules.as_ref().is_some_and(|found| found.borrow().is(modules));
            wanted.meta_path.as_ref().filter(|_| same)?.borrow().index_of(finder)
        };
        if let Some(known) = self.known(in_front) {
            return Ok(known);
        }
        let value = |word: &Owned<'_>| {
            let found = self.namespace.borrow().value(word.borrow())?;
            Ok(found.map(|found| at.prolong(found)))
        };
        let wanted = Wanted { modules: value(&words.modules)?, meta_path: value(&words.meta_path)? };
        let found = in_front(&wanted);
        let version = self.namespace.borrow().version();
        self.found.replace(version.map(|version| (version, wanted)));
        Ok(found)
    }

    /// `sys.modules`; raises `KeyError` where somebody took it away.
    pub fn modules(&self, at: Attached<'a>, words: &Words<'a>) -> Result<Owned<'a>> {
        let known = self.known(|wanted| Some(at.prolong(wanted.modules.as_ref()?.borrow().own())));
        match known.flatten() {
            Some(modules) => Ok(modules),
            None => self.namespace.borrow().required(words.modules.borrow()).map(|it| at.prolong(it)),
        }
    }

    /// `sys.meta_path`, if it is there.
    pub fn meta_path(&self, at: Attached<'a>, words: &Words<'a>) -> Result<Option<Owned<'a>>> {
        let known = self.known(|wanted| Some(at.prolong(wanted.meta_path.as_ref()?.borrow().own())));
        match known {
            Some(meta_path) => Ok(meta_path),
            None => {
                let found = self.namespace.borrow().value(words.meta_path.borrow())?;
                Ok(found.map(|found| at.prolong(found)))
            }
        }
    }

    fn known<T>(&self, then: impl FnOnce(&Wanted<'a>) -> T) -> Option<T> {
        match &*self.found.borrow() {
            Some((version, wanted)) if Some(*version) == self.namespace.borrow().version() => {
                Some(then(wanted))
            }
            _ => None,
        }
    }
}

/// A package that is in `sys.modules`, and what a batch wants from it.
pub struct Package<'a> {
    pub object: Owned<'a>,
    /// That of its namespace when the rest was read, or after this batch alone has added to it.
    version: Cell<Option<Version>>,
    /// Its `__path__`.
    pub path: Owned<'a>,
    /// Its `__spec__`.
    pub spec: Owned<'a>,
    /// The latter's list of submodules under way, if it has one (3.11 and later): it serves messages about
    /// circular imports. Specs keep their list for life.
    pub under_way: Option<Owned<'a>>,
}

impl<'a> Package<'a> {
    pub fn new(
        object: Owned<'a>,
        version: Option<Version>,
        path: Owned<'a>,
        spec: Owned<'a>,
        under_way: Option<Owned<'a>>,
    ) -> Package<'a> {
        Package { object, version: Cell::new(version), path, spec, under_way }
    }

    /// Whether this is what is known of an object that is a package now.
    pub fn is_still(&self, object: Borrowed<'_>) -> bool {
        let now = || object.namespace().and_then(Borrowed::version);
        self.object.borrow().is(object) && self.version.get().is_some_and(|then| Some(then) == now())
    }

    /// Gives it an attribute that is none of those that are known.
    pub fn add(&self, namespace: Borrowed<'_>, name: Borrowed<'_>, value: Borrowed<'_>) -> Result<()> {
        let known = self.version.get().is_some_and(|then| Some(then) == namespace.version());
        let len = namespace.len();
        namespace.set_value(name, value)?;
        // Where another value went, its end may have run any code.
        let added = known && namespace.len() == len + 1;
        self.version.set(if added { namespace.version() } else { None });
        Ok(())
    }
}
