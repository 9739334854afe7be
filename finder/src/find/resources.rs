//! Files that lie with an extension: its name in, the reader out with which `importlib.resources` reads them.
//!
//! Beside a shared object, importlib's loader knows such files by its folder. One of the table has no folder, but
//! its package may have some: the `__path__` of the extension itself, or of the package around it. Their
//! readers are importlib's own.

use core::ffi::CStr;

use linktab::Record;

use super::finder;
use super::query::{Query, This};
use crate::object::{Attached, Borrowed, Kind, Owned, Result};

/// `None` where there is no folder.
pub fn reader<'a>(this: This<'a>, name: Borrowed<'a>) -> Result<Owned<'a>> {
    let at = this.at();
    let record = this.own_record(name)?;
    let Some(folders) = folders(this, name, record)? else { return Ok(at.none()) };
    let items = folders.borrow().items()?;
    let Some(first) = items.first() else { return Ok(at.none()) };
    let external = at.imported(c"_frozen_importlib_external")?;
    if items.len() > 1 {
        let loader = of_several(external.borrow(), name, folders.borrow())?;
        match loader.borrow().get(GET_RESOURCE_READER) {
            Ok(get) => return get.borrow().call(&[name]).map(|reader| at.prolong(reader)),
            // CPython 3.9 reads from one folder only.
            Err(raised) => raised.clear_if(at, Kind::AttributeError)?,
        }
    }
    let path = at.import(c"os.path")?;
    let join = path.borrow().get(c"join")?;
    let file = join.borrow().call(&[first.borrow(), at.str("__init__.py")?.borrow()])?;
    let class = external.borrow().get(c"SourceFileLoader")?;
    let loader = class.borrow().call(&[name, file.borrow()])?;
    let get = loader.borrow().get(GET_RESOURCE_READER)?;
    get.borrow().call(&[name]).map(|reader| at.prolong(reader))
}

const GET_RESOURCE_READER: &CStr = c"get_resource_reader";

/// The loader of a package without `__init__.py` in any of its folders; `NamespaceLoader` since 3.11.
fn of_several<'a>(external: Borrowed<'a>, name: Borrowed<'_>, folders: Borrowed<'_>) -> Result<Owned<'a>> {
    let at = external.attached();
    let class = external.get(c"_NamespaceLoader")?;
    let finder = external.get(c"PathFinder")?;
    let find_spec = finder.borrow().get(c"find_spec")?;
    class.borrow().call(&[name, folders, find_spec.borrow()]).map(|loader| at.prolong(loader))
}

/// The folders that belong to an extension.
fn folders<'a>(this: This<'a>, name: Borrowed<'a>, record: &Record) -> Result<Option<Owned<'a>>> {
    let at = this.at();
    let around = finder::parent_and_child(record.name()).map(|(package, _)| at.str(package)).transpose()?;
    let around = match &around {
        Some(package) => path_of(at, package.borrow())?,
        None => None,
    };
    if !record.is_package() {
        return Ok(around);
    }
    if let Some(own) = path_of(at, name)? {
        return Ok(Some(own));
    }
    let path = around.as_ref().map_or(at.borrowed_none(), Owned::borrow);
    let spec = finder::spec_of_package(this, Query { name, path, target: at.borrowed_none() })?;
    spec.borrow().get(c"submodule_search_locations").map(|folders| Some(at.prolong(folders)))
}

/// The `__path__` of a module, if it is imported and has one.
fn path_of<'a>(at: Attached<'a>, name: Borrowed<'_>) -> Result<Option<Owned<'a>>> {
    let Some(modules) = at.modules() else { return Ok(None) };
    let Some(module) = modules.value(name)? else { return Ok(None) };
    match module.borrow().get(c"__path__") {
        Ok(path) => Ok(Some(at.prolong(path))),
        Err(raised) => raised.clear_if(at, Kind::AttributeError).map(|()| None),
    }
}
