//! `linktab.ImpliedPackageFinder`: the packages that must exist because an extension is inside them.
//!
//! `acme.geo._core` implies `acme` and `acme.geo`. When nobody else has them, they come out as empty
//! packages, so that an executable needs no Python files; a real `acme/__init__.py` on `sys.path`
//! wins, since this finder answers last. Being last, it also sees every import that is about to
//! fail, and says what to check where the name is one that the table could have held.

use crate::explanation;
use crate::finder::{self, This, bind_find_spec, quoted};
use crate::namespaces;
use crate::object::{Borrowed, Kind, Owned, Result};
use crate::state::Held;

/// What `find_spec` was given.
#[derive(Clone, Copy)]
struct Query<'a> {
    name: Borrowed<'a>,
    path: Borrowed<'a>,
    target: Borrowed<'a>,
}

pub fn find_spec<'a>(
    this: This<'a>,
    values: &[Borrowed<'a>],
    keywords: &[Borrowed<'_>],
) -> Result<Owned<'a>> {
    let at = this.at();
    let [name, path, target] = bind_find_spec(this, values, keywords)?;
    let or_none = |value: Option<Borrowed<'a>>| value.unwrap_or(at.borrowed_none());
    let query = Query { name: or_none(name), path: or_none(path), target: or_none(target) };
    let registry = this.state.registry(at)?;
    let Some(name) = query.name.text() else { return Ok(at.none()) };
    if !namespaces::of(registry).could_hold(name) {
        return Ok(at.none());
    }
    let implied = registry.below(name).next().is_some();
    let wanted = if implied { None } else { at.wanted_by_import() };
    if !implied && wanted.is_none() {
        // `importlib.util.find_spec`, `pkgutil` and the like: they ask whether a module is there.
        return Ok(at.none());
    }
    if let Some(spec) = ask_those_behind(this, query)? {
        return Ok(spec);
    }
    let Some(wanted) = wanted else {
        return finder::spec_of(this, query.name, Held::OriginImplied, true);
    };
    let message = explanation::of_missing(name, &wanted, registry);
    Err(at.raise_import_error(Kind::ModuleNotFoundError, &message, query.name))
}

/// Asks the finders that were appended to `sys.meta_path` after this one, as editable installs do
/// from `.pth` files: this finder answers when nobody else does, wherever it stands.
fn ask_those_behind<'a>(this: This<'a>, query: Query<'a>) -> Result<Option<Owned<'a>>> {
    let meta_path = this.at().sys(c"meta_path")?;
    let mut finders = meta_path.borrow().items()?.into_iter();
    if !finders.by_ref().any(|finder| finder.borrow().is(this.object)) {
        return Ok(None);
    }
    for finder in finders {
        let find_spec = match finder.borrow().get(c"find_spec") {
            Ok(find_spec) => find_spec,
            // As importlib does with finders that have none (`_find_spec`).
            Err(raised) => {
                raised.clear(this.at());
                continue;
            }
        };
        let spec = this.at().prolong(find_spec.borrow().call(&[query.name, query.path, query.target])?);
        if !spec.borrow().is_none() {
            return Ok(Some(spec));
        }
    }
    Ok(None)
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
