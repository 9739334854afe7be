//! `linktab.ImpliedPackageFinder`: the packages that must exist because an extension is inside them.
//!
//! `acme.geo._core` implies `acme` and `acme.geo`. When nobody else has them, they come out as empty
//! packages, so that an executable needs no Python files; a real `acme/__init__.py` on `sys.path`
//! wins, since this finder answers last. Being last, it also sees every import that is about to
//! fail, and says what to check where the name is one that the table could have held.

use super::query::{Query, This, quoted};
use super::{message, namespaces, own, spec};
use crate::object::{Borrowed, Kind, Owned, Result};
use crate::state::Held;

pub fn find_spec<'a>(
    this: This<'a>,
    values: &[Borrowed<'a>],
    keywords: &[Borrowed<'_>],
) -> Result<Owned<'a>> {
    let at = this.at();
    let query = Query::bind(this, values, keywords)?;
    let registry = this.state.registry(at)?;
    let Some(name) = query.name.text() else { return Ok(at.none()) };
    if !namespaces::of(registry).could_hold(name) {
        return Ok(at.none());
    }
    // The other finder would have found it, if it had been asked.
    let missed = registry.get(name).is_some_and(|record| !own::is(record));
    let implied = !missed && registry.has_below(name);
    let wanted = if implied { None } else { at.wanted_by_import(name, this.asking()?) };
    if !implied && wanted.is_none() {
        // `importlib.util.find_spec`, `pkgutil` and the like: they ask whether a module is there.
        return Ok(at.none());
    }
    // Editable installs append finders to `sys.meta_path` from `.pth` files: this one answers when nobody
    // else does, wherever it stands.
    if let Some(spec) = query.ask_those_behind(this, |_| true)? {
        return Ok(spec);
    }
    let Some(wanted) = wanted else {
        return spec::of(this, query.name, Held::OriginImplied, true);
    };
    let class = this.state.get_or_make(at, Held::Explanation, || message::new_type(at))?;
    let home = if missed { this.home()? } else { at.none() };
    let explanation = message::new(class, query, &wanted, home.borrow())?;
    Err(at.raise_import_error_with(Kind::ModuleNotFoundError, explanation.borrow(), query.name))
}

/// `None`: importlib makes a plain module.
pub fn create_module<'a>(this: This<'a>, _spec: Borrowed<'a>) -> Result<Owned<'a>> {
    Ok(this.at().none())
}

pub fn exec_module<'a>(this: This<'a>, _module: Borrowed<'a>) -> Result<Owned<'a>> {
    Ok(this.at().none())
}

/// `get_code` and `get_source`: an empty package has neither.
pub fn nothing<'a>(this: This<'a>, name: Borrowed<'a>) -> Result<Owned<'a>> {
    check(this, name).map(|()| this.at().none())
}

pub fn is_package<'a>(this: This<'a>, name: Borrowed<'a>) -> Result<Owned<'a>> {
    check(this, name).map(|()| this.at().bool(true))
}

fn check(this: This<'_>, name: Borrowed<'_>) -> Result<()> {
    let registry = this.state.registry(this.at())?;
    match name.text() {
        Some(text) if registry.has_below(text) => Ok(()),
        _ => {
            let message = format!("{} is not a package that a static extension implies", quoted(name));
            Err(this.at().raise_import_error(Kind::ImportError, &message, name))
        }
    }
}

pub fn repr(this: This<'_>) -> Result<Owned<'_>> {
    this.at().str(&format!("<linktab.ImpliedPackageFinder{}>", this.place()))
}

/// As for the other finder.
pub fn reduce(this: This<'_>) -> Result<Owned<'_>> {
    this.at().str("implied_packages")
}
