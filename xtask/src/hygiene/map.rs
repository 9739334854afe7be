//! The file map of `CONTRIBUTING.md`, held against the folders: every wing is in it, and nothing that is gone.
//!
//! A heading of the map names a folder, and each item below it one thing in there, with a sentence; the item of
//! a wing may name files of the wing, and in two crates names all. Knows which folders need a heading; judges no
//! sentence but that there is one. The documents for contributors name further files in between: those exist too.

use std::collections::BTreeSet;

use super::File;

/// Where the map is, and the heading that opens it.
const MAP: (&str, &str) = ("CONTRIBUTING.md", "## The map");

/// Whose names of files are held against the folders.
const DOCUMENTS: [&str; 3] = ["CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md"];

/// Folders whose subfolders are mapped: the repository, and the one with all the tests.
const OF_FOLDERS: [&str; 2] = ["", "tests/"];

/// The folder with one file per test program, which are mapped by the part that runs them.
const PROGRAMS: &str = "tests/tests/";

/// Where an item names every file of its wing.
const IN_FULL: [&str; 2] = ["finder/src/", "verify-tool/src/"];

/// A folder with an own heading, and what is below it.
struct Section<'a> {
    line: usize,
    folder: &'a str,
    items: Vec<Item<'a>>,
}

struct Item<'a> {
    line: usize,
    name: &'a str,
    /// All of its lines behind the name.
    text: String,
}

/// What is missing from the map, and what it has too much.
pub fn faults(files: &[File]) -> Vec<String> {
    let gone = DOCUMENTS.iter().flat_map(|path| gone(path, files));
    let Some(map) = files.iter().find(|file| file.path == MAP.0) else {
        let of_repository = files.iter().any(|file| file.path == "Cargo.toml");
        return of_repository
            .then(|| format!("{} is not there: it has the map", MAP.0))
            .into_iter()
            .collect();
    };
    let sections = sections(&map.text);
    let unmapped = folders(files).into_iter().filter(|folder| !sections.iter().any(|of| of.folder == folder));
    let unmapped = unmapped.map(|folder| format!("{}: the map has no heading `{}`", MAP.0, shown(&folder)));
    unmapped.chain(sections.iter().flat_map(|section| compare(section, files))).chain(gone).collect()
}

fn sections(text: &str) -> Vec<Section<'_>> {
    let lines = text.lines().zip(1..).skip_while(|(line, _)| *line != MAP.1).skip(1);
    let mut sections: Vec<Section<'_>> = Vec::new();
    for (text, line) in lines.take_while(|(line, _)| !line.starts_with("## ")) {
        if let Some((folder, _)) = text.strip_prefix("### `").and_then(|rest| rest.split_once('`')) {
            let folder = if folder == shown("") { "" } else { folder };
            sections.push(Section { line, folder, items: Vec::new() });
        }
        let Some(items) = sections.last_mut().map(|section| &mut section.items) else { continue };
        if let Some((name, text)) = text.strip_prefix("- `").and_then(|rest| rest.split_once('`')) {
            items.push(Item { line, name, text: text.trim_start_matches([':', ' ']).to_owned() });
        } else if let (Some(item), true) = (items.last_mut(), text.starts_with("  ")) {
            item.text.push_str(text);
        }
    }
    sections
}

/// The folders that need a heading: [`OF_FOLDERS`], [`PROGRAMS`], and every crate of more files than its root.
fn folders(files: &[File]) -> BTreeSet<String> {
    let crates = files.iter().filter_map(|file| file.path.strip_suffix("Cargo.toml"));
    let ours =
        crates.filter(|of| !["examples/", "fuzz/", "tests/fixtures/"].iter().any(|not| of.starts_with(not)));
    let sources = ours.map(|of| format!("{of}src/")).filter(|folder| !inside(folder, files).is_empty());
    let others = OF_FOLDERS.into_iter().chain([PROGRAMS]).map(str::to_owned);
    sources.chain(others.filter(|folder| !inside(folder, files).is_empty())).collect()
}

/// What the map says of a folder's content: a wing as `name/`, a lone file as `name.rs`, programs as `name_*.rs`.
fn inside(folder: &str, files: &[File]) -> BTreeSet<String> {
    let paths = || files.iter().filter_map(|file| file.path.strip_prefix(folder));
    let wings: BTreeSet<String> = paths()
        .filter_map(|path| path.split_once('/'))
        .map(|(wing, _)| format!("{wing}/"))
        .filter(|wing| wing != "snapshots/")
        .collect();
    if OF_FOLDERS.contains(&folder) {
        return wings;
    }
    let lone = paths().filter_map(|path| path.strip_suffix(".rs")).filter(|name| !name.contains('/'));
    if folder == PROGRAMS {
        return lone.map(|name| format!("{}_*.rs", name.split('_').next().unwrap_or(name))).collect();
    }
    let lone = lone.filter(|name| !["lib", "main"].contains(name) && !wings.contains(&format!("{name}/")));
    lone.map(|name| format!("{name}.rs")).chain(wings.iter().cloned()).collect()
}

fn compare(section: &Section<'_>, files: &[File]) -> Vec<String> {
    let there = inside(section.folder, files);
    let folder = shown(section.folder);
    let named = |name: &str| section.items.iter().any(|item| item.name == name);
    let absent = there.iter().filter(|name| !named(name)).map(|name| {
        format!("{}:{}: `{name}` of `{folder}` is not in the map: expected an item", MAP.0, section.line)
    });
    let wrong = section.items.iter().filter_map(|item| {
        let what = if !there.contains(item.name) {
            "is not there: remove the item"
        } else if !item.text.ends_with('.') {
            "has no sentence: expected one, with a full stop"
        } else {
            return None;
        };
        Some(format!("{}:{}: `{}` of `{folder}` {what}", MAP.0, item.line, item.name))
    });
    absent.chain(wrong).chain(section.items.iter().flat_map(|item| of_wing(section, item, files))).collect()
}

