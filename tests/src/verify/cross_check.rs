//! Binaries, read by the tool and by an independent reader (LIEF, from PyPI): they have to agree on each
//! name, phase, flag, init function and origin.

use std::env;
use std::path::Path;
use std::process::Command;

use linktab_verify::commands::Exit;
use serde_json::Value;

use super::{fixtures, linktab, must};

/// Compares; prints how many binaries and records agree. Says so when LIEF is not installed.
///
/// # Panics
///
/// When the two disagree, or one finds no record.
pub fn cross_check<P: AsRef<Path>>(files: &[P]) {
    // The Python of `cargo xtask test` has LIEF.
    let python = env::var_os("LINKTAB_TOOLS_PYTHON").unwrap_or_else(|| "python3".into());
    if !Command::new(&python).args(["-c", "import lief"]).output().is_ok_and(|output| output.status.success())
    {
        println!("skipped: LIEF is not installed (pip install lief)");
        return;
    }
    let paths: Vec<&str> = files.iter().map(|file| file.as_ref().to_str().expect("an ASCII path")).collect();
    let output = must(Command::new(&python).arg(fixtures().join("cross_check.py")).args(&paths));
    let theirs: Value = serde_json::from_slice(&output.stdout).expect("the script prints JSON");
    let mut records = 0;
    for path in &paths {
        let theirs = sorted(theirs[path].as_array().expect("a list").clone());
        let ours = decoded(path);
        assert!(!ours.is_empty(), "{path}");
        assert_eq!(ours, theirs, "{path}");
        records += ours.len();
    }
    println!("cross-check: {} binaries, {records} records, 0 disagreements", paths.len());
}

fn sorted(mut records: Vec<Value>) -> Vec<Value> {
    records.sort_by_key(ToString::to_string);
    records
}

/// The tool's account of all images, in the reader's shape.
fn decoded(path: &str) -> Vec<Value> {
    let ran = linktab(["list", "--output-format", "json", path]);
    assert_eq!((ran.exit, &*ran.err), (Exit::Clean, ""), "{path}");
    let document: Value = serde_json::from_str(&ran.out).expect("a JSON document");
    let images = document["inputs"].as_array().expect("a list of images").iter();
    let modules = images.flat_map(|image| {
        let is_object = image["kind"] == "object";
        let modules = image["modules"].as_array().expect("a list of modules");
        modules.iter().map(move |module| record(module, is_object))
    });
    sorted(modules.collect())
}

fn record(module: &Value, is_object: bool) -> Value {
    let phase = ["", "multi", "single", "export"].iter().position(|word| module["phase"] == *word);
    let origin = &module["origin"];
    let text = |field: &str| origin[field].as_str().unwrap_or_default().to_owned();
    let origin = format!("{}\n{}\n{}\n{}", text("package"), text("version"), text("file"), origin["line"]);
    // Where there is no address, the symbol is that of another file. Those of objects are made up.
    let address = if is_object { &Value::Null } else { &module["address"] };
    let imported = if address.is_null() { &module["symbol"] } else { &Value::Null };
    let package = u8::from(module["package"] == true);
    serde_json::json!([module["name"], phase, package, address, imported, origin])
}
