//! importlib's module locks, for many modules at the price of one.
//!
//! importlib keeps a lock for each module that is being imported, in `_bootstrap._module_locks`
//! (name to weak reference), and whoever imports the same name waits for it. Making, taking and
//! releasing one is Python code, a fifth of an import. A batch takes one such lock and shows it in the
//! table under the name of the module that it is loading: others find it there, wait for it as for
//! any, and importlib's search for deadlocks follows it.
//!
//! Only where there is a GIL: between two calls here that run no Python code nothing else runs.

use super::cleanup::after;
use crate::object::{Attached, Borrowed, Kind, Owned, Result};

pub struct ModuleLock<'a> {
    at: Attached<'a>,
    /// `importlib._bootstrap._ModuleLock`.
    class: Owned<'a>,
    /// `importlib._bootstrap._module_locks`.
    table: Owned<'a>,
    /// The lock around changes of the table.
    guard: Guard<'a>,
    /// Taken by this thread. Made when it is first needed, and given up when somebody waits.
    held: Option<Lock<'a>>,
}

/// `_imp.lock_held`, `_imp.acquire_lock` and `_imp.release_lock`.
struct Guard<'a> {
    is_held: Owned<'a>,
    acquire: Owned<'a>,
    release: Owned<'a>,
}

/// How a name's lock was taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was not: some thread is importing that name.
    Not,
    /// Before anything else could run.
    AtOnce,
    /// Python code or another thread may have run before.
    AfterOthers,
}

struct Lock<'a> {
    lock: Owned<'a>,
    /// Weak, without a callback: the same object each time.
    reference: Owned<'a>,
}

impl<'a> ModuleLock<'a> {
    /// Nothing, if importlib is not as it is known from 3.9 to 3.14.
    pub fn new(at: Attached<'a>) -> Result<Option<ModuleLock<'a>>> {
        let bootstrap = at.imported(c"_frozen_importlib")?;
        let imp = at.imported(c"_imp")?;
        let parts = || -> Result<_> {
            let class = at.prolong(bootstrap.borrow().get(c"_ModuleLock")?);
            let table = at.prolong(bootstrap.borrow().get(c"_module_locks")?);
            let of_imp = |name| imp.borrow().get(name).map(|function| at.prolong(function));
            let (acquire, release) = (of_imp(c"acquire_lock")?, of_imp(c"release_lock")?);
            Ok((class, table, Guard { is_held: of_imp(c"lock_held")?, acquire, release }))
        };
        match parts() {
            Ok((class, table, guard)) if table.borrow().is_plain_dict() => {
                Ok(Some(ModuleLock { at, class, table, guard, held: None }))
            }
            Ok(_) => Ok(None),
            Err(raised) => {
                raised.clear(at);
                Ok(None)
            }
        }
    }

    /// Takes the lock for a name, unless some thread is importing that.
    ///
    /// As `_get_module_lock` does: looks and enters under the lock around the table, so that a thread
    /// that has looked there and is about to enter a lock of its own has done so by now. Where nobody
    /// holds that lock, no thread is between the two, and until the entry is made none can be. Nor where there is no
    /// other thread at all, which takes less to find out.
    pub fn take(&mut self, name: Borrowed<'_>) -> Result<Taken> {
        let is_new = self.held.is_none();
        if is_new {
            let lock = self.at.prolong(self.class.borrow().call(&[name])?);
            lock.borrow().get(c"acquire")?.borrow().call(&[])?;
            let reference = self.at.prolong(lock.borrow().weak()?);
            self.held = Some(Lock { lock, reference });
        }
        let Some(held) = &self.held else { return Ok(Taken::Not) };
        let guard = &self.guard;
        let busy = !self.at.is_alone() && guard.is_held.borrow().call(&[])?.borrow().is_true()?;
        if busy {
            guard.acquire.borrow().call(&[])?;
        }
        let entered = self.table.borrow().enter(name, held.reference.borrow());
        if busy {
            guard.release.borrow().call(&[])?;
        }
        entered.map(|entered| match entered {
            true if is_new || busy => Taken::AfterOthers,
            true => Taken::AtOnce,
            false => Taken::Not,
        })
    }

    /// Takes the name out of the table again, and lets those go on who wait.
    pub fn release(&mut self, name: Borrowed<'_>) -> Result<()> {
        let Some(held) = &self.held else { return Ok(()) };
        // As long as the lock lives, nobody replaces its entry.
        self.table.borrow().remove(name).or_else(|raised| raised.clear_if(self.at, Kind::KeyError))?;
        // Whoever waits for the lock, or is about to, has a reference to it: the weak one is none.
        if held.lock.borrow().references() > 1 { self.give_up() } else { Ok(()) }
    }

    /// With the lock that the import system has around its table, and around its questions to finders.
    pub fn within_import_lock<T>(&self, body: impl FnOnce() -> Result<T>) -> Result<T> {
        self.guard.acquire.borrow().call(&[])?;
        after(self.at, body(), || self.guard.release.borrow().call(&[]).map(drop))
    }

    /// Releases the lock itself.
    pub fn give_up(&mut self) -> Result<()> {
        match self.held.take() {
            Some(held) => held.lock.borrow().get(c"release")?.borrow().call(&[]).map(drop),
            None => Ok(()),
        }
    }
}
