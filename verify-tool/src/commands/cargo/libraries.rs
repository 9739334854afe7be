//! What cargo built in, the records of its libraries out, each library read once.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, slice};

use memchr::memmem;

use super::super::homes::Homes;
use super::super::{Stop, inputs};
use super::build::{BuildScript, Built, For, Library, Program};
use super::graph::Graph;
use super::{LINKTAB, OWN};
use crate::{Error, Inventory, Kind, Limits, Report};

/// The libraries that could have gone into programs.
pub struct Libraries {
    read: Vec<(Library, Vec<Inventory>)>,
}

impl Libraries {
    /// Reads those of packages, and tells where their sources are.
    pub fn read(
        built: &Built,
        packages: &BTreeSet<&str>,
        graph: &Graph,
        limits: &Limits,
        report: &mut Report,
    ) -> (Libraries, Homes) {
        // A library that rustc bundled is told as what the user knows: the crate.
        let (bundles, archives): (Vec<_>, Vec<_>) = built
            .libraries
            .iter()
            .partition(|library| library.path.extension().is_some_and(|it| it == "rlib"));
        let mut homes = graph.homes();
        let mut read = Vec::new();
        let all = bundles.into_iter().chain(archives);
        for library in all.filter(|library| packages.contains(&*library.package)) {
            let outcome = crate::read(&library.path, limits);
            report.errors.extend(outcome.errors);
            let mut inventories = outcome.inventories;
            inventories.retain(|inventory| !inventory.is_of_no_interest());
            homes.learn(&inventories, &graph.home(&library.package).0);
            read.push((library.clone(), inventories));
        }
        for script in built.scripts.iter().filter(|script| packages.contains(&*script.package_id)) {
            let outcome = by_linker(script, &graph.root, limits);
            report.errors.extend(outcome.errors);
            for (library, inventory) in outcome.read {
                homes.learn(slice::from_ref(&inventory), &graph.home(&library.package).0);
                read.push((library, vec![inventory]));
            }
        }
        for (_, inventories) in &mut read {
            homes.call(inventories);
        }
        (Libraries { read }, homes)
    }

    /// The records of every library that could have gone into a program of these packages, and into one
    /// alone.
    pub fn of(&self, packages: &BTreeSet<&str>, program: Option<&Program>) -> Vec<Inventory> {
        let is_for = |library: &Library| match (&library.only, program) {
            (None, _) => true,
            (Some(only), Some(program)) => program.package == library.package && only.is(program),
            (Some(only), None) => *only == For::All,
        };
        let is_input = |library: &Library| packages.contains(&*library.package) && !library.is_dylib;
        let libraries = self.read.iter().filter(|(library, _)| is_input(library) && is_for(library));
        libraries.flat_map(|(_, inventories)| inventories).cloned().collect()
    }

    /// The `dylib`s that a program loads, by itself or through another.
    pub fn loaded(&self, program: &[Inventory]) -> Vec<Inventory> {
        let dylibs = self.read.iter().filter(|(library, _)| library.is_dylib);
        let dylibs: Vec<&Inventory> = dylibs.flat_map(|(_, inventories)| inventories).collect();
        let mut names: BTreeSet<&str> = program.iter().flat_map(needed).collect();
        let mut loaded: Vec<Inventory> = Vec::new();
        let is_new = |it: &Inventory, loaded: &[Inventory]| loaded.iter().all(|other| other.path != it.path);
        while let Some(next) =
            dylibs.iter().find(|it| names.contains(file_name(&it.path)) && is_new(it, &loaded))
        {
            names.extend(needed(next));
            loaded.push((*next).clone());
        }
        loaded
    }

    /// The package of each library, by its path.
    pub fn packages(&self, graph: &Graph) -> BTreeMap<String, String> {
        let of = |library: &Library| (library.path.display().to_string(), graph.title(&library.package));
        self.read.iter().map(|(library, _)| of(library)).collect()
    }

    /// Packages with a dependency on linktab whose libraries neither hold a record nor call linktab.
    pub fn silent(&self, packages: &BTreeSet<&str>, own: &str, graph: &Graph) -> Vec<String> {
        let inputs = || self.read.iter().filter(|(library, _)| packages.contains(&*library.package));
        let records = inputs().flat_map(|(_, inventories)| inventories).flat_map(|it| &it.records);
        let registering: BTreeSet<&str> = records.map(|record| record.origin().package).collect();
        let mut silent = Vec::new();
        for package in packages.iter().filter(|package| **package != own && graph.depends(package, LINKTAB)) {
            let name = graph.name(package);
            let mut libraries = inputs().filter(|(library, _)| library.package == **package).peekable();
            let is_silent = libraries.peek().is_some() && !registering.contains(name) && !OWN.contains(&name);
            if is_silent
                && libraries.all(|(library, inventories)| inventories.iter().all(is_empty) && !calls(library))
            {
                silent.push(name.to_owned());
            }
        }
        silent.sort_unstable();
        silent.dedup();
        silent
    }
}

/// What only the linker finds.
#[derive(Default)]
struct Found {
    read: Vec<(Library, Inventory)>,
    errors: Vec<Error>,
}

/// Reads what a build script has the linker look for: libraries of no kind, which may be archives, and
/// arguments of its own.
fn by_linker(script: &BuildScript, root: &Path, limits: &Limits) -> Found {
    let mut found = Found::default();
    let mut take = |words: &[OsString], only: Option<For>| match inputs::read(words, limits) {
        Ok(outcome) => {
            found.errors.extend(outcome.errors);
            for inventory in outcome.inventories {
                let library = Library::new(&script.package_id, PathBuf::from(&inventory.path));
                found.read.push((Library { only: only.clone(), ..library }, inventory));
            }
        }
        Err(Stop::Usage(message)) => found.errors.push(Error::new(Kind::Unsupported(message))),
        Err(Stop::Io(error)) => found.errors.push(Error::new(Kind::Io(error))),
    };
    take(&script.words(), None);
    match script.arguments(root) {
        Ok(arguments) => {
            let mut open: Vec<&For> = arguments.iter().map(|(only, _)| only).collect();
            while let Some(only) = open.pop() {
                open.retain(|other| *other != only);
                let own = arguments.iter().filter(|(other, _)| other == only).map(|(_, word)| word.clone());
                let words: Vec<OsString> = script.searched().into_iter().chain(own).collect();
                take(&words, Some(only.clone()));
            }
        }
        Err(message) => found.errors.push(Error::new(Kind::Unsupported(message))),
    }
    found
}

/// The names of the files that the loader is asked for.
fn needed(inventory: &Inventory) -> impl Iterator<Item = &str> {
    inventory.facts.needed.iter().map(|name| file_name(name))
}

/// `@rpath/liba.dylib` and `target/debug/deps/liba.dylib` are one.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// What is in the symbols of linktab's functions, in each of Rust's two ways to write them.
const OF_LINKTAB: &[u8] = b"7linktab";

fn is_empty(inventory: &Inventory) -> bool {
    inventory.records.is_empty() && inventory.markers.is_empty() && inventory.defects.is_empty()
}

/// Whether the code of a library calls linktab: it reads the table, and need not add to it.
fn calls(library: &Library) -> bool {
    fs::read(&library.path).is_ok_and(|bytes| memmem::find(&bytes, OF_LINKTAB).is_some())
}
