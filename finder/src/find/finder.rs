//! `linktab.StaticExtensionFinder`: a name in, a spec out, and then the module behind it.
//!
//! First on `sys.meta_path`, and the loader of its own specs. Every import of anything asks it, so a
//! name that is not in the table costs one hash and `None`. Knows the finder and loader protocols
//! (importlib's `MetaPathFinder`, `InspectLoader`); how a record becomes a module is `load/route.rs`.

use linktab::Record;

use super::files::{self, has_files};
use super::query::{Query, This};
use super::{abstract_classes, location, own, spec, subinterpreters};
use crate::load::{call, route};
use crate::object::{Borrowed, Owned, Raised, Result};
use crate::state::Held;

pub fn find_spec<'a>(
    this: This<'a>,
    values: &[Borrowed<'a>],
    keywords: &[Borrowed<'_>],
) -> Result<Owned<'a>> {
    let query = Query::bind(this, values, keywords)?;
    let Some(record) = this.record(query.name)? else {
        return of_others(this, query);
    };
    this.state.found(record);
    if own::is(record) && !own::has_own_name(this.object)? {
        return Ok(this.at().none());
    }
    if this.state.files.matter()
        && let Some(file) = files::before(this, query, record)?
    {
        return Ok(file);
    }
    let spec = if record.is_package() {
        spec_of_package(this, query)?
    } else {
        spec::of_extension(this, query.name)?
    };
    if record.has_file() {
        location::place(this, query, record, spec.borrow())?;
    }
    Ok(spec)
}

/// What the finder says of a name that is not in the table: nothing, but it takes note of some.
#[inline]
fn of_others<'a>(this: This<'a>, query: Query<'a>) -> Result<Owned<'a>> {
    match query.name.text() {
        Some(abstract_classes::MODULE) => return abstract_classes::spec(this, query),
        Some(name) => subinterpreters::notice(this.at(), name),
        None => {}
    }
    Ok(this.at().none())
}

/// The spec of a package that is an extension, with the folders that hold its Python code: those in
/// which somebody else would find it, as a wheel has `pkg/sub.py` beside `pkg/__init__.….so`.
pub fn spec_of_package<'a>(this: This<'a>, query: Query<'a>) -> Result<Owned<'a>> {
    let spec = spec::of(this, query.name, Held::OriginStatic, true)?;
    let Some(other) = query.ask_those_behind(this, has_files)? else { return Ok(spec) };
    let locations = c"submodule_search_locations";
    let folders = other.borrow().get(locations)?;
    if !folders.borrow().is_none() {
        let own = spec.borrow().get(locations)?;
        for folder in folders.borrow().to_tuple()?.borrow().items()? {
            own.borrow().push(folder.borrow())?;
        }
    }
    Ok(spec)
}

/// Never returns `None` for a name that it does not know: importlib would take that for "make an
/// empty module" (`importlib._bootstrap.module_from_spec`).
pub fn create_module<'a>(this: This<'a>, spec: Borrowed<'a>) -> Result<Owned<'a>> {
    let name = spec::name(this, spec)?;
    let record = this.found_last(name.borrow()).map_or_else(|| this.own_record(name.borrow()), Ok)?;
    if own::is(record) {
        // One per interpreter: its finders stand on `sys.meta_path`.
        return own::of(this.object);
    }
    let loading = route::Loading { state: this.state, record, spec, name: name.borrow() };
    let module = route::create(&loading).map_err(|raised| without_importlib(this, raised))?;
    let module = this.at().prolong(module);
    if spec::loader(this, spec)?.borrow().is(this.object) {
        preset(this, record, spec, name.borrow(), module.borrow())?;
    }
    Ok(module)
}

