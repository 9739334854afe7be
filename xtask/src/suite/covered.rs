//! Test programs that parts compiled in, those of the workspace that no part runs out: tests that nobody starts fail nobody.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use linktab_cpython::process;
use serde_json::Value;

use crate::workspace;

/// A package's folder, and the name of one of its targets, with hyphens as rustc has them: a line of a file, which processes
/// that run parts beside each other share.
type Target = (String, String);

/// Those of thorough runs alone.
const THOROUGH: [&str; 1] = ["root_projects"];

fn file() -> PathBuf {
    workspace::target().join("tests-compiled.txt")
}

/// A whole run begins.
///
/// # Errors
/// The file cannot be written.
pub fn forget() -> Result<()> {
    fs::create_dir_all(workspace::target()).context("there is no build folder")?;
    fs::write(file(), "").with_context(|| format!("cannot write {}", file().display()))
}

/// Takes note of what a part runs: the manifest of a package, and the name of one of its targets.
///
/// # Errors
/// The file cannot be written.
pub fn compiled<'a>(programs: impl Iterator<Item = (&'a Path, &'a str)>) -> Result<()> {
    let lines = programs.map(|(manifest, name)| target(manifest, name));
    let lines: String = lines.map(|(folder, name)| format!("{folder}\t{name}\n")).collect();
    let opened = File::options().create(true).append(true).open(file());
    let written = opened.and_then(|mut file| file.write_all(lines.as_bytes()));
    written.with_context(|| format!("cannot write {}", file().display()))
}

/// The test programs of the workspace that no part has compiled since a whole run began.
///
/// # Errors
/// cargo does not tell of the workspace, or the file cannot be read.
pub fn left_out() -> Result<Vec<String>> {
    let metadata = metadata()?;
    let text = fs::read_to_string(file()).with_context(|| format!("cannot read {}", file().display()))?;
    Ok(without(with_tests(&metadata, has_test), &text))
}

fn metadata() -> Result<Value> {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let metadata = process::output(cargo.current_dir(workspace::root()))?;
    serde_json::from_str(&metadata).context("`cargo metadata` printed no JSON")
}

/// Those that are not in the text of the file.
fn without(all: BTreeSet<Target>, text: &str) -> Vec<String> {
    let compiled: BTreeSet<_> = text.lines().filter_map(|line| line.split_once('\t')).collect();
    let is_missing = |(folder, name): &Target| !compiled.contains(&(&**folder, &**name));
    let missing = all.into_iter().filter(is_missing).map(|(_, name)| name);
    missing.filter(|name| !THOROUGH.contains(&&**name)).collect()
}

fn target(manifest: &Path, name: &str) -> Target {
    let folder = manifest.parent().unwrap_or(manifest);
    (folder.display().to_string(), name.replace('-', "_"))
}

/// Every program of a `tests` folder, and every library in whose folder a source `has_test`.
fn with_tests(metadata: &Value, has_test: fn(&Path) -> bool) -> BTreeSet<Target> {
    let mut all = BTreeSet::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let manifest = text(&package["manifest_path"]);
        for one in package["targets"].as_array().into_iter().flatten().filter(|one| one["test"] == true) {
            let source = text(&one["src_path"]);
            let wanted = match one["kind"][0].as_str() {
                Some("test") => true,
                Some("lib" | "proc-macro") => Path::new(&source).parent().is_some_and(has_test),
                _ => false,
            };
            if wanted {
                all.insert(target(Path::new(&manifest), &text(&one["name"])));
            }
        }
    }
    all
}

/// Whether a source below a folder has a test.
fn has_test(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.into_iter().any(|path| {
        if path.is_dir() {
            return has_test(&path);
        }
        path.extension() == Some(OsStr::new("rs"))
            && fs::read_to_string(&path).is_ok_and(|text| text.contains("#[test]"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn programs_of_tests_and_libraries_with_tests_are_wanted() {
        let target = |kind: &str, name: &str, source: &str| json!({"kind": [kind], "name": name, "src_path": source, "test": true});
        let targets = [
            target("lib", "linktab-x", "/w/x/src/lib.rs"),
            target("test", "index", "/w/x/tests/index.rs"),
            target("bench", "tables", "/w/x/benches/tables.rs"),
        ];
        let packages = [
            json!({"manifest_path": "/w/x/Cargo.toml", "targets": targets}),
            json!({"manifest_path": "/w/y/Cargo.toml", "targets": [target("lib", "y", "/w/y/src/lib.rs")]}),
        ];
        let found = with_tests(&json!({"packages": packages}), |folder| folder == Path::new("/w/x/src"));
        let names: Vec<_> = found.iter().map(|(folder, name)| format!("{folder} {name}")).collect();
        assert_eq!(names, ["/w/x index", "/w/x linktab_x"]);
        assert_eq!(without(found, "/w/x\tindex\n/w/y\tlinktab_x\n"), ["linktab_x"]);
    }

    #[test]
    fn every_library_of_this_workspace_with_tests_is_wanted() {
        let metadata = metadata().expect("cargo tells of the workspace");
        let all = without(with_tests(&metadata, has_test), "");
        assert!(
            ["linktab_verify", "verify_hostile", "index"].iter().all(|name| all.iter().any(|it| it == name))
        );
    }
}
