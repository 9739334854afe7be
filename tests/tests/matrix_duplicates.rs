//! Two crates that register one name: the link fails and names it, or the table does, with both origins.

use std::process::Command;

use linktab_tests::{CargoBuild, linkers, run, side_by_side};

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
        let outcomes = linkers().into_iter().map(|linker| {
            let cell = CargoBuild {
                fixture: "matrix",
                package: "matrix-twice",
                profile,
                linker,
                position_independent: true,
            };
            format!("{profile}, {}: {}", linker.name, outcome(cell))
        });
        outcomes.collect::<Vec<_>>().join("\n")
    });
    insta::assert_snapshot!(outcomes.join("\n"));
}

fn outcome(cell: CargoBuild<'_>) -> &'static str {
    match cell.build() {
        Ok(program) => {
            assert_eq!(run(&mut Command::new(program)), REPORT, "{cell:?}");
            "runs, and reports both origins"
        }
        Err(said) => {
            assert!(said.contains("__linktab_mod$acme.two._native"), "{cell:?}\n{said}");
            "does not link: the marker is defined twice"
        }
    }
}
