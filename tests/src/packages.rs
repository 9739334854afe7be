//! The published crates of this workspace as they are uploaded.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::alone::alone;
use crate::projects::workspace;
use crate::{run, target_dir};

/// Unpacks each into a folder: its name, and the name of its folder there.
///
/// # Panics
///
/// When cargo packages none.
#[must_use]
pub fn unpack(folder: &Path) -> Vec<(String, String)> {
    let _alone = alone("packages");
    let (target, names) = (target_dir("packages"), published());
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["package", "--quiet", "--no-verify", "--allow-dirty", "--locked", "--target-dir"])
        .arg(&target);
    run(cargo.args(names.iter().flat_map(|name| ["--package", name])).current_dir(workspace()));
    fs::create_dir_all(folder).expect("a folder can be made");
    let unpacked = |name: String| {
        let below = format!("{name}-{}", env!("CARGO_PKG_VERSION"));
        let package: PathBuf = target.join("package").join(format!("{below}.crate"));
        run(Command::new("tar").arg("--extract").arg("--file").arg(package).arg("--directory").arg(folder));
        (name, below)
    };
    names.into_iter().map(unpacked).collect()
}

fn published() -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).current_dir(workspace());
    let metadata: Value = serde_json::from_str(&run(&mut cargo)).expect("cargo speaks JSON");
    let packages = metadata["packages"].as_array().expect("a list").iter();
    let is_published = |package: &&Value| package["publish"].is_null();
    let names = packages.filter(is_published).filter_map(|package| package["name"].as_str());
    names.map(str::to_owned).collect()
}
