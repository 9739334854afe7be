//! The finders that stand in front of linktab's on `sys.meta_path`: they are asked as importlib asks them
//! (`_find_spec`, Lib/importlib/_bootstrap.py), so that a batch is one where setuptools, say, has put a finder of its
//! own first.

use super::batch::Batch;
use crate::load::versions;
use crate::object::{Borrowed, Kind, Owned, Result};

/// Whose module it is.
pub enum Asked<'a> {
    /// Nobody in front of linktab's finder has it.
    Ours,
    /// That of whoever made this spec.
    Theirs(Owned<'a>),
    /// Linktab's finder is gone from the list, and importlib has words for that.
    Gone,
}

impl<'a> Batch<'a> {
    /// Asks for a name that is not in `modules`, with the lock for it taken.
    pub fn ask_in_front(
        &self,
        name: Borrowed<'a>,
        path: Borrowed<'_>,
        modules: Borrowed<'_>,
    ) -> Result<Asked<'a>> {
        let Some(live) = self.sys.meta_path(self.at, &self.words)? else { return Ok(Asked::Gone) };
        let copy = match versions::FINDERS_ARE_COPIED {
            true => Some(self.at.list(live.borrow().items()?)?),
            false => None,
        };
        let list = copy.as_ref().unwrap_or(&live);
        let mut at = 0;
        // Before that, the list may change under way, as it may for importlib.
        let asked = loop {
            if list.borrow().index_of(self.finder).is_none_or(|ours| ours < at as usize) {
                return Ok(Asked::Gone);
            }
            let Some(finder) = list.borrow().item_at(at) else { return Ok(Asked::Gone) };
            if finder.borrow().is(self.finder) {
                break Asked::Ours;
            }
            let spec = self.within_import_lock(|| self.ask(finder.borrow(), name, path))?;
            if let Some(spec) = spec {
                break Asked::Theirs(spec);
            }
            at += 1;
        };
        self.unless_imported(asked, name, modules)
    }

    /// What one finder says.
    fn ask(&self, finder: Borrowed<'_>, name: Borrowed<'a>, path: Borrowed<'_>) -> Result<Option<Owned<'a>>> {
        let find_spec = match finder.attribute(self.words.find_spec.borrow()) {
            Ok(find_spec) => find_spec,
            Err(raised) => return raised.clear_if(self.at, Kind::AttributeError).map(|()| None),
        };
        let spec = self.at.prolong(find_spec.borrow().call(&[name, path, self.at.borrowed_none()])?);
        Ok((!spec.borrow().is_none()).then_some(spec))
    }

    /// Whether the first finders of `sys.meta_path` have `find_spec`: those that have not importlib asked in another
    /// way up to 3.11, with warnings.
    pub fn all_find_specs(&self, in_front: usize) -> Result<bool> {
        let Some(list) = self.sys.meta_path(self.at, &self.words)? else { return Ok(false) };
        let mut known = self.find_specs.borrow_mut();
        for index in 0..in_front {
            let Some(finder) = list.borrow().item_at(index as isize) else { return Ok(false) };
            if known.get(index).is_some_and(|known| known.borrow().is(finder.borrow())) {
                continue;
            }
            known.truncate(index);
            if let Err(raised) = finder.borrow().attribute(self.words.find_spec.borrow()) {
                return raised.clear_if(self.at, Kind::AttributeError).map(|()| false);
            }
            known.push(self.at.prolong(finder));
        }
        Ok(true)
    }

    /// A finder that imported the module while it was asked is right: the module's own spec counts then.
    fn unless_imported(
        &self,
        asked: Asked<'a>,
        name: Borrowed<'a>,
        modules: Borrowed<'_>,
    ) -> Result<Asked<'a>> {
        let Some(module) = modules.value(name)? else { return Ok(asked) };
        match module.borrow().attribute(self.words.dunder_spec.borrow()) {
            Ok(spec) if spec.borrow().is_none() => Ok(asked),
            Ok(spec) => Ok(Asked::Theirs(self.at.prolong(spec))),
            Err(raised) => raised.clear_if(self.at, Kind::AttributeError).map(|()| asked),
        }
    }

    /// As in `with _ImportLockContext():`.
    fn within_import_lock<T>(&self, body: impl FnOnce() -> Result<T>) -> Result<T> {
        match &self.lock {
            Some(lock) => lock.within_import_lock(body),
            None => body(),
        }
    }
}
