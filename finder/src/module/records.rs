//! Records as Python sees them: a record in, a named tuple out.
//!
//! The types of the tuples are a quarter of what the module takes to make, and few programs look at one: they
//! are made when somebody asks. Until then the module answers for them as PEP 562 has it.

use linktab::Record;

use super::structs::{self, Shape};
use crate::find::own;
use crate::object::{Borrowed, Kind, Owned, Result};
use crate::state::{Held, State};

static EXTENSION: Shape<4> = Shape {
    name: c"linktab.Extension",
    doc: c"One native extension that is linked into this executable.",
    fields: [
        (c"name", c"full dotted name"),
        (c"phase", c"'multi', 'single' or 'export'"),
        (c"package", c"whether it is itself a package"),
        (c"origin", c"where it was registered"),
    ],
};

static ORIGIN: Shape<4> = Shape {
    name: c"linktab.Origin",
    doc: c"Where an extension was registered.",
    fields: [
        (c"package", c"the cargo package, or what LINKTAB_PACKAGE was in C"),
        (c"version", c"its version"),
        (c"file", c"source file, as the compiler was given it"),
        (c"line", c"line, 0 if unknown"),
    ],
};

/// What the types are called in the module.
const NAMES: [&str; 2] = ["Extension", "Origin"];

/// The extension that a record describes.
pub fn extension<'a>(module: Borrowed<'a>, state: &'a State, record: &Record) -> Result<Owned<'a>> {
    let at = module.attached();
    let origin = record.origin();
    let origin = structs::new(
        class(module, state, Held::Origin)?,
        [at.str(origin.package)?, at.str(origin.version)?, at.str(origin.file)?, at.int(origin.line)?],
    )?;
    structs::new(
        class(module, state, Held::Extension)?,
        [at.str(record.name())?, at.str(record.phase().as_str())?, at.bool(record.is_package()), origin],
    )
}

fn class<'a>(module: Borrowed<'a>, state: &'a State, held: Held) -> Result<Borrowed<'a>> {
    let at = module.attached();
    state.get_or_make(at, held, || {
        let shape = if matches!(held, Held::Origin) { &ORIGIN } else { &EXTENSION };
        let class = structs::new_type(at, shape)?;
        own::name_home(class.borrow(), module.get(c"__name__")?.borrow())?;
        Ok(class)
    })
}

/// The module's `__getattr__`: a type that was not asked for before, and is an attribute from now on; or what
/// `from linktab import *` takes, which would see the attributes only. importlib asks for others before the module
/// is executed, and so has a state.
pub fn attribute<'a>(
    module: Borrowed<'a>,
    state: Option<&'a State>,
    name: Borrowed<'_>,
) -> Result<Owned<'a>> {
    let at = module.attached();
    let text = name.text().unwrap_or_default();
    let (held, state) = match (text, state) {
        ("Extension", Some(state)) => (Held::Extension, state),
        ("Origin", Some(state)) => (Held::Origin, state),
        ("__all__", Some(_)) => return names(module, |name| !name.starts_with('_')),
        _ => {
            let of = module.get(c"__name__")?;
            let of = of.borrow().text().unwrap_or(own::NAME).to_owned();
            return Err(at.raise(Kind::AttributeError, &format!("module '{of}' has no attribute '{text}'")));
        }
    };
    let class = class(module, state, held)?;
    module.set_attribute(name, class)?;
    Ok(class.own())
}

/// The module's `__dir__`.
pub fn directory(module: Borrowed<'_>) -> Result<Owned<'_>> {
    names(module, |_| true)
}

fn names(module: Borrowed<'_>, wanted: impl Fn(&str) -> bool) -> Result<Owned<'_>> {
    let at = module.attached();
    let namespace = module.get(c"__dict__")?;
    let there = namespace.borrow().to_tuple()?;
    let names = at.list(Vec::new())?;
    for name in there.borrow().items()? {
        if name.borrow().text().is_none_or(|text| wanted(text) && !NAMES.contains(&text)) {
            names.borrow().push(name.borrow())?;
        }
    }
    for name in NAMES {
        names.borrow().push(at.str(name)?.borrow())?;
    }
    Ok(at.prolong(names))
}
