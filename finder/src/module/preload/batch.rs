//! What is the same for all names of one batch, and what has to be known of a name before it is loaded:
//! whether it is still to be loaded by linktab's finder, and its package.

use linktab::Registry;

use super::module_lock::ModuleLock;
use super::parts::{Part, Parts};
use super::unchanged::{Package, Sys};
use super::words::Words;
use crate::find::finder;
use crate::find::query::This;
use crate::object::{Attached, Borrowed, Owned, Result, Version};
use crate::state::{Held, State};

/// Cleans up, and passes on what was raised before, or else by cleaning up.
pub fn after<T>(at: Attached<'_>, outcome: Result<T>, clean: impl FnOnce() -> Result<()>) -> Result<T> {
    match outcome {
        Ok(value) => clean().map(|()| value),
        Err(_) => {
            let exception = at.take_exception();
            if let Err(raised) = clean() {
                raised.clear(at);
            }
            Err(at.restore_exception(exception))
        }
    }
}

/// The package around an extension, and the extension's name in it.
pub struct Parent<'a> {
    text: &'static str,
    pub name: Owned<'a>,
    pub package: Package<'a>,
    /// The version of `sys.modules` in which the package was there.
    pub seen: Option<Version>,
    pub child: Owned<'a>,
    /// Whether the latter begins as names do for which the type of modules has descriptors.
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
        let spec = finder::spec_of(
            This { object: finder, state },
            words.dunder_name.borrow(),
            Held::OriginStatic,
            false,
        )?;
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
            lock: if by_itself { ModuleLock::new(at)? } else { None },
        })
    }

    /// Whether the name is still to be loaded, `sys.modules` is what it was at start-up, and no other
    /// finder comes before this one.
    pub fn is_ours(&self, name: Borrowed<'_>, modules: Borrowed<'_>) -> Result<bool> {
        Ok(self.sys.is_usual(self.at, &self.words, modules, self.finder)? && modules.value(name)?.is_none())
    }

    /// The package, if it is there and is one. What is missing is for importlib to import, or to raise.
    pub fn parent(
        &mut self,
        modules: Borrowed<'_>,
        name: &'static str,
        child: &'static str,
    ) -> Result<Option<Parent<'a>>> {
        let (at, words, tells) = (self.at, &self.words, self.tells_what_is_under_way);
        let is_dunder = child.starts_with("__");
        let child = self.parts.attribute(child)?;
        let Part { text, name, package: known } = self.parts.take(name)?;
        let Some(object) = modules.value(name.borrow())? else { return Ok(None) };
        let seen = modules.version();
        let package = match known {
            Some(package) if package.is_still(object.borrow()) => Some(package),
            before => package(at, words, at.prolong(object), before, tells)?,
        };
        Ok(package.map(|package| Parent { text, name, package, seen, child, is_dunder }))
    }

    /// Remembers a package for the names that follow.
    pub fn remember(&mut self, parent: Parent<'a>) {
        let Parent { text, name, package, .. } = parent;
        self.parts.put(Part { text, name, package: Some(package) });
    }
}

/// What is to be known of a package, of which something was known before.
fn package<'a>(
    at: Attached<'a>,
    words: &Words<'a>,
    object: Owned<'a>,
    before: Option<Package<'a>>,
    tells_what_is_under_way: bool,
) -> Result<Option<Package<'a>>> {
    // Before anything is asked that may run code.
    let version = object.borrow().namespace().and_then(Borrowed::version);
    let of_package = |word: &Owned<'_>| match object.borrow().namespace() {
        // What a module has in its dictionary comes before what its class might have.
        Some(namespace) => namespace.value(word.borrow()).map(|found| found.map(|found| at.prolong(found))),
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
    if !tells_what_is_under_way || spec.borrow().is_none() {
        return Ok(Some(Package::new(object, version, path, spec, None)));
    }
    let same = before.as_ref().filter(|before| before.spec.borrow().is(spec.borrow()));
    let known = same.and_then(|before| Some(at.prolong(before.under_way.as_ref()?.borrow().own())));
    let list = known.or_else(|| attribute(at, spec.borrow(), &words.uninitialized_submodules));
    Ok(list.map(|list| Package::new(object, version, path, spec, Some(list))))
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
