//! The finder and the attribute with each PyO3 that `Cargo.toml` allows.
//!
//! One executable has one pyo3-ffi (`links = "python"`), so that the finder takes the one of the extensions,
//! with the features that any crate of the graph switches on.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use linktab_tests::{by_turns, fixture, run, target_dir, try_run};

const QUESTION: &str = "\
import acme.geo._core as geo, acme.text as text, pickle
print(geo.__name__, geo.Point(3).x, geo.twice(4), pickle.loads(pickle.dumps(geo.Point)).__module__)
print(text.__name__, text.greeting, text.__spec__.origin)
";

const ANSWER: &str = "\
acme.geo._core 3 8 acme.geo._core
acme.text hello static
";

/// Whole words for cargo. `extension-module` leaves libpython to whoever loads the extension.
const FEATURES: [&str; 2] = ["", "extension-module"];

/// Lowest to highest; each has a folder in the fixture, with a lock file.
const VERSIONS: [&str; 3] = ["0.28", "0.29", "0.30"];

#[test]
fn every_pyo3_of_the_range_builds_an_extension_and_the_finder() {
    for (turn, version) in VERSIONS.into_iter().enumerate() {
        for features in by_turns(FEATURES.into_iter(), turn, FEATURES.len()) {
            let program = build(version, features);
            let said = run(Command::new(program).args(["-c", QUESTION]));
            assert_eq!(said, ANSWER, "PyO3 {version} with {features:?}");
        }
    }
}

#[test]
fn a_crate_with_abi3_on_is_told_in_one_sentence() {
    for version in VERSIONS {
        let output = try_run(&mut cargo(version, "abi3"));
        assert!(!output.status.success(), "PyO3 {version} with abi3");
        let said = String::from_utf8(output.stderr).expect("cargo prints UTF-8");
        // The script's own line comes first; cargo goes on about the script.
        insta::assert_snapshot!("abi3", said.lines().next().unwrap_or_default());
        assert!(!said.contains("error[E"), "the compiler was asked too:\n{said}");
    }
}

#[test]
fn the_range_of_the_workspace_is_what_is_built_here() {
    let workspace = fs::read_to_string(fixture("../../Cargo.toml")).expect("the workspace has a Cargo.toml");
    let range =
        workspace.lines().find_map(|line| line.strip_prefix("pyo3-ffi = ")).expect("it names pyo3-ffi");
    let next = VERSIONS[VERSIONS.len() - 1].strip_prefix("0.").map(str::parse::<u32>);
    let next = next.expect("0.MINOR").expect("a number") + 1;
    assert_eq!(range, format!("\">={}, <0.{next}\"", VERSIONS[0]));
}

/// The executable, until the next is built.
fn build(version: &str, features: &str) -> PathBuf {
    run(&mut cargo(version, features));
    folder().join("debug/pyo3-app")
}

fn cargo(version: &str, features: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--locked", "--features", features]).env("CARGO_TARGET_DIR", folder());
    // Nobody looks into them with a debugger.
    cargo.current_dir(fixture("pyo3").join(version)).env("CARGO_PROFILE_DEV_DEBUG", "false");
    cargo
}

/// One for all versions: what they share is compiled once.
fn folder() -> PathBuf {
    target_dir("pyo3")
}
