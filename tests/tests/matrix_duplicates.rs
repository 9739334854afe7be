//! Two crates that register one name: the link fails and names it, or the table does, with both origins.

use std::path::PathBuf;
use std::process::Command;

use linktab_tests::{CargoBuild, run, side_by_side};

const REPORT: &str = "\
linktab: 1 problem in this executable's table of 3 records
extension `acme.two._native` is registered 2 times
  by matrix-again 1.2.3, again/src/lib.rs:6
  by matrix-two 1.2.3, two/src/lib.rs:6
  fix: rename all but one, or leave all but one out of the link
";

#[test]
fn a_name_that_is_registered_twice_never_goes_unnoticed() {
    let outcomes = side_by_side(["dev", "release", "fat-lto"], |profile| {
        let build =
            CargoBuild { fixture: "matrix", package: "matrix-twice", profile, position_independent: true };
        let outcomes = build.with_each_linker().into_iter().map(|(linker, linked)| {
            let outcome = outcome(linked).unwrap_or_else(|said| panic!("{build:?}, {}\n{said}", linker.name));
            format!("{profile}, {}: {outcome}", linker.name)
        });
        outcomes.collect::<Vec<_>>().join("\n")
    });
    insta::assert_snapshot!(outcomes.join("\n"));
}

/// In words; or what was said or printed instead of what is expected.
fn outcome(linked: Result<PathBuf, String>) -> Result<&'static str, String> {
    match linked {
        Ok(program) => {
            let report = run(&mut Command::new(program));
            (report == REPORT).then_some("runs, and reports both origins").ok_or(report)
        }
        Err(said) if said.contains("__linktab_mod$acme.two._native") => {
            Ok("does not link: the marker is defined twice")
        }
        Err(said) => Err(said),
    }
}
