//! `cargo linktab check`: builds, learns from cargo which crates went into each program, and checks
//! the programs against that. No list is kept by hand.

pub mod args;
mod build;
mod graph;
mod libraries;

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::homes::Homes;
use super::streams::{Notes, Out};
use super::{Ended, Stop, check, expectations, linked};
use crate::{Code, Expected, Finding, Inventory, Report, Sources};
use args::CargoCheck;
use build::{Built, Program};
use graph::Graph;
use libraries::Libraries;

/// The crate that everything depends on.
const LINKTAB: &str = "linktab";

/// Packages of linktab's own, which register nothing.
const OWN: [&str; 3] = ["linktab", "linktab-finder", "linktab-macros"];

pub fn run(args: &CargoCheck, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let graph = Graph::read(args).map_err(Stop::Usage)?;
    let built = build::run(args).map_err(Stop::Usage)?;
    let programs: Vec<&Program> =
        built.programs.iter().filter(|program| graph.reaches(&program.package, LINKTAB)).collect();
    if programs.is_empty() {
        let message = "cargo built no program that depends on linktab: choose one with `-p` and `--bin`";
        return Err(Stop::Usage(message.to_owned()));
    }
    let limits = expectations::limits(&args.options);
    // Names of sources count from the workspace's folder, those of expectations from this one.
    let sources = Sources::new([graph.root.clone(), PathBuf::from(".")]).allowing(graph.local_folders());
    let mut report = Report { sources, ..Report::default() };
    let packages = programs.iter().flat_map(|program| graph.closure(&program.package)).collect();
    let (libraries, homes) = Libraries::read(&built, &packages, &graph, &limits, &mut report);
    let mut suppressions = Vec::new();
    for program in programs {
        let (folder, manifest) = graph.home(&program.package);
        let mut expected = expectations::read(&args.options, &folder, manifest.as_deref())?;
        let inputs = libraries.of(&graph.closure(&program.package));
        expected.silent_packages = silent(&graph, &built, program, &inputs);
        expected.inputs = inputs;
        expected.input_packages = built
            .libraries
            .iter()
            .map(|library| (library.path.display().to_string(), graph.title(&library.package)))
            .collect();
        expected.crates = graph.crates(&program.package);
        suppressions.extend(expected.suppressions.iter().map(|it| (it.path.clone(), it.line)));
        judge(args, program, &expected, &limits, &homes, &mut report)?;
    }
    keep_unused(&suppressions, &mut report.findings);
    check::conclude(&args.options, &report, out, notes)
}

/// Programs of one package share its config: a suppression is unused when it is in all of them, and
/// that is told once.
fn keep_unused(suppressions: &[(String, u32)], findings: &mut Vec<Finding>) {
    let place = |finding: &Finding| match (finding.code, finding.locations.first()) {
        (Code::LT017, Some(location)) => Some((location.file.clone(), location.line)),
        _ => None,
    };
    let unused: Vec<(String, u32)> = findings.iter().filter_map(place).collect();
    let count =
        |places: &[(String, u32)], wanted: &(String, u32)| places.iter().filter(|it| *it == wanted).count();
    let mut told = BTreeSet::new();
    findings.retain(|finding| {
        place(finding)
            .is_none_or(|place| count(&unused, &place) == count(suppressions, &place) && told.insert(place))
    });
}

fn judge(
    args: &CargoCheck,
    program: &Program,
    expected: &Expected,
    limits: &crate::Limits,
    homes: &Homes,
    report: &mut Report,
) -> Result<(), Stop> {
    let before = report.inventories.len();
    let mut outcome = linked::read(&program.path, limits);
    homes.call(&mut outcome.inventories);
    check::take(&args.options, outcome, report)?;
    let findings = crate::check(report.inventories.get(before..).unwrap_or_default(), expected);
    report.findings.extend(findings);
    Ok(())
}

/// Packages with a dependency on linktab whose library holds no record.
fn silent(graph: &Graph, built: &Built, program: &Program, inputs: &[Inventory]) -> Vec<String> {
    let registering: BTreeSet<&str> =
        inputs.iter().flat_map(|input| &input.records).map(|record| record.origin().package).collect();
    let packages = graph.closure(&program.package);
    let mut silent = Vec::new();
    for package in packages {
        let libraries = built.libraries.iter().filter(|library| library.package == package);
        let paths: Vec<String> = libraries.map(|library| library.path.display().to_string()).collect();
        let name = graph.name(package);
        let has_records =
            inputs.iter().any(|input| paths.contains(&input.path)) || registering.contains(name);
        let is_own = OWN.contains(&name) || package == program.package;
        if !paths.is_empty() && graph.depends(package, LINKTAB) && !has_records && !is_own {
            silent.push(name.to_owned());
        }
    }
    silent.sort();
    silent.dedup();
    silent
}
