//! `cargo linktab check`: builds, learns from cargo which crates went into each program, and checks
//! the programs against that. No list is kept by hand.

pub mod args;
pub mod build;
mod doubled;
mod features;
mod graph;
mod libraries;
pub mod metadata;
mod programs;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::slice;

use super::streams::{Notes, Out};
use super::{Ended, Stop, check, expectations};
use crate::plain;
use crate::{Outcome, Report, Sources};
use args::CargoCheck;
use graph::Graph;
use libraries::Libraries;
use programs::Judged;

/// The crate that everything depends on.
const LINKTAB: &str = "linktab";

/// Packages of linktab's own, which register nothing.
const OWN: [&str; 3] = ["linktab", "linktab-finder", "linktab-macros"];

pub fn run(args: &CargoCheck, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let graph = Graph::read(args).map_err(Stop::Usage)?;
    let (built, is_whole) = build::run(args).map_err(Stop::Usage)?;
    let limits = expectations::limits(&args.options);
    // Names of sources count from the workspace's folder, those of expectations from this one.
    let sources = Sources::new([graph.root.clone(), PathBuf::from(".")]).allowing(graph.local_folders());
    let mut report = Report { sources, ..Report::default() };
    if !is_whole {
        return doubled::tell(args, &graph, &built, report, out, notes);
    }
    let candidates = programs::candidates(&built, &graph);
    let packages = candidates.iter().flat_map(|program| graph.closure(program.start())).collect();
    let (libraries, homes) = Libraries::read(&built, &packages, &graph, &limits, &mut report);
    let errors = &mut report.errors;
    let read = |program| {
        programs::read(
            program,
            &libraries.of(&graph.closure(program.start()), Some(program)),
            &libraries,
            &limits,
            &homes,
            errors,
        )
    };
    let programs: Vec<Judged<'_>> = candidates.into_iter().filter_map(read).collect();
    if programs.is_empty() {
        let message = "cargo built no program that depends on linktab: choose one with `-p` and `--bin`";
        return Err(Stop::Usage(message.to_owned()));
    }
    tell_unread(args, &graph, &programs, notes);
    let mut suppressions = Vec::new();
    for judged in &programs {
        let program = judged.program;
        let (folder, manifest) = graph.home(&program.package);
        let mut expected =
            expectations::read(&args.options, &folder, manifest.as_deref(), slice::from_ref(&program.name))?;
        let packages = graph.closure(program.start());
        expected.inputs = libraries.of(&packages, Some(program));
        expected.silent_packages = libraries.silent(&packages, &program.package, &graph);
        expected.input_packages = libraries.packages(&graph);
        expected.elsewhere = programs::elsewhere(program, &programs, &graph, &libraries);
        expected.loaded = judged.loaded.clone();
        expected.crates = graph.crates(program.start());
        expected.unified = features::unified(&graph, &registering(judged, &packages, &graph));
        suppressions.extend(check::places(&expected));
        let before = report.inventories.len();
        let inventories = judged.inventories.clone();
        check::take(&args.options, Outcome { inventories, errors: Vec::new() }, &mut report)?;
        let findings = crate::check(report.inventories.get(before..).unwrap_or_default(), &expected);
        report.findings.extend(findings);
    }
    check::keep_unused(&suppressions, &mut report.findings);
    check::conclude(&args.options, &mut report, out, notes)
}

/// Names the files of the workspace's folder that look like expectations, and are those of no program.
fn tell_unread(args: &CargoCheck, graph: &Graph, programs: &[Judged<'_>], notes: &mut Notes<'_>) {
    let options = &args.options;
    let homes: BTreeSet<PathBuf> = programs.iter().map(|it| graph.home(&it.program.package).0).collect();
    if homes.contains(&graph.root) || options.no_config || options.config.is_some() {
        return;
    }
    let folders: Vec<String> = homes.iter().map(|home| plain::path(home)).collect();
    for name in [Some(expectations::CONFIG), options.lock.is_none().then_some(expectations::LOCK)] {
        if let Some(file) = name.map(|name| graph.root.join(name)).filter(|file| file.is_file()) {
            notes.line(&format!(
                "{} was not read: what is expected of a program stands in its package's folder, {}",
                plain::path(&file),
                folders.join(" or ")
            ));
        }
    }
}

/// The packages whose records a program has.
fn registering<'g>(judged: &Judged<'_>, packages: &BTreeSet<&'g str>, graph: &Graph) -> BTreeSet<&'g str> {
    let records = judged.inventories.iter().flat_map(|inventory| &inventory.records);
    let names: BTreeSet<&str> = records.map(|record| record.origin().package).collect();
    packages.iter().copied().filter(|package| names.contains(graph.name(package))).collect()
}
