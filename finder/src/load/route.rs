//! How a record becomes a module: the route per version and phase, all in this file; what versions do
//! differently on the way is `versions.rs`.
//!
//! | | 3.9 to 3.14 | free-threaded 3.14 | 3.15 |
//! |---|---|---|---|
//! | multi | [`direct`] | [`through_slot`] | [`from_init_function`] |
//! | single | [`through_slot`] | [`through_slot`] | [`from_init_function`] |
//! | export | refused | refused | [`from_export_hook`] |
//!
//! Names that are not ASCII always go [`direct`]: `_imp.create_builtin` compares ASCII only, and
//! `PyImport_CreateModuleFromInitfunc` encodes to ASCII. `docs/loading.md` says more of each route.

use linktab::{Phase, Record};

use super::answer::Answer;
#[cfg(Py_3_15)]
use super::export;
#[cfg(Py_3_15)]
use super::trampoline::trampoline;
use super::trampoline::with_job;
use super::{call, mismatch, slot, versions};
use crate::object::{Attached, Borrowed, Kind, Owned, Result};
use crate::state::{Held, State};

/// One call of `create_module`.
pub struct Loading<'a> {
    pub state: &'a State,
    pub record: &'static Record,
    pub spec: Borrowed<'a>,
    /// The spec's.
    pub name: Borrowed<'a>,
}

impl<'a> Loading<'a> {
    fn at(&self) -> Attached<'a> {
        self.spec.attached()
    }
}

pub fn create<'a>(loading: &Loading<'a>) -> Result<Owned<'a>> {
    match loading.record.phase() {
        Phase::Export => from_export_hook(loading),
        Phase::Multi if cfg!(all(not(Py_3_15), not(Py_GIL_DISABLED))) => direct(loading),
        _ if !loading.record.name().is_ascii() => direct(loading),
        _ if cfg!(Py_3_15) => from_init_function(loading),
        // `Phase` may grow; a new phase is refused by the index until this file knows it.
        _ => through_slot(loading, None),
    }
}

/// Calls the init function and makes the module from its definition, as
/// `_PyImport_LoadDynamicModuleWithSpec` does for multi-phase modules.
fn direct<'a>(loading: &Loading<'a>) -> Result<Owned<'a>> {
    match call::call_init(loading.at(), loading.record)? {
        Answer::Definition(definition) => {
            mismatch::warn(loading.at(), loading.record, &Answer::Definition(definition))?;
            call::from_definition(definition, loading.spec, loading.name)
        }
        Answer::Module(module) if !has_ascii_leaf(loading.record) => refuse_non_ascii(loading, module),
        Answer::Module(module) => {
            let answer = Answer::Module(module);
            mismatch::warn(loading.at(), loading.record, &answer)?;
            let Answer::Module(module) = answer else { unreachable!("it is a module") };
            // It exists, and CPython's cache has yet to learn of it.
            through_slot(loading, Some(module))
        }
    }
}

/// `_imp.create_builtin`, which finds our entry under the record's name: CPython's cache,
/// `PyState_FindModule`, and from 3.13 on the checks for subinterpreters and the GIL.
///
/// `ready` is the module, when the init function has been called already.
fn through_slot<'a>(loading: &Loading<'a>, ready: Option<Owned<'a>>) -> Result<Owned<'a>> {
    let (at, record) = (loading.at(), loading.record);
    let has_slot = loading.state.slot && record.name().is_ascii();
    if record.phase() == Phase::Single || ready.is_some() {
        versions::check_subinterpreter(at, record, has_slot)?;
    }
    if !has_slot {
        return without_slot(loading, ready);
    }
    let create_builtin = loading.state.get(at, Held::CreateBuiltin)?;
    with_job(record, ready, || slot::standing_for(at, record.name(), || create_builtin.call(&[loading.spec])))
        .map(|module| at.prolong(module))
}

/// The way out where nobody called `prepare()` before Python was initialised (3.12 to 3.14), or
/// CPython's cache takes no such name.
fn without_slot<'a>(loading: &Loading<'a>, ready: Option<Owned<'a>>) -> Result<Owned<'a>> {
    let at = loading.at();
    let module = match ready {
        Some(module) => module,
        None => match call::call_init(at, loading.record)? {
            Answer::Definition(definition) => {
                return call::from_definition(definition, loading.spec, loading.name);
            }
            Answer::Module(module) => module,
        },
    };
    let name = loading.record.name();
    let fix = if name.is_ascii() {
        "call linktab_finder::prepare() or linktab_prepare() before Python is initialised"
    } else {
        "register it under a name that is ASCII"
    };
    let message = format!(
        "single-phase extension '{name}' is loaded without CPython's cache: imported again, it is initialised \
         again, and PyState_FindModule does not find it. Fix: {fix}"
    );
    at.warn(Kind::RuntimeWarning, &message)?;
    Ok(module)
}

/// Whether the last component is ASCII: that is what CPython's own loader goes by.
fn has_ascii_leaf(record: &Record) -> bool {
    record.name().rsplit('.').next().is_some_and(str::is_ascii)
}

/// CPython has no single-phase modules with such names: their init functions are called
/// `PyInitU_…`, and `_PyImport_LoadDynamicModuleWithSpec` accepts definitions only from those.
fn refuse_non_ascii<'a>(loading: &Loading<'a>, module: Owned<'a>) -> Result<Owned<'a>> {
    drop(module);
    let message = format!("initialization of {} did not return PyModuleDef", loading.record.name());
    Err(loading.at().raise(Kind::SystemError, &message))
}

/// `PyImport_CreateModuleFromInitfunc`: cache, subinterpreters and the GIL in one call.
///
/// The trampoline sets the package context, which 3.15.0 forgets (gh-157384).
#[cfg(Py_3_15)]
fn from_init_function<'a>(loading: &Loading<'a>) -> Result<Owned<'a>> {
    with_job(loading.record, None, || versions::from_init_function(loading.spec, trampoline))
}

#[cfg(not(Py_3_15))]
fn from_init_function<'a>(loading: &Loading<'a>) -> Result<Owned<'a>> {
    unreachable!("{} is loaded on CPython before 3.15", loading.record.name())
}

/// `PyModule_FromSlotsAndSpec` on what the export hook returns (PEP 793).
#[cfg(Py_3_15)]
fn from_export_hook<'a>(loading: &Loading<'a>) -> Result<Owned<'a>> {
    export::create(loading.record, loading.spec)
}

#[cfg(not(Py_3_15))]
fn from_export_hook<'a>(loading: &Loading<'a>) -> Result<Owned<'a>> {
    let message = format!(
        "extension '{}' has an export hook (PEP 793) and no init function: that needs CPython 3.15, and this is \
         {} ({})",
        loading.record.name(),
        crate::running::version(),
        loading.record.origin()
    );
    let name = loading.spec.get(c"name")?;
    Err(loading.at().raise_import_error(Kind::ImportError, &message, name.borrow()))
}