/// Files that the item of a wing names, held against the wing.
fn of_wing(section: &Section<'_>, item: &Item<'_>, files: &[File]) -> Vec<String> {
    if !item.name.ends_with('/') {
        return Vec::new();
    }
    let wing = format!("{}{}", section.folder, item.name);
    let is_file = |name: &&str| [".rs", ".h", ".txt", ".py", "/"].iter().any(|end| name.ends_with(end));
    let named: BTreeSet<&str> = item.text.split('`').skip(1).step_by(2).filter(is_file).collect();
    let is_there = |name: &&str| files.iter().any(|file| is_at(&file.path, &format!("{wing}{name}")));
    // By their whole paths it names what is elsewhere.
    let elsewhere = |name: &&str| files.iter().any(|file| is_at(&file.path, name));
    let gone = named.iter().filter(|name| !is_there(name) && !elsewhere(name));
    let gone = gone.map(|name| format!("{}:{}: `{wing}` has no `{name}`: remove the name", MAP.0, item.line));
    let all = if IN_FULL.contains(&section.folder) { inside(&wing, files) } else { BTreeSet::new() };
    let absent = all.iter().filter(|name| !named.contains(name.as_str()));
    let absent =
        absent.map(|name| format!("{}:{}: the item of `{wing}` does not name `{name}`", MAP.0, item.line));
    gone.chain(absent).collect()
}

/// The repository itself has a name too.
fn shown(folder: &str) -> &str {
    if folder.is_empty() { "./" } else { folder }
}

/// Files and folders that a document names by their whole path, in words or in a drawing, and that are not there.
fn gone(document: &str, files: &[File]) -> Vec<String> {
    let Some(document) = files.iter().find(|file| file.path == document) else { return Vec::new() };
    let tops: BTreeSet<&str> =
        files.iter().filter_map(|file| file.path.split_once('/')).map(|(top, _)| top).collect();
    let is_gone = |path: &str| {
        let of_ours = path.split_once('/').is_some_and(|(top, _)| tops.contains(top));
        of_ours && !path.contains('*') && !files.iter().any(|file| is_at(&file.path, path))
    };
    // What the reader makes up, as in `finder/src/<name>.rs`, is no part: it comes to be.
    let is_part = |c: char| c.is_alphanumeric() || "_-./*".contains(c);
    let lines = document.text.lines().zip(1..);
    let named = lines.flat_map(|(text, line)| {
        text.split(move |c| !is_part(c)).map(move |path| (path.trim_end_matches('.'), line))
    });
    named
        .filter(|(path, _)| is_gone(path))
        .map(|(path, line)| format!("{}:{line}: names `{path}`, which is not there", document.path))
        .collect()
}

/// Whether a file is the one that is named, or in the folder that is.
fn is_at(file: &str, named: &str) -> bool {
    let below = file.strip_prefix(named.trim_end_matches('/'));
    below.is_some_and(|rest| rest.starts_with('/') || (rest.is_empty() && !named.ends_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPED: &str = "\
# Contributing
- `nothing/`: before the map.
## The map
### `./`
- `docs/`: what people read.
- `finder/`: what imports.
- `tests/`: all of them.
### `finder/src/`: the finder
- `find/`: a name in, a spec out:
  `finder.rs` the finder, `a/` see `docs/`.
- `state.rs`: what it keeps.
### `tests/`
- `tests/`: one file per program.
### `tests/tests/`
- `import_*.rs`: programs that import.
## More
- `nothing/`: see `finder/src/find/finder.rs`, `docs/`, `finder/src/<name>.rs`, std/io.rs, and so on: finder/src/find/ is finder/src/find.
";

    const PATHS: [&str; 9] = [
        "docs/loading.md",
        "finder/Cargo.toml",
        "finder/src/lib.rs",
        "finder/src/find.rs",
        "finder/src/find/a/b.rs",
        "finder/src/find/finder.rs",
        "finder/src/snapshots/x.snap",
        "finder/src/state.rs",
        "tests/tests/import_threads.rs",
    ];

    fn said(map: &str, paths: &[&str]) -> String {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
        let mut files: Vec<File> = paths.iter().map(|path| file(path, "")).collect();
        files.push(file(MAP.0, map));
        faults(&files).join("\n")
    }

    #[test]
    fn a_map_of_what_is_there_has_no_fault() {
        assert_eq!(said(MAPPED, &PATHS), "");
    }

    #[test]
    fn a_repository_without_a_map_is_a_fault() {
        let manifest = File { path: "Cargo.toml".to_owned(), text: String::new() };
        assert_eq!(faults(&[manifest]), ["CONTRIBUTING.md is not there: it has the map"]);
    }

    #[test]
    fn what_is_not_in_the_map_is_named() {
        let new = [
            "finder/src/wing/a.rs",
            "finder/src/lone.rs",
            "finder/src/find/c.rs",
            "tests/tests/verify_x.rs",
            "new/a.md",
        ];
        let crates = ["new/Cargo.toml", "new/src/lib.rs", "new/src/a.rs", "examples/a/Cargo.toml"];
        insta::assert_snapshot!(said(
            MAPPED,
            &[&PATHS[..], &new, &crates, &["examples/a/src/a.rs"]].concat()
        ));
    }

    #[test]
    fn what_is_in_the_map_and_gone_is_named() {
        let map = MAPPED.replace("see `docs/`.", "");
        insta::assert_snapshot!(said(&map, &["docs/x.md", "finder/Cargo.toml", "finder/src/find/x.rs"]));
    }
}
