//! `linktab.preload(names)`: a batch of imports, each with the outcome of an `import` statement.
//!
//! Most of an import is importlib's own Python code around a few calls into C: of about 72,000
//! instructions, 8,000 make the module. For an extension of the table whose package is there
//! already, this file makes the same calls in the same order (`_find_and_load_unlocked` and
//! `_load_unlocked` in Lib/importlib/_bootstrap.py) without the Python code between them. Every other
//! name, and every case in which that could show, goes to the import system itself.
//!
//! Knows importlib's steps; how a record becomes a module is `route.rs`.

#[path = "preload/load.rs"]
mod load;
#[path = "preload/module_lock.rs"]
mod module_lock;
#[path = "preload/words.rs"]
mod words;

use linktab::Registry;

use crate::finder::{self, This};
use crate::linktab_module;
use crate::object::{Attached, Borrowed, Kind, Owned, Result};
use crate::state::{Held, State};
use module_lock::{ModuleLock, Taken};
use words::{Parts, Words};

/// `linktab.preload(names)`: the modules, in the order of the names.
pub fn preload<'a>(module: Borrowed<'a>, state: &'a State, names: Borrowed<'a>) -> Result<Owned<'a>> {
    let at = module.attached();
    if names.is_text() {
        let message = "preload() argument must be an iterable of names, not one str";
        return Err(at.raise(Kind::TypeError, message));
    }
    let names = names.to_tuple()?;
    let names = names.borrow().items()?;
    let modules = at.list()?;
    let mut batch = Batch::new(at, state)?;
    let outcome =
        names.iter().try_for_each(|name| modules.borrow().push(batch.import(name.borrow())?.borrow()));
    let outcome = after(at, outcome, || batch.lock.as_mut().map_or(Ok(()), ModuleLock::give_up));
    outcome.map(|()| modules)
}

/// Cleans up, and passes on what was raised before, or else by cleaning up.
fn after<T>(at: Attached<'_>, outcome: Result<T>, clean: impl FnOnce() -> Result<()>) -> Result<T> {
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
struct Parent<'a> {
    name: Owned<'a>,
    /// Its `__path__`.
    path: Owned<'a>,
    child: Owned<'a>,
    /// Whether the latter begins as names do for which the type of modules has descriptors.
    is_dunder: bool,
    /// The package's list of submodules under way, if it has one (3.11 and later): it serves messages about
    /// circular imports.
    under_way: Option<Owned<'a>>,
}

/// What came of a name.
enum Found<'a> {
    Module(Owned<'a>),
    /// It is a matter for the import system.
    Elsewhere,
    /// The same, and the audit event that its search begins with has been raised.
    ElsewhereWithoutEvent,
}

/// What is the same for all names of one call.
struct Batch<'a> {
    at: Attached<'a>,
    state: &'a State,
    registry: &'static Registry,
    finder: Borrowed<'a>,
    words: Words<'a>,
    parts: Parts<'a>,
    /// `sys.__dict__`.
    sys: Owned<'a>,
    /// Whether specs list the submodules that are being imported, as they do since 3.11.
    tells_what_is_under_way: bool,
    /// Nothing where each name goes to the import system.
    lock: Option<ModuleLock<'a>>,
}

impl<'a> Batch<'a> {
    fn new(at: Attached<'a>, state: &'a State) -> Result<Batch<'a>> {
        // `-v` shows each step of importlib. 3.15 has steps that are not here, and a free-threaded
        // build runs other threads between any two.
        let verbose = at.sys(c"flags")?.borrow().get(c"verbose")?.borrow().is_true()?;
        let by_itself = cfg!(all(not(Py_3_15), not(Py_GIL_DISABLED))) && !verbose;
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

    fn import(&mut self, name: Borrowed<'a>) -> Result<Owned<'a>> {
        match self.find_and_load(name)? {
            Found::Module(module) => Ok(module),
            Found::Elsewhere => self.at.import_object(name),
            Found::ElsewhereWithoutEvent => {
                let bootstrap = self.at.imported(c"_frozen_importlib")?;
                let builtins = self.at.imported(c"builtins")?;
                let import = builtins.borrow().get(c"__import__")?;
                let find_and_load = bootstrap.borrow().get(c"_find_and_load")?;
                let module = find_and_load.borrow().call(&[name, import.borrow()])?;
                Ok(self.at.prolong(module))
            }
        }
    }

    fn find_and_load(&mut self, name: Borrowed<'a>) -> Result<Found<'a>> {
        if self.lock.is_none() || !name.is_plain_text() {
            return Ok(Found::Elsewhere);
        }
        let Some(record) = name.text().and_then(|text| self.registry.get(text)) else {
            return Ok(Found::Elsewhere);
        };
        if linktab_module::is(record) {
            return Ok(Found::Elsewhere);
        }
        // The import statement looks there too, whatever `sys.modules` is by then.
        let Some(modules) = self.at.modules().filter(|modules| modules.is_plain_dict()) else {
            return Ok(Found::Elsewhere);
        };
        let parent = match finder::parent_and_child(record.name()) {
            None => None,
            Some((parent, child)) => match self.parent(modules, parent, child)? {
                None => return Ok(Found::Elsewhere),
                parent => parent,
            },
        };
        // Behind all that may run Python code.
        if !self.is_ours(name, modules)? {
            return Ok(Found::Elsewhere);
        }
        let heard = self.at.audit_import(name)?;
        let elsewhere = if heard { Found::ElsewhereWithoutEvent } else { Found::Elsewhere };
        let Some(lock) = &mut self.lock else { return Ok(elsewhere) };
        let taken = lock.take(name)?;
        // An audit hook may have done anything, and so may another thread before the lock was taken.
        let still_ours = || Ok(taken == Taken::AtOnce && !heard || self.is_ours(name, modules)?);
        let outcome = match taken {
            Taken::Not => return Ok(elsewhere),
            _ => still_ours().and_then(|ours| match ours {
                true => self.load(name, record, parent.as_ref()).map(Found::Module),
                false => Ok(elsewhere),
            }),
        };
        let lock = &mut self.lock;
        after(self.at, outcome, || lock.as_mut().map_or(Ok(()), |lock| lock.release(name)))
    }

    /// Whether the name is still to be loaded, `sys.modules` is what it was at start-up, and no other
    /// finder comes before this one.
    fn is_ours(&self, name: Borrowed<'_>, modules: Borrowed<'_>) -> Result<bool> {
        let sys = self.sys.borrow();
        let usual = sys.value(self.words.modules.borrow())?.is_some_and(|found| found.borrow().is(modules));
        let meta_path = sys.value(self.words.meta_path.borrow())?;
        let first = meta_path.is_some_and(|meta_path| meta_path.borrow().begins_with(self.finder));
        Ok(usual && first && modules.value(name)?.is_none())
    }

    /// The package, if it is there and is one. What is missing is for importlib to import, or to raise.
    fn parent(
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
