//! What cargo built in, the programs that have a table and what is in each out.
//!
//! Tests and shared libraries need not have one, and then nothing is wrong with them. Programs of one
//! package may have a subset of its extensions each.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::super::homes::Homes;
use super::super::linked;
use super::build::{Built, Kind, Program};
use super::graph::Graph;
use super::libraries::Libraries;
use super::{LINKTAB, OWN};
use crate::{Error, Inventory, Limits, Outcome};

/// A program, and what was read of it.
pub struct Judged<'b> {
    pub program: &'b Program,
    pub inventories: Vec<Inventory>,
    /// Rust's shared libraries that it loads.
    pub loaded: Vec<Inventory>,
}

/// The programs that depend on linktab.
pub fn candidates<'b>(built: &'b Built, graph: &Graph) -> Vec<&'b Program> {
    let is_own = |package: &str| OWN.contains(&graph.name(package));
    let all = built.programs.iter();
    all.filter(|it| graph.reaches(it.start(), LINKTAB) && !is_own(&it.package)).collect()
}

/// Reads a program; `None` where it is one that has nothing to do with a table. `inputs` could be in it.
pub fn read<'b>(
    program: &'b Program,
    inputs: &[Inventory],
    libraries: &Libraries,
    limits: &Limits,
    homes: &Homes,
    errors: &mut Vec<Error>,
) -> Option<Judged<'b>> {
    let mut outcome = match (program.kind, inputs.first()) {
        (Kind::Archive, None) => return None,
        (Kind::Archive, Some(like)) => archive(&program.path, like, limits),
        _ => linked::read(&program.path, limits),
    };
    homes.call(&mut outcome.inventories);
    let loaded = libraries.loaded(&outcome.inventories);
    let has_runtime =
        |inventory: &Inventory| loaded.iter().chain([inventory]).any(|image| image.facts.has_runtime);
    let is_one = |inventory: &Inventory| match program.kind {
        Kind::Binary | Kind::Archive => true,
        Kind::Shared => has_runtime(inventory),
        // The tests of a helper's own read a table in which nothing can be.
        Kind::Development => has_runtime(inventory) && !(inputs.is_empty() && inventory.records.is_empty()),
    };
    let is_judged = !outcome.errors.is_empty() || outcome.inventories.iter().any(is_one);
    errors.extend(outcome.errors);
    is_judged.then_some(Judged { program, inventories: outcome.inventories, loaded })
}

/// What is in a static library, as one.
fn archive(path: &Path, like: &Inventory, limits: &Limits) -> Outcome {
    let mut outcome = crate::read(path, limits);
    let parts = std::mem::take(&mut outcome.inventories);
    outcome.inventories.push(Inventory::together(&path.display().to_string(), parts, like));
    outcome
}

/// Records, by name and origin, that another program of the package has, or is meant to have.
pub fn elsewhere(
    program: &Program,
    all: &[Judged<'_>],
    graph: &Graph,
    libraries: &Libraries,
) -> BTreeMap<(String, String), String> {
    let mut records = BTreeMap::new();
    let mut add = |inventory: &Inventory, words: &str| {
        for record in &inventory.records {
            records
                .entry((record.name.to_string(), record.origin.to_string()))
                .or_insert_with(|| words.to_owned());
        }
    };
    let is_other = |other: &&Judged<'_>| {
        let other = other.program;
        // The library of a package with programs is made for wheels, into which these do not go.
        let is_alike =
            other.kind == program.kind || (program.kind, other.kind) == (Kind::Shared, Kind::Binary);
        other.package == program.package && is_alike && other.path != program.path
    };
    for other in all.iter().filter(is_other) {
        let words = format!("`{}`, another program of the package, has it", other.program.name);
        other.inventories.iter().for_each(|inventory| add(inventory, &words));
    }
    // Those that were not built can only be asked what they name.
    let is_same_kind = |kind: &&str| match program.kind {
        Kind::Binary | Kind::Shared => **kind == *"bin",
        Kind::Development => ["example", "test", "bench"].contains(kind),
        Kind::Archive => false,
    };
    let is_built = |name: &str| {
        let mut others = all.iter().map(|it| it.program).filter(|it| it.kind != Kind::Shared);
        others.any(|it| it.package == program.package && it.name == name)
    };
    for target in graph.targets(&program.package) {
        let is_one = target.kind.iter().any(|kind| is_same_kind(&kind.as_str()));
        if !is_one || is_built(&target.name) {
            continue;
        }
        let text = fs::read_to_string(&target.src_path).unwrap_or_default();
        for (package, name) in graph.dependencies(program.start()) {
            if names(&text, name) {
                let words = format!(
                    "the code of `{}`, which was not built now, names the crate `{name}`",
                    target.name
                );
                let below = graph.closure(super::build::Start { package, development: false });
                libraries.of(&below, None).iter().for_each(|inventory| add(inventory, &words));
            }
        }
    }
    records
}

/// Whether a word is in a text.
fn names(text: &str, word: &str) -> bool {
    let is_part = |c: char| c == '_' || c.is_alphanumeric();
    text.split(|c| !is_part(c)).any(|part| part == word)
}
