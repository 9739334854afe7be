//! What is the same for all names of one batch, and what has to be known of a name before it is loaded:
//! whether it is still to be loaded by linktab's finder, and its package.

use std::cell::RefCell;

use linktab::Registry;

use super::module_lock::ModuleLock;
use super::parts::Parts;
use super::unchanged::{Package, Sys};
use super::words::Words;
use crate::find::query::This;
use crate::find::spec;
use crate::object::{Attached, Borrowed, Owned, Result, Version};
use crate::state::{Held, State};

/// An extension in a package that was found.
pub struct Inside<'a> {
    /// Where [`Parts`] has the package.
    place: usize,
    /// The version of `sys.modules` in which the package was there.
    seen: Option<Version>,
    /// The extension's name in it.
    child: Owned<'a>,
    /// Whether that begins as names do for which the type of modules has descriptors.
    is_dunder: bool,
}

/// The same, with all that is known of the package.
pub struct Parent<'b, 'a> {
    pub name: &'b Owned<'a>,
    pub package: &'b Package<'a>,
    pub seen: Option<Version>,
    pub child: &'b Owned<'a>,
    pub is_dunder: bool,
}

/// What is the same for all names of one call.
pub struct Batch<'a> {
    pub at: Attached<'a>,
    pub state: &'a State,
    pub registry: &'static Registry,
    pub finder: Borrowed<'a>,
    pub words: Words<'a>,
    pub parts: Parts<'a>,
    pub sys: Sys<'a>,
    /// Whether specs list the submodules that are being imported, as they do since 3.11.
    pub tells_what_is_under_way: bool,
    /// The finders that came first in `sys.meta_path` and were seen to have `find_spec`.
    pub find_specs: RefCell<Vec<Owned<'a>>>,
    /// Nothing where each name goes to the import system.
    pub lock: Option<ModuleLock<'a>>,
}

impl<'a> Batch<'a> {
    pub fn new(at: Attached<'a>, state: &'a State) -> Result<Batch<'a>> {
        // `-v` shows each step of importlib, and files may come first. 3.15 has steps that are not here, and
        // a free-threaded build runs other threads between any two.
        let by_itself = cfg!(all(not(Py_3_15), not(Py_GIL_DISABLED))) && !state.files.matter();
        let finder = state.get(at, Held::Finder)?;
        let words = Words::new(at)?;
        let word = words.uninitialized_submodules.borrow();
        let spec =
            spec::of(This { object: finder, state }, words.dunder_name.borrow(), Held::OriginStatic, false)?;
        let tells_what_is_under_way = spec.borrow().get(c"__dict__")?.borrow().value(word)?.is_some();
        Ok(Batch {
            at,
            state,
            registry: state.registry(at)?,
            finder,
            words,
            parts: Parts::new(at),
            tells_what_is_under_way,
            sys: Sys::new(at)?,
            find_specs: RefCell::default(),
            lock: if by_itself { ModuleLock::new(at)? } else { None },
        })
    }

    /// The finder, as its methods see it.
    pub fn this(&self) -> This<'a> {
        This { object: self.finder, state: self.state }
    }

    /// How many finders come before this one, if the name is still to be loaded, and `sys.modules` is what it was
    /// at start-up.
    pub fn is_ours(&self, name: Borrowed<'_>, modules: Borrowed<'_>) -> Result<Option<usize>> {
        let in_front = self.sys.in_front(self.at, &self.words, modules, self.finder)?;
        Ok(if modules.value(name)?.is_none() { in_front } else { None })
    }

    /// Whether a name may be loaded here: before any finder in front was asked.
    pub fn begins_as_ours(&self, name: Borrowed<'_>, modules: Borrowed<'_>) -> Result<Option<usize>> {
        match self.is_ours(name, modules)? {
            Some(in_front) if cfg!(not(Py_3_12)) && in_front > 0 => {
                Ok(self.all_find_specs(in_front)?.then_some(in_front))
            }
            in_front => Ok(in_front),
        }
    }

    /// The package, if it is there and is one. What is missing is for importlib to import, or to raise.
    pub fn parent(
        &mut self,
        modules: Borrowed<'_>,
        whole: Borrowed<'_>,
        (name, child): (&'static str, &'static str),
    ) -> Result<Option<Inside<'a>>> {
        let is_dunder = child.starts_with("__");
        let child = self.parts.attribute(child)?;
        let place = self.parts.package(name, whole)?;
        let Some(part) = self.parts.part(place) else { return Ok(None) };
        let Some(object) = modules.value(part.name.borrow())? else { return Ok(None) };
        let seen = modules.version();
        let known = part.package.as_ref();
        if !known.is_some_and(|package| package.is_still(object.borrow())) {
            let Some(package) = self.package(self.at.prolong(object), known)? else { return Ok(None) };
            if let Some(part) = self.parts.part_mut(place) {
                part.package = Some(package);
            }
        }
        Ok(Some(Inside { place, seen, child, is_dunder }))
    }

    /// What was found, until another package is asked for.
    pub fn known<'b>(&'b self, inside: &'b Inside<'a>) -> Option<Parent<'b, 'a>> {
        let part = self.parts.part(inside.place)?;
        let (seen, child) = (inside.seen, &inside.child);
        let package = part.package.as_ref()?;
        Some(Parent { name: &part.name, package, seen, child, is_dunder: inside.is_dunder })
    }

    /// What is to be known of a package, of which something was known before.
    fn package(&self, object: Owned<'a>, before: Option<&Package<'a>>) -> Result<Option<Package<'a>>> {
        let (at, words) = (self.at, &self.words);
        // Before anything is asked that may run code.
        let version = object.borrow().namespace().and_then(Borrowed::version);
        let of_package = |word: &Owned<'_>| match object.borrow().namespace() {
            // What a module has in its dictionary comes before what its class might have.
            Some(namespace) => {
                namespace.value(word.borrow()).map(|found| found.map(|found| at.prolong(found)))
            }
            None => Ok(attribute(at, object.borrow(), word)),
        };
        let Some(path) = of_package(&words.dunder_path)? else { return Ok(None) };
        let Some(spec) = of_package(&words.dunder_spec)? else { return Ok(None) };
        // 3.14 waits for a parent that another thread is initialising.
        if cfg!(Py_3_14) {
            match attribute(at, spec.borrow(), &words.initializing) {
                Some(initializing) if !initializing.borrow().is_true()? => {}
                _ => return Ok(None),
            }
        }
        if !self.tells_what_is_under_way || spec.borrow().is_none() {
            return Ok(Some(Package::new(object, version, path, spec, None)));
        }
        let same = before.filter(|before| before.spec.borrow().is(spec.borrow()));
        let known = match same {
            Some(before) => before.under_way.as_ref().map(|list| at.prolong(list.borrow().own())),
            None => spec::under_way(self.this(), spec.borrow())?,
        };
        let list = known.or_else(|| attribute(at, spec.borrow(), &words.uninitialized_submodules));
        Ok(list.map(|list| Package::new(object, version, path, spec, Some(list))))
    }
}

/// An attribute, if it is there.
fn attribute<'a>(at: Attached<'a>, of: Borrowed<'_>, word: &Owned<'_>) -> Option<Owned<'a>> {
    match of.attribute(word.borrow()) {
        Ok(value) => Some(at.prolong(value)),
        Err(raised) => {
            raised.clear(at);
            None
        }
    }
}
