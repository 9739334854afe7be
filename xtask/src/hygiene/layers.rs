//! Which file of a crate imports which: no circles, and in crates that have an order, only downwards.
//!
//! A file and the files of its submodules are one room: a child may use what its parent declares, and a
//! parent calls its children. Paths are followed through what a file hands on (`pub use`).

mod crates;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::File;
use super::imports::{self, Import};
use crates::{CRATES, Crate};

/// Every circle, and every import that runs back up.
pub fn faults(files: &[File]) -> Vec<String> {
    CRATES
        .iter()
        .flat_map(|of| Graph::of(of, files).map_or_else(|fault| vec![fault], |graph| graph.faults(of)))
        .collect()
}

/// A module's path from the crate's root.
type Module = Vec<String>;

/// Who imports whom, and on which line first.
struct Graph<'a> {
    paths: BTreeMap<Module, &'a str>,
    edges: BTreeMap<(Module, Module), usize>,
}

impl<'a> Graph<'a> {
    fn of(of: &Crate, files: &'a [File]) -> Result<Graph<'a>, String> {
        let mut paths = BTreeMap::new();
        let mut imports: BTreeMap<Module, Vec<Import>> = BTreeMap::new();
        for file in files {
            let Some(module) = file.path.strip_prefix(of.folder).and_then(module) else { continue };
            let found =
                imports::of(&file.text, &module).map_err(|error| format!("{}: {error}", file.path))?;
            // A library and a program beside each other have one root.
            imports.entry(module.clone()).or_default().extend(found);
            paths.insert(module, file.path.as_str());
        }
        let mut edges = BTreeMap::new();
        for (from, named) in &imports {
            for import in named {
                let Some(to) = resolve(&import.path, &paths, &imports, 8) else { continue };
                // One room.
                if !to.starts_with(from) && !from.starts_with(&to) {
                    edges.entry((from.clone(), to)).or_insert(import.line);
                }
            }
        }
        Ok(Graph { paths, edges })
    }

    fn faults(&self, of: &Crate) -> Vec<String> {
        let mut faults: Vec<String> = self.circles().iter().map(|circle| self.describe(circle)).collect();
        for ((from, to), line) in &self.edges {
            let (Some(above), Some(below)) = (from.first(), to.first()) else { continue };
            if above == below {
                continue;
            }
            let only = of.only.iter().find(|(module, _)| module == above);
            let allowed = match only {
                Some((_, only)) => only.contains(&below.as_str()),
                None => of.order.is_empty() || place(of, above) < place(of, below),
            };
            if !allowed {
                let (from, to) = (self.paths[from], self.paths[to]);
                faults.push(format!("{from}:{line}: imports {to}, but `{above}` may not import `{below}`"));
            }
        }
        faults
    }

    fn next<'b>(&'b self, from: &'b Module) -> impl Iterator<Item = &'b Module> {
        self.edges.keys().filter(move |(of, _)| of == from).map(|(_, to)| to)
    }

    /// All that can be reached from a file, by one import or more.
    fn reached<'b>(&'b self, from: &'b Module) -> BTreeSet<&'b Module> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&Module> = self.next(from).collect();
        while let Some(module) = open.pop() {
            if reached.insert(module) {
                open.extend(self.next(module));
            }
        }
        reached
    }

    /// Files that reach each other.
    fn circles(&self) -> BTreeSet<Vec<&Module>> {
        let all: BTreeMap<&Module, BTreeSet<&Module>> =
            self.paths.keys().map(|module| (module, self.reached(module))).collect();
        let in_circle = all.iter().filter(|(module, reached)| reached.contains(**module));
        in_circle
            .map(|(module, reached)| {
                reached.iter().copied().filter(|other| all[other].contains(module)).collect()
            })
            .collect()
    }

    fn describe(&self, circle: &[&Module]) -> String {
        let mut words = format!("a circle of {} files:", circle.len());
        for ((from, to), line) in &self.edges {
            if circle.contains(&from) && circle.contains(&to) {
                let _ = write!(words, " {}:{line} imports {};", self.paths[from], self.paths[to]);
            }
        }
        words.trim_end_matches(';').to_owned()
    }
}

/// Where a top module stands in the order; one that is not in it stands nowhere, above all.
fn place(of: &Crate, module: &str) -> usize {
    of.order.iter().position(|known| *known == module).map_or(0, |place| place + 1)
}

/// The module that a file is, by its path in the folder of sources.
fn module(path: &str) -> Option<Module> {
    let path = path.strip_suffix(".rs")?;
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path.starts_with("bin/") {
        return None;
    }
    let is_root = matches!(path, "lib" | "main");
    Some(if is_root { Vec::new() } else { path.split('/').map(str::to_owned).collect() })
}

/// The file that has what a path names: its longest beginning that is a module, or where that module has
/// it from.
fn resolve(
    path: &[String],
    paths: &BTreeMap<Module, &str>,
    imports: &BTreeMap<Module, Vec<Import>>,
    depth: usize,
) -> Option<Module> {
    let module = (0..=path.len()).rev().map(|len| &path[..len]).find(|part| paths.contains_key(*part))?;
    let item = path.get(module.len());
    let from = imports[module].iter().find(|import| item.is_some() && import.handed_on.as_ref() == item);
    match from {
        Some(import) if depth > 0 && import.path != path => resolve(&import.path, paths, imports, depth - 1),
        _ => Some(module.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(files: &[(&str, &str)]) -> String {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        faults(&files.iter().map(file).collect::<Vec<_>>()).join("\n")
    }

    const CLEAN: [(&str, &str); 6] = [
        ("finder/src/lib.rs", "mod find;\nmod load;\nmod object;\npub use load::Answer;"),
        ("finder/src/find.rs", "//! crate::python::x\nuse crate::load::{self, slot};"),
        ("finder/src/load.rs", "mod slot;\nmod call;\npub use call::Answer;\nfn f() { call::f() }"),
        ("finder/src/load/slot.rs", "use super::Answer;\n#[cfg(test)]\nmod tests { use crate::find; }"),
        ("finder/src/load/call.rs", "const NAME: &str = \"crate::find::finder\";\nuse crate::object::Owned;"),
        ("finder/src/object.rs", "pub struct Owned;"),
    ];

    #[test]
    fn imports_that_run_one_way_are_no_fault() {
        assert_eq!(said(&CLEAN), "");
    }

    #[test]
    fn imports_that_run_back_up_are_named() {
        let mut planted = CLEAN;
        planted[3].1 = "use super::call;\nuse crate::find;";
        planted[4].1 = "fn f() { let x = vec![super::slot::put()]; }";
        planted[5].1 = "\npub struct Owned(crate::load::Answer);";
        insta::assert_snapshot!(said(&planted));
    }

    #[test]
    fn a_circle_is_named_where_no_order_is() {
        insta::assert_snapshot!(said(&[
            ("registry/src/lib.rs", "mod a;\nmod b;\nmod c;"),
            ("registry/src/a.rs", "use crate::{b::B, Nothing};"),
            ("registry/src/b.rs", "pub struct B;\nmod inner { use super::super::c::C as D; }"),
            ("registry/src/c.rs", "use super::a::*;"),
            ("macros/src/a.rs", "use crate::b;"),
            ("macros/src/b.rs", "use core::fmt;"),
        ]));
    }
}