/// Sets attributes as importlib is about to for a spec of this finder's, where that costs less.
///
/// `_init_module_attrs` computes `__loader__` and `__package__` only where it does not find them, which
/// takes a property and two calls in Python. Then it asks the module for `__path__`, and to word the
/// `AttributeError` that nobody will read, CPython asks the spec whether it is `_initializing`; without
/// an answer that is two more exceptions with words (Objects/moduleobject.c, `module_getattro`).
/// `_load_unlocked` sets that attribute next.
fn preset(
    this: This<'_>,
    record: &Record,
    spec: Borrowed<'_>,
    name: Borrowed<'_>,
    module: Borrowed<'_>,
) -> Result<()> {
    spec::set_initializing(this, spec, false)?;
    let Some(namespace) = module.namespace() else { return Ok(()) };
    without_false_file(this, namespace)?;
    namespace.set_default(this.held(Held::DunderLoader)?, this.object)?;
    let package = this.held(Held::DunderPackage)?;
    if record.is_package() {
        return namespace.set_default(package, name);
    }
    let parent = parent_and_child(record.name()).map_or("", |(parent, _)| parent);
    namespace.set_default(package, this.at().str(parent)?.borrow())
}

/// Takes a `__file__` away that is no file: Cython makes one of any spec's origin, and `inspect` would
/// read a file `static` of the current folder.
pub fn without_false_file(this: This<'_>, namespace: Borrowed<'_>) -> Result<()> {
    let at = this.at();
    let key = this.state.get_or_make(at, Held::DunderFile, || at.interned(c"__file__"))?;
    match namespace.value(key)? {
        Some(file) if file.borrow().is(this.held(Held::OriginStatic)?) => namespace.remove(key),
        _ => Ok(()),
    }
}

/// The name of the package around an extension, and the extension's name in it.
pub fn parent_and_child(name: &str) -> Option<(&str, &str)> {
    // A last component is short: a search of `str`'s own would take longer to begin.
    let dot = name.bytes().rposition(|byte| byte == b'.')?;
    Some((&name[..dot], &name[dot + 1..]))
}

pub fn exec_module<'a>(this: This<'a>, module: Borrowed<'a>) -> Result<Owned<'a>> {
    call::exec(module).map_err(|raised| without_importlib(this, raised))?;
    Ok(this.at().none())
}

/// Takes importlib's own frames out of the traceback of an extension's failure.
///
/// CPython's loaders call `_imp` through `_call_with_frames_removed`, and tracebacks leave out the
/// frames that lead to that one (`remove_importlib_frames`, Python/import.c). Here the exception goes
/// through it, so that a module that loads does not pay for it.
fn without_importlib(this: This<'_>, raised: Raised) -> Raised {
    let held = (this.held(Held::CallWithFramesRemoved), this.held(Held::Raise));
    let (Ok(call), Ok(raise)) = held else { return raised };
    let exception = this.at().take_exception();
    call.call(&[raise, exception.borrow()]).err().unwrap_or(raised)
}

/// `get_code` and `get_source`: an extension has neither.
pub fn nothing<'a>(this: This<'a>, name: Borrowed<'a>) -> Result<Owned<'a>> {
    this.own_record(name).map(|_| this.at().none())
}

pub fn is_package<'a>(this: This<'a>, name: Borrowed<'a>) -> Result<Owned<'a>> {
    let record = this.own_record(name)?;
    Ok(this.at().bool(record.is_package()))
}

pub fn repr(this: This<'_>) -> Result<Owned<'_>> {
    let len = this.state.registry(this.at())?.len();
    let plural = if len == 1 { "" } else { "s" };
    let place = this.place();
    this.at().str(&format!("<linktab.StaticExtensionFinder of {len} extension{plural}{place}>"))
}

/// A string names a global of the module in `__module__` (pickle, "Pickling Class Instances"): each
/// interpreter that reads it gets its own finder.
pub fn reduce(this: This<'_>) -> Result<Owned<'_>> {
    this.at().str("finder")
}

pub fn invalidate_caches(this: This<'_>) -> Result<Owned<'_>> {
    Ok(this.at().none())
}
