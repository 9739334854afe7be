//! `cargo linktab check` takes cargo's flags, and they mean to it what they mean to cargo.

use std::fs;
use std::process::Command;

use linktab_tests::run;
use linktab_tests::verify::{Project, cargo_command, extension};
use linktab_verify::commands::Exit;

/// Two crates, of which one is named with a feature alone.
const MAIN: &str = "\
use geo as _;
#[cfg(feature = \"net\")]
use net as _;
fn main() {
    linktab::Registry::global().unwrap();
}
";

#[test]
fn features_choose_what_is_judged_and_locks_hold() {
    let (geo, net) = (extension("acme.geo._core", 1), extension("acme.net._core", 2));
    let crates: [(&str, &[(&str, &str)]); 2] =
        [("geo", &[("src/lib.rs", &geo)]), ("net", &[("src/lib.rs", &net)])];
    let project = Project::new("flags", MAIN, &crates);
    let manifest = fs::read_to_string(project.path("Cargo.toml")).expect("it was written");
    project.write("Cargo.toml", &format!("{manifest}[features]\ndefault = [\"net\"]\nnet = []\n"));

    // There is no Cargo.lock yet, and cargo may not write one.
    let ran = project.check(&["--locked"]);
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.err.contains("Cargo.lock") && ran.err.contains("--locked"), "{}", ran.err);
    assert!(!project.path("Cargo.lock").exists());

    project.check(&["-j", "1"]).assert_clean();
    // There is no linktab.lock, and cargo's is not out of date.
    project.check(&["--locked", "--offline", "--workspace", "--bin", "app"]).assert_clean();
    assert!(project.check(&["--no-default-features"]).found().contains("acme.net._core"));
    project.check(&["--no-default-features", "--features", "net", "--frozen"]).assert_clean();
    project.check(&["--no-default-features", "--all-features", "-p", "app"]).assert_clean();

    // One module is locked, and the other one is more.
    let lock = "version = 1\n[[module]]\nname = \"acme.geo._core\"\nphase = \"multi\"\n";
    project.write("linktab.lock", lock);
    assert_eq!(project.check(&[]).exit, Exit::Clean);
    let told = project.check(&["--locked"]).found();
    assert!(told.contains("error[LT010]") && told.contains("acme.net._core"), "{told}");
}

/// Started by cargo, and by people who want to know what they have.
#[test]
fn both_ways_to_ask_for_the_version_name_the_program() {
    for arguments in [&["--version"][..], &["linktab", "--version"]] {
        let said = run(Command::new(cargo_command()).args(arguments));
        assert_eq!(said, format!("cargo-linktab {}\n", env!("CARGO_PKG_VERSION")));
    }
}
