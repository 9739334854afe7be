//! The module `linktab`: the table as Python sees it, and the home of the two finders.
//!
//! What each of its functions answers. How CPython gets to these functions is `definition.rs`.

use linktab::Registry;

use super::finder_types::{self, Which};
use super::{meta_path, raise, records};
use crate::find::{abstract_classes, files, own};
use crate::object::{Borrowed, Kind, Owned, Result};
use crate::state::{Held, State};

/// Makes what the state holds and what the module shows.
pub fn exec(module: Borrowed<'_>, state: &mut State, has_slot: bool) -> Result<()> {
    let at = module.attached();
    let registry = match Registry::global() {
        Ok(registry) => registry,
        Err(error) => return Err(at.raise(Kind::ImportError, &error.to_string())),
    };
    state.start(registry, has_slot, files::wishes(at)?);
    let state = &*state;

    let bootstrap = at.imported(c"_frozen_importlib")?;
    let spec = bootstrap.borrow().get(c"ModuleSpec")?;
    state.set(Held::SpecInit, at.prolong(spec.borrow().get(c"__init__")?));
    state.set(Held::Spec, spec);
    state.set(Held::NoArguments, at.tuple(&[])?);
    let call = bootstrap.borrow().get(c"_call_with_frames_removed")?;
    state.set(Held::CallWithFramesRemoved, call);
    state.set(Held::Raise, raise::new(at)?);
    let imp = at.imported(c"_imp")?;
    state.set(Held::CreateBuiltin, imp.borrow().get(c"create_builtin")?);
    let keywords = [at.interned(c"origin")?, at.interned(c"loader_state")?, at.interned(c"is_package")?];
    state.set(Held::SpecKeywords, at.tuple(&keywords.each_ref().map(Owned::borrow))?);
    state.set(Held::OriginStatic, at.interned(c"static")?);
    state.set(Held::OriginImplied, at.interned(c"implied")?);
    state.set(Held::Name, at.interned(c"name")?);
    state.set(Held::Loader, at.interned(c"loader")?);
    state.set(Held::DunderLoader, at.interned(c"__loader__")?);
    state.set(Held::DunderPackage, at.interned(c"__package__")?);
    state.set(Held::Initializing, at.interned(c"_initializing")?);
    state.set(Held::False, at.bool(false));
    state.set(Held::True, at.bool(true));

    let name = module.get(c"__name__")?;
    let show = |key, object: Borrowed<'_>| match module.namespace() {
        Some(namespace) => namespace.set_value(at.interned(key)?.borrow(), object),
        None => module.set(key, object),
    };
    let (class_of_finder, finder) = finder_types::new(module, Which::Static)?;
    own::name_home(class_of_finder.borrow(), name.borrow())?;
    show(c"StaticExtensionFinder", class_of_finder.borrow())?;
    show(c"finder", finder.borrow())?;
    state.set(Held::Finder, at.prolong(finder.borrow().own()));
    let (class, implied) = finder_types::new(module, Which::Implied)?;
    own::name_home(class.borrow(), name.borrow())?;
    show(c"ImpliedPackageFinder", class.borrow())?;
    show(c"implied_packages", implied.borrow())?;
    state.set(Held::Implied, at.prolong(implied.borrow().own()));
    abstract_classes::look_back(at, [class_of_finder.borrow(), class.borrow()])?;
    show(c"__version__", at.str(env!("CARGO_PKG_VERSION"))?.borrow())?;
    meta_path::enter_finders(finder.borrow(), implied.borrow())
}

/// `linktab.modules()`: all extensions, ordered by name.
pub fn modules<'a>(module: Borrowed<'a>, state: &'a State) -> Result<Owned<'a>> {
    let at = module.attached();
    let list = at.list(Vec::new())?;
    for record in state.registry(at)?.iter_by_name() {
        list.borrow().push(records::extension(module, state, record)?.borrow())?;
    }
    Ok(list)
}

/// `linktab.find(name)`.
pub fn find<'a>(module: Borrowed<'a>, state: &'a State, name: Borrowed<'a>) -> Result<Owned<'a>> {
    let at = module.attached();
    if !name.is_text() {
        let message = format!("find() argument must be str, not {}", name.type_name());
        return Err(at.raise(Kind::TypeError, &message));
    }
    match name.text().and_then(|name| state.registry(at).ok()?.get(name)) {
        Some(record) => records::extension(module, state, record),
        None => Ok(at.none()),
    }
}
