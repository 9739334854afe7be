//! `linktab.preload(names)`: a batch of imports, each with the outcome of an `import` statement.
//!
//! Most of an import is importlib's own Python code around a few calls into C: of about 72,000
//! instructions, 8,000 make the module. For an extension of the table whose package is there
//! already, this file makes the same calls in the same order (`_find_and_load_unlocked` and
//! `_load_unlocked` in Lib/importlib/_bootstrap.py) without the Python code between them. Every other
//! name, and every case in which that could show, goes to the import system itself.
//!
//! Knows importlib's steps; how a record becomes a module is `load/route.rs`.

mod batch;
mod cleanup;
mod in_front;
mod load;
mod module_lock;
mod parts;
mod unchanged;
mod words;

use batch::{Batch, Inside};
use cleanup::after;
use in_front::Asked;
use module_lock::{ModuleLock, Taken};

use linktab::Record;

use crate::find::{finder, own};
use crate::object::{Borrowed, Kind, Owned, Result};
use crate::state::State;

/// `linktab.preload(names)`: the modules, in the order of the names.
pub fn preload<'a>(module: Borrowed<'a>, state: &'a State, names: Borrowed<'a>) -> Result<Owned<'a>> {
    let at = module.attached();
    if names.is_text() {
        let message = "preload() argument must be an iterable of names, not one str";
        return Err(at.raise(Kind::TypeError, message));
    }
    let names = names.to_tuple()?;
    let names = names.borrow().items()?;
    let mut batch = Batch::new(at, state)?;
    let modules = names.iter().map(|name| batch.import(name.borrow())).collect::<Result<Vec<_>>>();
    let modules = after(at, modules, || batch.lock.as_mut().map_or(Ok(()), ModuleLock::give_up))?;
    at.list(modules)
}

/// What came of a name.
enum Found<'a> {
    Module(Owned<'a>),
    /// It is a matter for the import system.
    Elsewhere,
    /// The same, and the audit event that its search begins with has been raised.
    ElsewhereWithoutEvent,
}

impl<'a> Batch<'a> {
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
        if own::is(record) || record.has_file() {
            return Ok(Found::Elsewhere);
        }
        // The import statement looks there too, whatever `sys.modules` is by then.
        let Some(modules) = self.at.modules().filter(|modules| modules.is_plain_dict()) else {
            return Ok(Found::Elsewhere);
        };
        let inside = match finder::parent_and_child(record.name()) {
            None => None,
            Some(parts) => match self.parent(modules, name, parts)? {
                None => return Ok(Found::Elsewhere),
                inside => inside,
            },
        };
        // Behind all that may run Python code.
        let Some(in_front) = self.begins_as_ours(name, modules)? else { return Ok(Found::Elsewhere) };
        let heard = self.at.audit_import(name)?;
        let elsewhere = if heard { Found::ElsewhereWithoutEvent } else { Found::Elsewhere };
        let Some(lock) = &mut self.lock else { return Ok(elsewhere) };
        let taken = lock.take(name)?;
        // An audit hook may have done anything, and so may another thread before the lock was taken.
        let still_ours = || match taken {
            Taken::AtOnce if !heard => Ok(Some(in_front)),
            _ => self.is_ours(name, modules),
        };
        let outcome = match taken {
            Taken::Not => return Ok(elsewhere),
            _ => still_ours().and_then(|in_front| {
                let Some(in_front) = in_front else { return Ok(elsewhere) };
                let module = self.find_spec_and_load(name, record, inside.as_ref(), in_front, modules)?;
                Ok(module.map_or(elsewhere, Found::Module))
            }),
        };
        let lock = &mut self.lock;
        after(self.at, outcome, || lock.as_mut().map_or(Ok(()), |lock| lock.release(name)))
    }
    /// What importlib does with the lock taken, where so many finders stand in front. Nothing, if it is importlib's
    /// to do after all.
    fn find_spec_and_load(
        &self,
        name: Borrowed<'a>,
        record: &'static Record,
        inside: Option<&Inside<'a>>,
        in_front: usize,
        modules: Borrowed<'_>,
    ) -> Result<Option<Owned<'a>>> {
        let parent = inside.and_then(|inside| self.known(inside));
        let none = self.at.borrowed_none();
        let path = parent.as_ref().map_or(none, |parent| parent.package.path.borrow());
        let theirs = match in_front {
            0 => None,
            _ => match self.ask_in_front(name, path, modules)? {
                Asked::Ours => None,
                Asked::Theirs(spec) => Some(spec),
                Asked::Gone => return Ok(None),
            },
        };
        self.load(name, record, theirs, parent.as_ref()).map(Some)
    }
}
