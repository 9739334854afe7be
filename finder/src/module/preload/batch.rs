//! What is the same for all names of one batch, and what has to be known of a name before it is loaded:
//! whether it is still to be loaded by linktab's finder, and its package.

use linktab::Registry;

use super::module_lock::ModuleLock;
use super::words::{Parts, Words};
use crate::find::finder;
use crate::find::query::This;
use crate::object::{Attached, Borrowed, Owned, Result};
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
    pub name: Owned<'a>,
    /// Its `__path__`.
    pub path: Owned<'a>,
    pub child: Owned<'a>,
    /// Whether the latter begins as names do for which the type of modules has descriptors.
    pub is_dunder: bool,
    /// The package's list of submodules under way, if it has one (3.11 and later): it serves messages about
    /// circular imports.
    pub under_way: Option<Owned<'a>>,
}

/// What is the same for all names of one call.
pub struct Batch<'a> {
    pub at: Attached<'a>,
    pub state: &'a State,
    pub registry: &'static Registry,
    pub finder: Borrowed<'a>,
    pub words: Words<'a>,
    pub parts: Parts<'a>,
    /// `sys.__dict__`.
    pub sys: Owned<'a>,
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
            sys: at.sys_namespace()?,
            lock: if by_itself { ModuleLock::new(at)? } else { None },
        })
    }

    /// Whether the name is still to be loaded, `sys.modules` is what it was at start-up, and no other
    /// finder comes before this one.
    pub fn is_ours(&self, name: Borrowed<'_>, modules: Borrowed<'_>) -> Result<bool> {
        let sys = self.sys.borrow();
        let usual = sys.value(self.words.modules.borrow())?.is_some_and(|found| found.borrow().is(modules));
        let meta_path = sys.value(self.words.meta_path.borrow())?;
        let first = meta_path.is_some_and(|meta_path| meta_path.borrow().begins_with(self.finder));
        Ok(usual && first && modules.value(name)?.is_none())
    }

    /// The package, if it is there and is one. What is missing is for importlib to import, or to raise.
    pub fn parent(
        &mut self,
        modules: Borrowed<'_>,
        name: &'static str,
        child: &'static str,
    ) -> Result<Option<Parent<'a>>> {
        let (at, words) = (self.at, &self.words);
        let is_dunder = child.starts_with("__");
        let child = self.parts.attribute(child)?.object.borrow().own();
        let child = at.prolong(child);
        let known = self.parts.package(name)?;
        let name = at.prolong(known.object.borrow().own());
        let Some(package) = modules.value(name.borrow())? else { return Ok(None) };
        let of_package = |word: &Owned<'_>| match package.borrow().namespace() {
            // What a module has in its dictionary comes before what its class might have.
            Some(namespace) => {
                namespace.value(word.borrow()).map(|found| found.map(|found| at.prolong(found)))
            }
            None => Ok(attribute(at, package.borrow(), word)),
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
            return Ok(Some(Parent { name, path, child, is_dunder, under_way: None }));
        }
        // Specs keep their list for life.
        let same = known.under_way.as_ref().filter(|(of, _)| of.borrow().is(spec.borrow()));
        let list = match same {
            Some((_, list)) => at.prolong(list.borrow().own()),
            None => {
                let found = attribute(at, spec.borrow(), &words.uninitialized_submodules);
                let Some(list) = found else { return Ok(None) };
                known.under_way = Some((spec, at.prolong(list.borrow().own())));
                list
            }
        };
        Ok(Some(Parent { name, path, child, is_dunder, under_way: Some(list) }))
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
