//! Every binary of the corpus, read by the tool and by an independent reader (LIEF, from PyPI): they
//! have to agree on each name, phase, flag, init address and origin.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use linktab_tests::verify::targets::Target;
use linktab_tests::verify::{Linker, build_app, fixtures, linktab, must, scratch};
use linktab_verify::commands::Exit;
use serde_json::Value;

fn corpus() -> Vec<PathBuf> {
    let folder = scratch("cross-check");
    let mut corpus = Vec::new();
    for target in Target::installed() {
        let path = |name: &str| folder.join(format!("{}-{name}", target.slug()));
        let (modules, runtime, program) = (path("modules.o"), path("runtime.o"), path("app"));
        target.compile("modules.c", &[], &modules);
        target.compile("runtime.c", &[], &runtime);
        target.link(&[&runtime, &modules], &[], &program);
        corpus.push(program);
    }
    for linker in Linker::installed() {
        for (name, flags) in [("pie", None), ("static", Some("-Crelocation-model=static"))] {
            let program = folder.join(format!("rust-{linker:?}-{name}").to_lowercase());
            let mut all = linker.rustc_flags();
            all.extend(flags.map(str::to_owned));
            build_app("dev", &all, &program);
            corpus.push(program);
        }
    }
    corpus
}

/// The tool's account, in the reader's shape.
fn decoded(path: &str) -> Vec<Value> {
    let ran = linktab(["list", "--output-format", "json", path]);
    assert_eq!((ran.exit, &*ran.err), (Exit::Clean, ""), "{path}");
    let document: Value = serde_json::from_str(&ran.out).expect("a JSON document");
    let phase = |word: &Value| ["", "multi", "single", "export"].iter().position(|it| word == it);
    let mut records: Vec<Value> = document["inputs"][0]["modules"]
        .as_array()
        .expect("a list of modules")
        .iter()
        .map(|module| {
            let origin = &module["origin"];
            let text = |field: &str| origin[field].as_str().unwrap_or_default().to_owned();
            let origin =
                format!("{}\n{}\n{}\n{}", text("package"), text("version"), text("file"), origin["line"]);
            serde_json::json!([
                module["name"],
                phase(&module["phase"]),
                u8::from(module["package"] == true),
                module["address"],
                origin
            ])
        })
        .collect();
    records.sort_by_key(ToString::to_string);
    records
}

#[test]
fn an_independent_reader_agrees() {
    // The Python of `cargo xtask test` has LIEF.
    let python = env::var_os("LINKTAB_TOOLS_PYTHON").unwrap_or_else(|| "python3".into());
    if !Command::new(&python).args(["-c", "import lief"]).output().is_ok_and(|output| output.status.success())
    {
        println!("skipped: LIEF is not installed (pip install lief)");
        return;
    }
    let corpus = corpus();
    let output = must(Command::new(&python).arg(fixtures().join("cross_check.py")).args(&corpus));
    let theirs: Value = serde_json::from_slice(&output.stdout).expect("the script prints JSON");
    let mut records = 0;
    for path in &corpus {
        let path = path.to_str().expect("an ASCII path");
        let mut theirs = theirs[path].as_array().expect("a list").clone();
        theirs.sort_by_key(ToString::to_string);
        let ours = decoded(path);
        assert!(!ours.is_empty(), "{path}");
        assert_eq!(ours, theirs, "{path}");
        records += ours.len();
    }
    println!("cross-check: {} binaries, {records} records, 0 disagreements", corpus.len());
}
