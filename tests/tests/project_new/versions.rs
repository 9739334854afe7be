//! `linktab init` and `add` where packages ask for versions of PyO3, of which cargo takes one for all.

use std::fs;
use std::process::Command;

use linktab_tests::projects::{Project, workspace};

/// What cargo would refuse later, as it takes one PyO3 for all.
#[test]
fn a_new_extension_asks_for_the_pyo3_of_its_workspace_and_too_old_a_one_is_told_before_anything_is_made() {
    let project = Project::empty("pyo3", "app");
    let members = "[workspace]\nmembers = [\"one\"]\n";
    let shared = |version: &str| format!("{members}\n[workspace.dependencies]\npyo3 = {version}\n");
    let inherited = "pyo3 = { workspace = true, optional = true }";
    let cases = [
        (members.to_owned(), "pyo3 = \"0.29.1\""),
        (members.to_owned(), "python = { package = \"pyo3\", version = \">=0.23, <0.29\" }"),
        (members.to_owned(), "pyo3 = \"*\""),
        (members.to_owned(), "pyo3 = \"0.26\""),
        (members.to_owned(), "pyo3-ffi = \"0.31\""),
        (shared("\"0.28.3\""), inherited),
        (shared("{ version = \"0.22\", features = [\"abi3\"] }"), ""),
    ];
    let seen = cases.map(|(manifest, dependency)| {
        let _ = fs::remove_dir_all(&project.folder);
        project.write("Cargo.toml", &manifest);
        let one = format!("[package]\nname = \"one\"\nedition = \"2021\"\n\n[dependencies]\n{dependency}\n");
        project.write("one/Cargo.toml", &one);
        project.write("one/src/lib.rs", "");
        let said = project.said(&mut project.linktab(&["init", "demo"]));
        let now = project.read("Cargo.toml");
        let said = said.lines().filter(|line| line.starts_with("error") || line.starts_with("changed"));
        let line = now.lines().find(|line| line.starts_with("pyo3 = ")).unwrap_or("no pyo3");
        assert_eq!(now == manifest, !project.folder.join("demo").exists());
        format!("{dependency}\n{}\n{line}\n", said.collect::<String>())
    });
    insta::assert_snapshot!("pyo3", seen.join("\n"));
    // The versions are those that the finder takes.
    let taken = fs::read_to_string(workspace().join("Cargo.toml"));
    assert!(taken.expect("it can be read").contains("\npyo3-ffi = \">=0.28, <0.31\"\n"));
}

/// Two packages with PyO3's key, which is what two versions of it are.
#[test]
fn two_versions_of_pyo3_are_told_behind_what_cargo_says_of_them() {
    let project = Project::empty("doubled", "app");
    let package = |name: &str| {
        let manifest =
            format!("[package]\nname = \"{name}\"\nbuild = \"build.rs\"\nlinks = \"pyo3-python\"\n");
        project.write(&format!("{name}/src/lib.rs"), "");
        project.write(&format!("{name}/src/main.rs"), "fn main() {}\n");
        project.write(&format!("{name}/build.rs"), "fn main() {}\n");
        manifest
    };
    project.write("two/Cargo.toml", &package("two"));
    let told = |members: &str, dependencies: &str| {
        project.write("Cargo.toml", &format!("[workspace]\nmembers = [{members}]\nexclude = [\"two\"]\n"));
        project.write("one/Cargo.toml", &format!("{}{dependencies}", package("one")));
        let offline = |command: &mut Command| project.said(command.env("CARGO_NET_OFFLINE", "true"));
        [
            offline(&mut project.linktab(&["add", "two", "--to", "one"])),
            offline(&mut project.cargo_linktab(&["check", "-p", "one"])),
        ]
    };
    let depends = "[dependencies]\ntwo = { path = \"../two\" }\n";
    let said = [told("\"one\"", depends), told("\"one\", \"two\"", "")];
    for text in said.as_flattened() {
        let ours = text.split_once("\n\ncargo allows").map(|(_, ours)| format!("cargo allows{ours}"));
        let ours = ours.unwrap_or_else(|| panic!("only cargo speaks: {text}"));
        insta::allow_duplicates! {
            insta::assert_snapshot!(ours, @"cargo allows one version of PyO3 in a program, and linktab goes with 0.28 to 0.30: let the packages that are named above ask for the same one of these");
        }
    }
}
