//! The second half of importlib's `_find_and_load_unlocked`: a record in, a module out, which is in
//! `sys.modules` and an attribute of its package.
//!
//! Knows nothing of locks, nor of when all this may be done: that is `preload.rs`.

use linktab::Record;

use super::batch::{Batch, Parent, after};
use crate::find::finder;
use crate::find::query::{Query, This, quoted};
use crate::load::{call, route};
use crate::object::{Borrowed, Kind, Owned, Result};
use crate::state::Held;

impl<'a> Batch<'a> {
    /// The rest of `_find_and_load_unlocked`, from `_load_unlocked` on.
    pub fn load(
        &self,
        name: Borrowed<'a>,
        record: &'static Record,
        parent: Option<&Parent<'a>>,
    ) -> Result<Owned<'a>> {
        let this = This { object: self.finder, state: self.state };
        let spec = self.spec_of(this, name, record, parent)?;
        let under_way = parent.and_then(|parent| Some((parent.under_way.as_ref()?, &parent.child)));
        if let Some((list, child)) = under_way {
            list.borrow().push(child.borrow())?;
        }
        let module = self.load_unlocked(name, record, spec.borrow(), parent);
        let module = after(self.at, module, || under_way.map_or(Ok(()), |(list, _)| list.borrow().pop()));
        let module = module?;
        if let Some(parent) = parent {
            self.bind(parent, module.borrow())?;
        }
        Ok(module)
    }

    fn spec_of(
        &self,
        this: This<'a>,
        name: Borrowed<'a>,
        record: &Record,
        parent: Option<&Parent<'a>>,
    ) -> Result<Owned<'a>> {
        if !record.is_package() {
            return finder::spec_of(this, name, Held::OriginStatic, false);
        }
        let none = self.at.borrowed_none();
        let path = parent.map_or(none, |parent| parent.path.borrow());
        let spec = finder::spec_of_package(this, Query { name, path, target: none })?;
        Ok(self.at.prolong(spec))
    }

    fn load_unlocked(
        &self,
        name: Borrowed<'a>,
        record: &'static Record,
        spec: Borrowed<'_>,
        parent: Option<&Parent<'a>>,
    ) -> Result<Owned<'a>> {
        let loading = route::Loading { state: self.state, record, spec };
        let module = self.at.prolong(route::create(&loading)?);
        self.init_module_attributes(module.borrow(), spec, name, record, parent)?;
        spec.set_attribute(self.words.initializing.borrow(), self.at.bool(true).borrow())?;
        let outcome = self.execute(name, module);
        after(self.at, outcome, || {
            spec.set_attribute(self.words.initializing.borrow(), self.at.bool(false).borrow())
        })
    }

    /// Shows the module in `sys.modules`, executes it, and moves it to the end, behind what it imported.
    fn execute(&self, name: Borrowed<'a>, module: Owned<'a>) -> Result<Owned<'a>> {
        let modules = self.sys.borrow().required(self.words.modules.borrow())?;
        let modules = modules.borrow();
        modules.set_value(name, module.borrow())?;
        let len = modules.len();
        if let Err(raised) = call::exec(module.borrow()) {
            return after(self.at, Err(raised), || {
                modules.remove(name).or_else(|raised| raised.clear_if(self.at, Kind::KeyError))
            });
        }
        // It may have put another object in its place.
        let module = self.at.prolong(modules.required(name)?);
        if modules.len() != len {
            modules.remove(name)?;
            modules.set_value(name, module.borrow())?;
        }
        Ok(module)
    }

    /// `_init_module_attrs`, for modules that are nothing but modules; others may refuse attributes.
    fn init_module_attributes(
        &self,
        module: Borrowed<'_>,
        spec: Borrowed<'_>,
        name: Borrowed<'_>,
        record: &Record,
        parent: Option<&Parent<'_>>,
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
            finder::without_false_file(This { object: self.finder, state: self.state }, namespace)?;
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
    fn bind(&self, parent: &Parent<'_>, module: Borrowed<'_>) -> Result<()> {
        let modules = self.sys.borrow().required(self.words.modules.borrow())?;
        let package = modules.borrow().required(parent.name.borrow())?;
        let set = match package.borrow().namespace() {
            // What a module has no descriptor for goes into its dictionary.
            Some(namespace) if !parent.is_dunder => namespace.set_value(parent.child.borrow(), module),
            _ => package.borrow().set_attribute(parent.child.borrow(), module),
        };
        let Err(raised) = set else { return Ok(()) };
        raised.clear_if(self.at, Kind::AttributeError)?;
        let (package, child) = (quoted(parent.name.borrow()), quoted(parent.child.borrow()));
        let message = format!("Cannot set an attribute on {package} for child module {child}");
        self.at.warn(Kind::ImportWarning, &message)
    }
}
