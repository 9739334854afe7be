//! `linktab.ImpliedPackageFinder`: the packages that must exist because an extension is inside them.
//!
//! `acme.geo._core` implies `acme` and `acme.geo`. When nobody else has them, they come out as empty
//! packages, so that an executable needs no Python files; a real `acme/__init__.py` on `sys.path`
//! wins, since this finder answers last. Being last, it also sees every import that is about to
//! fail, and says what to check where the name is one that the table could have held.

use core::ffi::CStr;

use super::query::{Query, This, quoted};
use super::{finder, message, namespaces};
use crate::object::{Asking, Borrowed, Kind, Owned, Result};
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
    let implied = registry.below(name).next().is_some();
    let wanted = if implied { None } else { at.wanted_by_import(name, asking(this)?) };
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
        return finder::spec_of(this, query.name, Held::OriginImplied, true);
    };
    let class = this.state.get_or_make(at, Held::Explanation, || message::new_type(at))?;
    let explanation = message::new(class, query.name, &wanted, query.path)?;
    Err(at.raise_import_error_with(Kind::ModuleNotFoundError, explanation.borrow(), query.name))
}

fn asking(this: This<'_>) -> Result<Asking<'_>> {
    let code = |held, function: &CStr| {
        this.state.get_or_make(this.at(), held, || {
            let bootstrap = this.at().imported(c"_frozen_importlib")?;
            let function = bootstrap.borrow().get(function)?;
            function.borrow().get(c"__code__").map(|code| this.at().prolong(code))
        })
    };
    Ok(Asking {
        find_spec: code(Held::FindSpecCode, c"_find_spec")?,
        find_and_load: code(Held::FindAndLoadCode, c"_find_and_load_unlocked")?,
    })
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
    own(this, name).map(|()| this.at().none())
}

pub fn is_package<'a>(this: This<'a>, name: Borrowed<'a>) -> Result<Owned<'a>> {
    own(this, name).map(|()| this.at().bool(true))
}

fn own(this: This<'_>, name: Borrowed<'_>) -> Result<()> {
    let registry = this.state.registry(this.at())?;
    match name.text() {
        Some(text) if registry.below(text).next().is_some() => Ok(()),
        _ => {
            let message = format!("{} is not a package that a static extension implies", quoted(name));
            Err(this.at().raise_import_error(Kind::ImportError, &message, name))
        }
    }
}

pub fn repr(this: This<'_>) -> Result<Owned<'_>> {
    this.at().str("<linktab.ImpliedPackageFinder>")
}

/// As for the other finder.
pub fn reduce(this: This<'_>) -> Result<Owned<'_>> {
    this.at().str("implied_packages")
}
