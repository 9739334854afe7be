//! The two finders onto `sys.meta_path` of the running interpreter, after all checks have passed.

use core::ffi::CStr;

use linktab::Registry;

use crate::error::{Error, Misfit};
use crate::find::{own, subinterpreters};
use crate::image::{self, Image};
use crate::module::neighbours::{self, Place};
use crate::module::{definition, meta_path};
use crate::object::{Attached, Borrowed, Owned, Result};
use crate::{libpython, load, running};

/// Everything that can be known before Python runs: the table is sound, and fits this Python.
pub fn check() -> core::result::Result<&'static Registry, Error> {
    let registry = Registry::global()?;
    // The finder's own record is where the finder is.
    if registry.get(own::NAME).is_none() {
        let (here, table) = image::here_and_table(registry);
        let path = |file: Option<Image>| file.map_or_else(|| "a file".to_owned(), |it| it.path().to_owned());
        return Err(Error::OtherRuntime { here: path(here), table: path(table) });
    }
    // This is called twice before each start, and records of the same build graph name no Python.
    if !registry.names_python() {
        return Ok(registry);
    }
    let python = running::python();
    let mut misfits: Vec<Misfit> = registry.iter().filter_map(|record| Misfit::of(record, python)).collect();
    if misfits.is_empty() {
        return Ok(registry);
    }
    misfits.sort_by_key(|misfit| misfit.name);
    Err(Error::Misfits(misfits))
}

/// Checks the table and reserves what single-phase extensions need, before Python is initialised.
///
/// [`main`](crate::main()) does this by itself. Hosts that initialise Python themselves call it each
/// time before `Py_Initialize` or `Py_InitializeFromConfig`. Without it everything works on CPython
/// 3.9 to 3.11 and 3.15; on 3.12 to 3.14, where the table of built-in modules cannot grow later,
/// single-phase extensions are then loaded without CPython's module cache, with a warning.
///
/// # Errors
///
/// When the table has duplicates, unreadable records or extensions for another Python, or Python is
/// already initialised (3.12 to 3.14).
pub fn prepare() -> core::result::Result<(), Error> {
    libpython::keep();
    check()?;
    load::prepare(own::NAME_C, definition::init).map_err(Error::Inittab)
}

/// Puts linktab's finders onto `sys.meta_path` of the current interpreter, the one that finds
/// extensions first and the one that finds the packages around them last.
///
/// Call it with Python initialised and the GIL held, once in each interpreter; a second call changes
/// nothing. Shared objects that are loaded into one process may each have a table and call it: the second's
/// module is `linktab_2`. Call [`prepare`] before Python is initialised, where that is in your hands.
///
/// # Errors
///
/// When the table has duplicates, unreadable records or extensions for another Python, or extensions that another
/// table in the process has too, nothing is changed and nothing imported.
///
/// # Examples
///
/// ```no_run
/// // a host that initialises Python by itself
/// linktab_finder::prepare()?;
/// unsafe { pyo3_ffi::Py_Initialize() };
/// linktab_finder::install()?;
/// # Ok::<(), linktab_finder::Error>(())
/// ```
pub fn install() -> core::result::Result<(), Error> {
    let registry = check()?;
    // SAFETY: may be called at any time.
    if unsafe { pyo3_ffi::Py_IsInitialized() } == 0 {
        return Err(Error::NotAttached);
    }
    // SAFETY: may be called when Python is initialised.
    if unsafe { pyo3_ffi::PyGILState_Check() } == 0 {
        return Err(Error::NotAttached);
    }
    // SAFETY: checked above.
    let at = unsafe { Attached::new() };
    let place = neighbours::place(at).map_err(|_| Error::Python(describe(at)))?;
    match neighbours::taken(&place.others, registry) {
        taken if taken.is_empty() => into_place(at, place).map_err(|_| Error::Python(describe(at))),
        taken => Err(Error::Taken(taken)),
    }
}

/// Installs, here and by and by in new subinterpreters, and leaves a Python exception when that fails.
pub fn into_current(at: Attached<'_>) -> Result<()> {
    into_place(at, neighbours::place(at)?)
}

fn into_place(at: Attached<'_>, place: Place<'_>) -> Result<()> {
    subinterpreters::install_by(into_current);
    subinterpreters::look_back(at)?;
    match place.module {
        // Somebody may have taken the finders away.
        Some(module) => meta_path::enter(module.borrow()),
        None => linktab_module(at, place.modules.borrow(), &place.name).map(drop),
    }
}

/// The module, with the attributes that importlib would give it (`_init_module_attrs`).
///
/// It cannot be imported yet: the finder that would find it is inside.
fn linktab_module<'a>(at: Attached<'a>, modules: Borrowed<'_>, name: &CStr) -> Result<Owned<'a>> {
    let key = name;
    let name = at.interned(key)?;
    let class =
        at.imported(c"_frozen_importlib")?.borrow().get(c"ModuleSpec").map(|class| at.prolong(class))?;
    let spec = class.borrow().call(&[name.borrow(), at.none().borrow()])?;
    spec.borrow().set(c"origin", at.interned(c"static")?.borrow())?;
    let module = at.prolong(definition::new_module(spec.borrow())?);
    let finder = module.borrow().get(c"finder")?;
    spec.borrow().set(c"loader", finder.borrow())?;
    module.borrow().set(c"__spec__", spec.borrow())?;
    module.borrow().set(c"__loader__", finder.borrow())?;
    module.borrow().set(c"__package__", at.str("")?.borrow())?;
    modules.set_item(key, module.borrow())?;
    drop(finder);
    Ok(module)
}

/// The exception that is set, as one line, and clears it.
fn describe(at: Attached<'_>) -> String {
    let exception = at.take_exception();
    let class = exception.borrow().type_name();
    match exception.borrow().display() {
        Ok(text) => format!("{class}: {}", text.borrow().text().unwrap_or_default()),
        Err(raised) => {
            raised.clear(at);
            class
        }
    }
}
