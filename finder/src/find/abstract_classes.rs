//! The two finders as `importlib.abc` has importlib's own: virtual subclasses of `MetaPathFinder` and
//! `InspectLoader`, and so of `Loader`.
//!
//! That module registers importlib's classes at its end. Few programs import it, so that nothing is imported
//! for this: the finder, asked first, hears of its import, and registers when it was executed.

use core::ffi::CStr;

use pyo3_ffi as ffi;
use pyo3_ffi::PyObject;

use super::query::{Query, This};
use crate::object::table::{Table, entry, function, give};
use crate::object::{Attached, Borrowed, Kind, Owned, Result};
use crate::state::Held;

/// The module of the abstract classes.
pub const MODULE: &str = "importlib.abc";
/// Registers at once, if that module is imported already.
pub fn look_back(at: Attached<'_>, classes: [Borrowed<'_>; 2]) -> Result<()> {
    let Some(modules) = at.modules().filter(|modules| modules.is_plain_dict()) else { return Ok(()) };
    if let Some(module) = modules.value(at.str(MODULE)?.borrow())? {
        register(&classes, module.borrow()).unwrap_or_else(|raised| raised.clear(at));
    }
    Ok(())
}

/// The spec of that module as everybody else finds it. Where it is about to be executed, its loader registers
/// afterwards.
pub fn spec<'a>(this: This<'a>, query: Query<'a>) -> Result<Owned<'a>> {
    let at = this.at();
    let Some(spec) = query.ask_those_behind(this, |_| true)? else { return Ok(at.none()) };
    // `importlib.reload` has a target.
    let is_executed = !query.target.is_none() || at.wanted_by_import(MODULE, this.asking()?).is_some();
    if is_executed {
        listen(this, spec.borrow()).unwrap_or_else(|raised| raised.clear(at));
    }
    Ok(spec)
}

/// Puts a function before the loader's `exec_module`: into the instance, from which it takes itself out. There
/// may be one already, of another table's finder, which was asked by this one.
fn listen(this: This<'_>, spec: Borrowed<'_>) -> Result<()> {
    let at = this.at();
    let loader = spec.get(c"loader")?;
    // `zipimporter` of CPython 3.9 has none, and importlib would take it for one that has.
    loader.borrow().get(EXEC_MODULE)?;
    let own = loader.borrow().get(c"__dict__")?;
    // A class is its own loader's type: others' modules come from it.
    if own.borrow().is_plain_dict() {
        let before = own.borrow().value(at.interned(EXEC_MODULE)?.borrow())?;
        let before = before.as_ref().map_or(at.borrowed_none(), Owned::borrow);
        let [class, other] = [this.object, this.held(Held::Implied)?].map(|finder| finder.get(c"__class__"));
        let about = at.tuple(&[before, class?.borrow(), other?.borrow()])?;
        let execute = function(at, &EXECUTE, Some(about.borrow()))?;
        own.borrow().set_item(EXEC_MODULE, execute.borrow())?;
    }
    Ok(())
}

const EXEC_MODULE: &CStr = c"exec_module";

static EXECUTE: Table<ffi::PyMethodDef> = Table::new(entry(EXEC_MODULE, execute, ffi::METH_O, c""));

unsafe extern "C" fn execute(about: *mut PyObject, module: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let at = unsafe { Attached::new() };
    // SAFETY: the tuple that the function was made with.
    let about = unsafe { at.borrow(about) };
    // SAFETY: a live argument.
    give(execute_and_register(about, unsafe { at.borrow(module) }))
}

/// `about` is what was in this function's place, or `None`, and the classes.
fn execute_and_register<'a>(about: Borrowed<'a>, module: Borrowed<'a>) -> Result<Owned<'a>> {
    let at = module.attached();
    let about = about.items()?;
    let (before, classes) = about.split_first().ok_or_else(|| at.raise(Kind::SystemError, "no classes"))?;
    let spec = module.get(c"__spec__")?;
    let loader = spec.borrow().get(c"loader")?;
    // `zipimport` has one loader for all modules of an archive.
    let is_it = spec.borrow().get(c"name")?.borrow().text() == Some(MODULE);
    if is_it {
        let own = loader.borrow().get(c"__dict__")?;
        let done = if before.borrow().is_none() {
            own.borrow().remove(at.interned(EXEC_MODULE)?.borrow())
        } else {
            own.borrow().set_item(EXEC_MODULE, before.borrow())
        };
        done.unwrap_or_else(|raised| raised.clear(at));
    }
    let done = if before.borrow().is_none() {
        let exec_module =
            loader.borrow().get(c"__class__")?.borrow().get(EXEC_MODULE).map(|f| at.prolong(f))?;
        exec_module.borrow().call(&[loader.borrow(), module]).map(|done| at.prolong(done))?
    } else {
        before.borrow().call(&[module]).map(|done| at.prolong(done))?
    };
    if is_it {
        let classes: Vec<Borrowed<'_>> = classes.iter().map(Owned::borrow).collect();
        register(&classes, module).unwrap_or_else(|raised| raised.clear(at));
    }
    Ok(done)
}

fn register(classes: &[Borrowed<'_>], module: Borrowed<'_>) -> Result<()> {
    for base in [c"MetaPathFinder", c"InspectLoader"] {
        let base = module.get(base)?;
        let register = base.borrow().get(c"register")?;
        for class in classes {
            register.borrow().call(&[*class])?;
        }
    }
    Ok(())
}
