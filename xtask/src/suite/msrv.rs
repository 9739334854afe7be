//! The `rust-version` that the workspace declares, held against the sources and their dependencies.
//!
//! Where that toolchain is installed, it compiles everything. Where it is not, two things are known
//! without it: since when each item of std is stable (clippy reads std's own attributes), and which
//! version each dependency declares.

use std::process::Command;

use anyhow::{Context, Result};
use linktab_cpython::process;
use serde_json::Value;

use super::run::{ONLY_CHECKED, Run};
use crate::workspace;

/// Checks in the best way that this machine has.
///
/// # Errors
/// cargo does not start, or its metadata cannot be read.
pub fn check(run: &mut Run) -> Result<()> {
    let metadata = process::output(&mut run.cargo(&["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
    let declared = declared(&metadata).context("no package of this workspace has a rust-version")?;

    let toolchains = Command::new("rustup").args(["toolchain", "list"]).output();
    let toolchains = toolchains.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let installed = toolchains.unwrap_or_default().lines().any(|line| line.starts_with(&declared));
    if installed {
        let mut cargo = Command::new("rustup");
        cargo.args(["run", &declared, "cargo", "check", "--workspace", "--all-targets"]);
        cargo.current_dir(workspace::root()).envs(run.environment.variables());
        cargo.env(ONLY_CHECKED, "1");
        // Its own folder: the two compilers would throw away each other's work.
        return run.check(cargo.env("CARGO_TARGET_DIR", workspace::target().join("msrv")));
    }

    println!(
        "note: Rust {declared} is not installed. Checked instead: std's items and the dependencies' \
         rust-version; syntax that is younger would go unseen"
    );
    // Its lint `incompatible_msrv` knows since when std has what. The part `clippy` runs the same command: behind
    // it, cargo has nothing left to do.
    run.clippy()?;
    let younger = younger(&metadata, &declared);
    for package in &younger {
        eprintln!("{package}, but this workspace declares {declared}");
    }
    run.judge(younger.is_empty(), "a dependency needs a younger Rust than the workspace declares");
    Ok(())
}

/// The lowest that a package of the workspace declares.
fn declared(metadata: &Value) -> Option<String> {
    let members = metadata["workspace_members"].as_array()?;
    let own = metadata["packages"].as_array()?.iter().filter(|package| members.contains(&package["id"]));
    own.filter_map(|package| package["rust_version"].as_str())
        .min_by_key(|version| numbers(version))
        .map(str::to_owned)
}

fn younger(metadata: &Value, declared: &str) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .filter_map(|package| {
            let needs = package["rust_version"].as_str()?;
            let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
            (numbers(needs) > numbers(declared)).then(|| format!("{name} {version} needs Rust {needs}"))
        })
        .collect()
}

fn numbers(version: &str) -> [u32; 3] {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    [(); 3].map(|()| parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_lowest_own_version_is_held_against_every_package() {
        let package = |name, rust_version| json!({"id": name, "name": name, "version": "2.0.0", "rust_version": rust_version});
        let metadata = json!({
            "workspace_members": ["own", "tool"],
            "packages": [
                package("own", Some("1.88")),
                package("tool", Some("1.90.0")),
                package("old", Some("1.56.1")),
                package("silent", None),
                package("new", Some("1.88.1")),
            ],
        });
        assert_eq!(declared(&metadata).as_deref(), Some("1.88"));
        assert_eq!(
            younger(&metadata, "1.88"),
            ["tool 2.0.0 needs Rust 1.90.0", "new 2.0.0 needs Rust 1.88.1"]
        );
    }
}
