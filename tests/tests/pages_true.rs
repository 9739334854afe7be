//! Pages of `docs/` that repeat what the sources say are held to them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::run;
use linktab_tests::verify::targets::{ALL, Target};
use linktab_tests::verify::{linktab, scratch};
use linktab_verify::commands::Exit;
use serde_json::Value;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace")
}

fn page(name: &str) -> String {
    fs::read_to_string(workspace().join("docs").join(name)).expect("the page is there")
}

#[test]
fn every_message_has_its_place_and_no_other_has() {
    let told = linktab(["explain"]).out;
    let codes: Vec<&str> = told.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(codes.len() > 20, "{told}");
    let section = |code: &&str| {
        let text = linktab(["explain", code]).out;
        let head = text.lines().next().and_then(|head| head.strip_prefix("# ")).expect("a heading");
        let (name, summary) = head.split_once("): ").expect("a level and a sentence");
        let (name, level) = name.split_once(" (").expect("a level");
        format!(
            "## {name}\n\n*{level}*: {summary}\n\n{{{{#include ../verify-tool/src/explain/{code}.md}}}}\n\n"
        )
    };
    let sections: String = codes.iter().map(section).collect();
    let page = page("messages.md");
    let (_, rest) = page.split_once("\n\n## LT").expect("there are codes");
    let (shown, _) = rest.split_once("## At the start").expect("and what has none");
    assert_eq!(format!("## LT{shown}"), sections);
}

#[test]
fn the_configuration_is_shown_in_full_and_is_one() {
    let shown = blocks_of_toml("configuration.md");
    let folder = scratch("configuration");
    let write = |text: &str| {
        fs::write(folder.join("linktab.toml"), text).expect("the scratch folder is writable");
        let (config, none) = (folder.join("linktab.toml"), folder.join("none"));
        linktab(["check", "--config", config.to_str().expect("UTF-8"), none.to_str().expect("UTF-8")])
    };
    // It names a lock that is not there.
    let ran = write(&shown.replace("lock = \"linktab.lock\"\n", ""));
    assert_eq!(ran.exit, Exit::Unreadable, "{}", ran.err);
    let mut known = BTreeSet::new();
    for wrong in ["nonsense = 1\n", "[program.x]\nnonsense = 1\n", "[[allow]]\nnonsense = 1\n"] {
        let said = write(wrong).err;
        let (_, list) = said.split_once("expected ").expect("the keys that are known");
        known.extend(list.split('`').skip(1).step_by(2).map(str::to_owned));
    }
    let missing: Vec<&String> = known
        .iter()
        .filter(|key| !shown.contains(&format!("{key} = ")) && !shown.contains(&format!("[{key}")))
        .collect();
    assert!(known.len() > 8 && missing.is_empty(), "{missing:?} of {known:?}");
}

fn blocks_of_toml(name: &str) -> String {
    let page = page(name);
    let (_, rest) = page.split_once("<!-- config -->\n```toml\n").expect("the file in full");
    rest.split_once("```").expect("the block is closed").0.to_owned()
}

#[test]
fn the_table_of_fields_is_that_of_the_layout() {
    let layout = fs::read_to_string(workspace().join("registry/src/layout.rs")).expect("it is there");
    let places = |text: &str, start: &str| -> Vec<String> {
        let rows = text.lines().filter_map(|line| line.strip_prefix(start));
        let of = |row: &str| row.split(" | ").take(2).map(str::trim).collect::<Vec<_>>().join("+");
        rows.map(|row| of(row.trim_start_matches("| ")))
            .filter(|row| row.starts_with(char::is_numeric))
            .collect()
    };
    let shown = places(&page("record.md"), "");
    assert!(shown.len() == 14 && shown == places(&layout, "//! "), "{shown:?}");
}

/// Lines of the reader in Python for a program.
fn read(program: &Path) -> Vec<String> {
    let mut python = Command::new("python3");
    python.arg(workspace().join("docs/read_records.py")).arg(program);
    let mut lines: Vec<String> = run(&mut python).lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// The same of `linktab list`.
fn listed(program: &Path) -> Vec<String> {
    let ran = linktab(["list", "--output-format", "json", program.to_str().expect("UTF-8")]);
    let document: Value = serde_json::from_str(&ran.out).expect("JSON");
    let modules = document["inputs"][0]["modules"].as_array().expect("modules").iter();
    let line = |module: &Value| {
        let text = |key: &str| module[key].as_str().expect("text").to_owned();
        let origin = |key: &str| module["origin"][key].as_str().expect("text").to_owned();
        let file =
            [origin("package"), origin("version"), origin("file"), module["origin"]["line"].to_string()];
        [text("name"), text("phase"), text("address"), file.join("\t")].join("\t")
    };
    let mut lines: Vec<String> = modules.map(line).collect();
    lines.sort();
    lines
}

#[test]
fn the_reader_of_the_page_reads_what_linktab_does() {
    let (committed, folder) = (workspace().join("tests/fixtures/verify/committed"), scratch("reader"));
    let mut programs: Vec<PathBuf> =
        ["rust-aarch64-apple-darwin", "rust-x86_64-apple-darwin", "rust-x86_64-pc-windows-gnu.exe"]
            .map(|name| committed.join(name))
            .into();
    // It reads files of 64 bits whose least byte comes first; this linker is wherever Rust is.
    let is_read = |target: &&Target| {
        target.linker.first() == Some(&"rust-lld")
            && ["elf x86-64", "elf aarch64"].iter().any(|start| target.name.starts_with(start))
    };
    for target in ALL.iter().filter(is_read) {
        let objects = ["runtime", "modules"].map(|name| {
            let object = folder.join(format!("{name}.o"));
            target.compile(&format!("{name}.c"), &[], &object);
            object
        });
        let program = folder.join(target.name.replace(' ', "-"));
        target.link(&[&objects[0], &objects[1]], &[], &program);
        programs.push(program);
    }
    for program in &programs {
        let read = read(program);
        assert!(!read.is_empty(), "{}", program.display());
        assert_eq!(read, listed(program), "{}", program.display());
    }
    assert!(programs.len() > 3, "{programs:?}");
}
