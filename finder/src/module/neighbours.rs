//! Tables beside this one in the process: plugins may each have one, with code of its own. `sys.modules` in, the
//! place of this table's module out, and the extensions that others have too.
//!
//! The module of the first table is `linktab`, that of the second `linktab_2`, and so on. Knows nothing of how
//! they are installed.

use core::ffi::CStr;
use std::ffi::CString;

use linktab::layout::ORIGIN_SEPARATOR;
use linktab::{Origin, Record, Registry};

use super::definition;
use crate::error::Taken;
use crate::find::own;
use crate::object::{Attached, Borrowed, Owned, Result};

/// Where this table's module is, or is to be.
pub struct Place<'a> {
    /// `sys.modules`.
    pub modules: Owned<'a>,
    pub name: CString,
    pub module: Option<Owned<'a>>,
    /// The modules of the tables before this one.
    pub others: Vec<Owned<'a>>,
}

/// Looks through `sys.modules`, and through `sys.meta_path` for a module that somebody took out of there.
pub fn place(at: Attached<'_>) -> Result<Place<'_>> {
    let modules = at.sys(c"modules")?;
    let mut others = Vec::new();
    for number in 1.. {
        let name = own::name(number);
        // Each start comes here: an exception would cost more than all else.
        if !modules.borrow().contains(at.interned(&name)?.borrow())? {
            return Ok(Place { modules, name, module: on_meta_path(at)?, others });
        }
        let module = at.prolong(modules.borrow().item(&name)?);
        if definition::is_of_this_table(module.borrow()) {
            return Ok(Place { modules, name, module: Some(module), others });
        }
        others.push(module);
    }
    unreachable!("a dictionary has an end")
}

fn on_meta_path(at: Attached<'_>) -> Result<Option<Owned<'_>>> {
    let meta_path = at.sys(c"meta_path")?;
    let finders = meta_path.borrow().items()?;
    let types = [own::EXTENSION_FINDER, own::PACKAGE_FINDER];
    for finder in finders.iter().filter(|finder| own::is_finder(finder.borrow(), &types)) {
        match own::of(finder.borrow()) {
            Ok(module) if definition::is_of_this_table(module.borrow()) => {
                return Ok(Some(at.prolong(module)));
            }
            Ok(_) => {}
            Err(raised) => raised.clear(at),
        }
    }
    Ok(None)
}

/// Extensions of this table that another has too. Which of both were imported, the order of installation
/// would decide.
pub fn taken(others: &[Owned<'_>], registry: &'static Registry) -> Vec<Taken> {
    if others.is_empty() {
        // The names would be sorted for it at each start.
        return Vec::new();
    }
    let extensions = registry.iter_by_name().filter(|record| !own::is(record));
    extensions
        .filter_map(|record| others.iter().find_map(|other| registered_in(other.borrow(), record)))
        .collect()
}

/// A record's name in another table. A module that is no table's has none.
fn registered_in(other: Borrowed<'_>, record: &'static Record) -> Option<Taken> {
    let at = other.attached();
    let look = || -> Result<Option<String>> {
        let found = other
            .get(c"find")?
            .borrow()
            .call(&[at.str(record.name())?.borrow()])
            .map(|found| at.prolong(found))?;
        if found.borrow().is_none() {
            return Ok(None);
        }
        let origin = found.borrow().get(c"origin")?;
        let text = |field: &CStr| -> Result<String> {
            let value = origin.borrow().get(field)?;
            Ok(value.borrow().display()?.borrow().text().unwrap_or_default().to_owned())
        };
        let fields = [text(c"package")?, text(c"version")?, text(c"file")?, text(c"line")?];
        Ok(Some(Origin::parse(&fields.join(&ORIGIN_SEPARATOR.to_string())).to_string()))
    };
    let there = look().unwrap_or_else(|raised| {
        raised.clear(at);
        None
    })?;
    Some(Taken { name: record.name(), origin: record.origin(), there })
}
