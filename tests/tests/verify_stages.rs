//! The verifier is one straight line: bytes → image → records → findings → report. This reads the
//! `use` lines of its files and holds them to it.

use std::fs;
use std::path::{Path, PathBuf};

/// A stage and the modules of the crate that it may name, besides itself.
const STAGES: [(&str, &[&str]); 8] = [
    ("bytes", &["error", "limits"]),
    ("image", &["bytes", "error", "limits"]),
    ("records", &["image", "error"]),
    ("expected", &["records", "code", "plain"]),
    ("findings", &["records", "expected", "code", "plain"]),
    ("report", &["findings", "records", "error", "limits", "plain"]),
    ("code", &[]),
    ("plain", &[]),
];

/// What the crate's root re-exports, by the stage that it comes from.
const ROOT: [(&str, &[&str]); 2] =
    [("records", &["Inventory", "Record", "Init", "Outcome"]), ("findings", &["Finding", "Level", "Code"])];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("the sources can be listed").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules of the crate that a file names: whatever follows `crate::`.
fn named(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in text.split("crate::").skip(1) {
        let list = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
        let items: Vec<&str> = match list {
            Some(list) => list.split(',').collect(),
            None => vec![rest],
        };
        for item in items {
            let name: String =
                item.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let stage = ROOT.iter().find(|(_, names)| names.contains(&&*name)).map(|(stage, _)| *stage);
            names.push(stage.map_or(name, str::to_owned));
        }
    }
    names
}

#[test]
fn a_stage_imports_only_what_the_stage_before_hands_over() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verify-tool/src");
    let mut all = Vec::new();
    files(&source, &mut all);
    let mut faults = Vec::new();
    for (stage, allowed) in STAGES {
        let of_stage = all.iter().filter(|path| {
            let inner = path.strip_prefix(&source).expect("files of the folder");
            inner.starts_with(stage) || inner == Path::new(&format!("{stage}.rs"))
        });
        for path in of_stage {
            let text = fs::read_to_string(path).expect("a source file");
            // A tool's words name its own crate in documentation.
            let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            for name in named(&code) {
                if name != stage && !allowed.contains(&&*name) {
                    faults.push(format!("{}: `{stage}` names `crate::{name}`", path.display()));
                }
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is_and_stays_short() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verify-tool/src");
    let mut all = Vec::new();
    files(&source, &mut all);
    let mut faults = Vec::new();
    for path in all {
        let text = fs::read_to_string(&path).expect("a source file");
        if !text.starts_with("//! ") {
            faults.push(format!("{}: no `//!` at its head", path.display()));
        }
        if text.lines().count() > 320 {
            faults.push(format!("{}: {} lines", path.display(), text.lines().count()));
        }
        if text.contains("unsafe ") && !text.contains("forbid(unsafe_code)") {
            faults.push(format!("{}: unsafe", path.display()));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}
