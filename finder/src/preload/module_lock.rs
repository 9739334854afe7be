//! importlib's module locks, for many modules at the price of one.
//!
//! importlib keeps a lock for each module that is being imported, in `_bootstrap._module_locks`
//! (name to weak reference), and whoever imports the same name waits for it. Making, taking and
//! releasing one is Python code, a fifth of an import. A batch takes one such lock and shows it in the
//! table under the name of the module that it is loading: others find it there, wait for it as for
//! any, and importlib's search for deadlocks follows it.
//!
//! Only where there is a GIL: between two calls here that run no Python code nothing else runs.

use crate::object::{Attached, Borrowed, Owned, Result};

pub struct ModuleLock<'a> {
    at: Attached<'a>,
    /// `importlib._bootstrap._ModuleLock`.
    class: Owned<'a>,
    /// `importlib._bootstrap._module_locks`.
    table: Owned<'a>,
    /// `_imp.acquire_lock`, `_imp.release_lock`: the lock around changes of the table.
    guard: [Owned<'a>; 2],
    /// Taken by this thread. Made when it is first needed, and given up when somebody waits.
    held: Option<Lock<'a>>,
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
            let acquire = at.prolong(imp.borrow().get(c"acquire_lock")?);
            Ok((class, table, [acquire, at.prolong(imp.borrow().get(c"release_lock")?)]))
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
    /// that has looked there and is about to enter a lock of its own has done so by now.
    pub fn take(&mut self, name: Borrowed<'_>) -> Result<bool> {
        if self.held.is_none() {
            let lock = self.at.prolong(self.class.borrow().call(&[name])?);
            lock.borrow().get(c"acquire")?.borrow().call(&[])?;
            let reference = self.at.prolong(lock.borrow().weak()?);
            self.held = Some(Lock { lock, reference });
        }
        let Some(held) = &self.held else { return Ok(false) };
        self.guard[0].borrow().call(&[])?;
        let entered = match self.table.borrow().value(name) {
            Ok(None) => self.table.borrow().set_value(name, held.reference.borrow()).map(|()| true),
            Ok(Some(_)) => Ok(false),
            Err(raised) => Err(raised),
        };
        self.guard[1].borrow().call(&[])?;
        entered
    }

    /// Takes the name out of the table again, and lets those go on who wait.
    pub fn release(&mut self, name: Borrowed<'_>) -> Result<()> {
        let Some(held) = &self.held else { return Ok(()) };
        let entry = self.table.borrow().value(name)?;
        if entry.is_some_and(|entry| entry.borrow().is(held.reference.borrow())) {
            self.table.borrow().remove(name)?;
        }
        // Whoever waits for the lock, or is about to, has a reference to it: the weak one is none.
        if held.lock.borrow().references() > 1 { self.give_up() } else { Ok(()) }
    }

    /// Releases the lock itself.
    pub fn give_up(&mut self) -> Result<()> {
        match self.held.take() {
            Some(held) => held.lock.borrow().get(c"release")?.borrow().call(&[]).map(drop),
            None => Ok(()),
        }
    }
}
