//! A build that failed in, the names out whose doubling its linker refused, as findings: a marker symbol
//! of each name keeps two records of it from going into one program.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use serde::Deserialize;

use linktab::layout::MARKER_PREFIX;

use super::super::{Ended, Stop, check, expectations};
use super::args::CargoCheck;
use super::build::{self, Built, Start};
use super::graph::Graph;
use super::libraries::Libraries;
use super::metadata::Target;
use crate::commands::streams::{Notes, Out};
use crate::{Code, Inventory, Report, marker_name};

/// What rustc said, with what its linker said in it.
#[derive(Deserialize)]
struct Said {
    package_id: String,
    target: Target,
    message: Diagnostic,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
}

/// Tells the names, or that the build failed for another reason.
pub fn tell(
    args: &CargoCheck,
    graph: &Graph,
    built: &Built,
    mut report: Report,
    out: &mut Out<'_>,
    notes: &mut Notes<'_>,
) -> Ended {
    let limits = expectations::limits(&args.options);
    for Said { package_id, target, message } in said(args)? {
        let names = doubled(message.rendered.as_deref().unwrap_or_default());
        if message.level != "error" || names.is_empty() {
            continue;
        }
        let start = Start { package: &package_id, development: !target.is("bin") };
        let packages = graph.closure(start);
        let (libraries, _) = Libraries::read(built, &packages, graph, &limits, &mut report);
        let Some(inventory) = registered(
            &target.name,
            &names,
            libraries.of(&packages, None),
            &libraries.packages(graph),
            &graph.title(&package_id),
        ) else {
            continue;
        };
        let (folder, manifest) = graph.home(&package_id);
        let names = [target.name];
        let expected = expectations::read(&args.options, &folder, manifest.as_deref(), &names)?;
        let mut findings = crate::check(&[inventory], &expected);
        findings.retain(|finding| finding.code == Code::LT001);
        report.findings.extend(findings);
    }
    if report.findings.is_empty() {
        return Err(Stop::Usage("cargo could not build the program".to_owned()));
    }
    check::conclude(&args.options, &mut report, out, notes)
}

/// Asks again for what failed, in a form that can be read: the first time it was for the user.
fn said(args: &CargoCheck) -> Result<Vec<Said>, Stop> {
    let mut command = build::command(args, "json");
    let output = command.stderr(Stdio::null()).output();
    let output = output.map_err(|error| Stop::Usage(format!("cargo cannot be started: {error}")))?;
    let lines = String::from_utf8_lossy(&output.stdout);
    let is_one = |line: &&str| line.starts_with('{') && line.contains("\"compiler-message\"");
    Ok(lines.lines().filter(is_one).filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// The names in the marker symbols that a linker names.
fn doubled(text: &str) -> BTreeSet<String> {
    let is_end = |c: char| c.is_whitespace() || c.is_control() || "'`\"’”;:,()".contains(c);
    let symbols = text.match_indices(MARKER_PREFIX).map(|(at, _)| text.get(at..).unwrap_or_default());
    symbols.filter_map(|rest| marker_name(rest.split(is_end).next().unwrap_or(rest))).collect()
}

/// Everything that registers the names, as if it had been linked; what no library registers the program's
/// own code does.
fn registered(
    program: &str,
    names: &BTreeSet<String>,
    mut libraries: Vec<Inventory>,
    packages: &BTreeMap<String, String>,
    own: &str,
) -> Option<Inventory> {
    let like = libraries.first()?.clone();
    let mut seen = BTreeSet::new();
    for library in &mut libraries {
        let package = packages.get(&library.path).map_or("", String::as_str);
        // Of a package there may be two libraries, one for build scripts.
        library.records.retain(|record| {
            names.contains(&*record.name)
                && seen.insert((package, record.name.to_string(), record.origin.to_string()))
        });
    }
    let mut inventory = Inventory::together(program, libraries, &like);
    for name in names {
        let mut records = inventory.records.iter().filter(|record| *record.name == **name);
        if let (Some(record), None) = (records.next(), records.next()) {
            let mut other = record.clone();
            other.origin = own.replacen(' ', "\n", 1).as_str().into();
            inventory.records.push(other);
        }
    }
    Some(inventory)
}

#[cfg(test)]
mod tests {
    use super::doubled;

    #[test]
    fn linkers_name_the_symbol_each_in_a_way_of_its_own() {
        for text in [
            "rust-lld: error: duplicate symbol: __linktab_mod$acme.geo._core\n>>> defined at lib.rs",
            "/usr/bin/ld: b.o:b.c:(.rodata+0x0): multiple definition of `__linktab_mod$acme.geo._core'; a.o",
            "mold: error: duplicate symbol: a.o: b.o: __linktab_mod$acme.geo._core",
            "duplicate symbol '___linktab_mod$acme.geo._core' in:\n    a.o",
            "Linking globals named '__linktab_mod$acme.geo._core': symbol multiply defined!",
            "b.obj : error LNK2005: __linktab_mod$acme.geo._core already defined in a.obj",
        ] {
            assert_eq!(Vec::from_iter(doubled(text)), ["acme.geo._core"], "{text}");
        }
        assert_eq!(doubled("undefined symbol: PyInit_x").len(), 0);
    }
}
