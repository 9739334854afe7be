//! The second half of importlib's `_find_and_load_unlocked`: a record in, a module out, which is in
//! `sys.modules` and an attribute of its package.
//!
//! Knows nothing of locks, nor of when all this may be done: that is `preload.rs`.

use linktab::Record;

use super::batch::{Batch, Parent};
use super::cleanup::after;
use crate::find::query::{Query, quoted};
use crate::find::{finder, spec};
use crate::load::{call, route};
use crate::object::{Borrowed, Kind, Owned, Result};

/// A module that was executed.
struct Loaded<'a> {
    module: Owned<'a>,
    /// The `sys.modules` that holds the package as it was found, if nothing has changed it since.
    has_parent: Option<Owned<'a>>,
}

impl<'a> Batch<'a> {
    /// The rest of `_find_and_load_unlocked`, from `_load_unlocked` on; `theirs` is the spec of a finder in front.
    pub fn load(
        &self,
        name: Borrowed<'a>,
        record: &'static Record,
        theirs: Option<Owned<'a>>,
        parent: Option<&Parent<'_, 'a>>,
    ) -> Result<Owned<'a>> {
        let (spec, is_ours) = match theirs {
            None => (self.spec_of(name, record, parent)?, true),
            Some(spec) => (spec, false),
        };
        let under_way = parent.and_then(|parent| Some((parent.package.under_way.as_ref()?, parent.child)));
        if let Some((list, child)) = under_way {
            list.borrow().push(child.borrow())?;
        }
        let loaded = match is_ours {
            true => self.load_unlocked(name, record, spec.borrow(), parent),
            false => self.load_by_importlib(spec.borrow()),
        };
        let loaded = after(self.at, loaded, || under_way.map_or(Ok(()), |(list, _)| list.borrow().pop()));
        let loaded = loaded?;
        if let Some(parent) = parent {
            self.bind(parent, &loaded)?;
        }
        Ok(loaded.module)
    }

    fn spec_of(
        &self,
        name: Borrowed<'a>,
        record: &Record,
        parent: Option<&Parent<'_, 'a>>,
    ) -> Result<Owned<'a>> {
        if !record.is_package() {
            return spec::of_extension(self.this(), name);
        }
        let none = self.at.borrowed_none();
        let path = parent.map_or(none, |parent| parent.package.path.borrow());
        let spec = finder::spec_of_package(self.this(), Query { name, path, target: none })?;
        Ok(self.at.prolong(spec))
    }

    fn load_unlocked(
        &self,
        name: Borrowed<'a>,
        record: &'static Record,
        spec: Borrowed<'_>,
        parent: Option<&Parent<'_, 'a>>,
    ) -> Result<Loaded<'a>> {
        let this = self.this();
        let loading = route::Loading { state: self.state, record, spec, name };
        let module = self.at.prolong(route::create(&loading)?);
        self.init_module_attributes(module.borrow(), spec, name, record, parent)?;
        spec::set_initializing(this, spec, true)?;
        let outcome = self.execute(name, module, parent);
        after(self.at, outcome, || spec::set_initializing(this, spec, false))
    }

    /// A spec of anybody's.
    fn load_by_importlib(&self, spec: Borrowed<'_>) -> Result<Loaded<'a>> {
        let bootstrap = self.at.imported(c"_frozen_importlib")?;
        let load = bootstrap.borrow().get(c"_load_unlocked")?;
        let module = self.at.prolong(load.borrow().call(&[spec])?);
        Ok(Loaded { module, has_parent: None })
    }

    /// Shows the module in `sys.modules`, executes it, and moves it to the end, behind what it imported.
    fn execute(
        &self,
        name: Borrowed<'a>,
        module: Owned<'a>,
        parent: Option<&Parent<'_, 'a>>,
    ) -> Result<Loaded<'a>> {
        let in_sys = self.sys.modules(self.at, &self.words)?;
        let modules = in_sys.borrow();
        let has_parent = parent.is_some_and(|parent| parent.seen == modules.version());
        let before = modules.len();
        modules.set_value(name, module.borrow())?;
        let (len, version) = (modules.len(), modules.version());
        if let Err(raised) = call::exec(module.borrow()) {
            return after(self.at, Err(raised), || {
                modules.remove(name).or_else(|raised| raised.clear_if(self.at, Kind::KeyError))
            });
        }
        // Where an entry came and nothing since, it is the module's; one that was replaced may have had an
        // end that runs code.
        if len == before + 1 && version.is_some() && version == modules.version() {
            return Ok(Loaded { module, has_parent: Some(in_sys).filter(|_| has_parent) });
        }
        // It may have put another object in its place.
        let module = self.at.prolong(modules.required(name)?);
        if modules.len() != len {
            modules.remove(name)?;
            modules.set_value(name, module.borrow())?;
        }
        Ok(Loaded { module, has_parent: None })
    }

    /// `_init_module_attrs`, for modules that are nothing but modules; others may refuse attributes.
    fn init_module_attributes(
        &self,
        module: Borrowed<'_>,
        spec: Borrowed<'_>,
        name: Borrowed<'_>,
        record: &Record,
        parent: Option<&Parent<'_, '_>>,
    ) -> Result<()> {
        let Some(namespace) = module.namespace() else {
            let bootstrap = self.at.imported(c"_frozen_importlib")?;
            let init = bootstrap.borrow().get(c"_init_module_attrs")?;
            return init.borrow().call(&[spec, module]).map(drop);
        };
        let as_made = call::is_as_made(module);
        let default = |word: &Owned<'_>, value: Borrowed<'_>| match as_made {
            // `None`, as CPython made it.
            true => namespace.set_value(word.borrow(), value),
            false => namespace.set_default(word.borrow(), value),
        };
        let words = &self.words;
        if !as_made {
            finder::without_false_file(self.this(), namespace)?;
            default(&words.dunder_name, name)?;
        }
        default(&words.dunder_loader, self.finder)?;
        match parent {
            _ if record.is_package() => default(&words.dunder_package, name)?,
            Some(parent) => default(&words.dunder_package, parent.name.borrow())?,
            None => default(&words.dunder_package, self.at.str("")?.borrow())?,
        }
        namespace.set_value(words.dunder_spec.borrow(), spec)?;
        if record.is_package() {
            default(&words.dunder_path, spec.get(c"submodule_search_locations")?.borrow())?;
        }
        Ok(())
    }

    /// Makes the module an attribute of its package.
    fn bind(&self, parent: &Parent<'_, '_>, loaded: &Loaded<'_>) -> Result<()> {
        let modules = self.sys.modules(self.at, &self.words)?;
        let known = parent.package;
        let seen = |seen_in: &Owned<'_>| seen_in.borrow().is(modules.borrow());
        let package = match loaded.has_parent.as_ref().is_some_and(seen) {
            true => known.object.borrow().own(),
            false => modules.borrow().required(parent.name.borrow())?,
        };
        let (package, child, module) = (package.borrow(), parent.child.borrow(), loaded.module.borrow());
        let set = match package.namespace() {
            // What a module has no descriptor for goes into its dictionary.
            Some(namespace) if !parent.is_dunder && package.is(known.object.borrow()) => {
                known.add(namespace, child, module)
            }
            Some(namespace) if !parent.is_dunder => namespace.set_value(child, module),
            _ => package.set_attribute(child, module),
        };
        let Err(raised) = set else { return Ok(()) };
        raised.clear_if(self.at, Kind::AttributeError)?;
        let (package, child) = (quoted(parent.name.borrow()), quoted(parent.child.borrow()));
        let message = format!("Cannot set an attribute on {package} for child module {child}");
        self.at.warn(Kind::ImportWarning, &message)
    }
}
