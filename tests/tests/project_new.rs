//! `linktab new`, `init` and `add`: projects that people start with, outside of this repository, as they are made.

#[path = "project_new/versions.rs"]
mod versions;

use std::fs;
use std::path::Path;
use std::process::Command;

use linktab_tests::alone::alone;
use linktab_tests::projects::{Project, tested_versions, workspace};
use linktab_tests::verify::without_hashes;
use linktab_tests::{run, stock_python, transcript};

const LANGUAGES: [&str; 4] = ["rust", "c", "cython", "pybind11"];

/// Every language, and this checkout.
fn asked<'a>(command: &'a str, name: &'a str) -> Vec<&'a str> {
    let mut arguments = vec![command, name];
    arguments.extend(LANGUAGES.iter().flat_map(|language| ["--extension", language]));
    arguments.extend(["--source", workspace().to_str().expect("it is UTF-8")]);
    arguments
}

/// Every file, as it stands there.
fn files(folder: &Path, prefix: &str) -> String {
    let mut entries: Vec<_> = fs::read_dir(folder).expect("it is a folder").flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let shown = entries.iter().map(|entry| {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            return files(&entry.path(), &format!("{path}/"));
        }
        format!("=== {path}\n{}", fs::read_to_string(entry.path()).expect("it is text"))
    });
    shown.collect()
}

/// The workflow's own lines that begin so, as arguments.
fn of_workflow(project: &Project, start: &str) -> Vec<String> {
    let workflow = project.read(".github/workflows/demo.yml");
    let line =
        workflow.lines().find_map(|line| line.trim_start().strip_prefix("- run: ")?.strip_prefix(start));
    let line = line.unwrap_or_else(|| panic!("no `{start}` in {workflow}"));
    match line.split_once(" \"") {
        Some((words, code)) => {
            words.split(' ').chain([code.trim_end_matches('"')]).map(str::to_owned).collect()
        }
        None => line.split(' ').map(str::to_owned).collect(),
    }
}

/// Replaces the 16 digits that the crate `cc` makes of an object's folder.
fn without_folders(text: &str) -> String {
    let parts = text.split('(').map(|part| match part.split_once('-') {
        Some((hash, name)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            format!("HASH-{name}")
        }
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("(")
}

/// What people's own `cargo fmt --check` says of it: nothing.
fn is_formatted(folder: &Path) {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2024", "build.rs", "src/main.rs"]);
    for language in LANGUAGES {
        let of_language = Path::new("extensions").join(language);
        rustfmt.arg(of_language.join("src/lib.rs"));
        rustfmt.args((language != "rust").then(|| of_language.join("build.rs")));
    }
    run(rustfmt.current_dir(folder));
}

#[test]
fn a_new_project_builds_runs_and_is_checked_and_a_crate_that_nobody_names_is_found_and_added() {
    let _alone = alone("project-app");
    let outer = Project::empty("new", "app");
    let said = outer.said(&mut outer.linktab(&asked("new", "demo")));
    insta::assert_snapshot!("new", format!("{said}{}", outer.named(&files(&outer.folder, ""))));

    let project = outer.below("demo");
    is_formatted(&project.folder);
    project.write("Cargo.lock", &tested_versions());
    let python = stock_python().to_str().expect("it is UTF-8").to_owned();
    run(&mut project.linktab(&["python", "--offline", "--python", &python]));

    // What its workflow does.
    let strings = of_workflow(&project, "cargo linktab ");
    let check: Vec<&str> = strings.iter().map(String::as_str).collect();
    let mut seen = project.said(&mut project.cargo_linktab(&check));
    let imports = of_workflow(&project, "cargo run ");
    let mut all = vec!["run", "--quiet"];
    all.extend(imports.iter().map(String::as_str));
    let code = format!(
        "{}; print([getattr(demo, it).answer() for it in ('_c', '_cython', '_pybind11', '_rust')])",
        all.last().expect("it has code")
    );
    *all.last_mut().expect("it has code") = &code;
    assert_eq!(run(&mut project.tooled(&all)), "['C', 'Cython', 'C++', 'Rust']\n");

    // Those that nobody names, of Rust and of C, and one that it does not even depend on.
    let unnamed = ["use demo_rust as _;\n", "use demo_c as _;\n", "use demo_cython as _;\n"];
    let main = unnamed.iter().fold(project.read("src/main.rs"), |main, line| main.replace(line, ""));
    project.write("src/main.rs", &main);
    let manifest = project.read("Cargo.toml");
    let without = manifest.replace("demo-cython = { path = \"extensions/cython\" }\n", "");
    assert_ne!(manifest, without);
    project.write("Cargo.toml", &without);
    seen.push_str(&project.said(&mut project.cargo_linktab(&check)));
    let add = |package| project.said(project.linktab(&["add", package]).env("CARGO_NET_OFFLINE", "true"));
    for package in ["demo-rust", "demo-c", "demo-cython", "demo-rust"] {
        seen.push_str(&format!("=== add {package}\n{}", add(package)));
    }
    // The rest of it is cargo's.
    let nowhere = add("demo-nothing");
    assert!(nowhere.starts_with("exit code 2\n--- errors\nerror: cargo add demo-nothing: "), "{nowhere}");
    seen.push_str(&project.read("src/main.rs"));
    is_formatted(&project.folder);
    seen.push_str(&project.said(&mut project.cargo_linktab(&check)));
    insta::assert_snapshot!("checked", without_folders(&without_hashes(&project.named(&seen))));
    assert_eq!(run(&mut project.tooled(&all)), "['C', 'Cython', 'C++', 'Rust']\n");
}

#[test]
fn a_workspace_gets_a_program_and_keeps_what_it_has() {
    let _alone = alone("project-app");
    let project = Project::empty("init", "app");
    let own = "\
# Ours since 2021.
[workspace]
members = [\"crates/one\", \"crates/shared\"] # more to come
resolver = \"2\"

[workspace.dependencies]
pyo3 = { version = \"0.30.1\", default-features = false } # not newer
";
    project.write("Cargo.toml", own);
    project.write("Cargo.lock", &tested_versions());
    project.write(
        "crates/one/Cargo.toml",
        "[package]\nname = \"one\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
    );
    project.write("crates/one/src/lib.rs", "");
    // As most extensions are that are made for wheels alone.
    let shared = "[package]\nname = \"shared\"\n[lib]\ncrate-type = [\"cdylib\"]\n";
    project.write("crates/shared/Cargo.toml", shared);
    project.write("crates/shared/src/lib.rs", "");
    let source = workspace().to_str().expect("it is UTF-8");
    let call = ["init", "acme-app", "--source", source];
    let mut seen = project.said(&mut project.linktab(&call));
    seen.push_str(&format!("--- Cargo.toml\n{}", project.read("Cargo.toml")));
    // A second time.
    seen.push_str(&format!("=== again\n{}", project.said(&mut project.linktab(&call))));
    seen.push_str(&format!("=== add\n{}", project.said(&mut project.linktab(&["add", "one"]))));
    let add = |package| {
        let to = ["add", package, "--to", "acme-app"];
        project.said(project.linktab(&to).env("CARGO_NET_OFFLINE", "true"))
    };
    let before = project.read("acme-app/Cargo.toml");
    seen.push_str(&format!("=== add shared\n{}", add("shared")));
    assert_eq!(project.read("acme-app/Cargo.toml"), before);
    seen.push_str(&add("one"));
    // A library of the program's own package.
    project.write("acme-app/src/lib.rs", "");
    seen.push_str(&format!("=== add acme-app\n{}", add("acme-app")));
    fs::remove_file(project.folder.join("acme-app/src/lib.rs")).expect("it was written");
    let main = project.read("acme-app/src/main.rs").replace("use acme_app as _;\n", "");
    project.write("acme-app/src/main.rs", &main);
    insta::assert_snapshot!("init", project.named(&seen));

    let python = stock_python().to_str().expect("it is UTF-8").to_owned();
    run(&mut project.linktab(&["python", "--offline", "--python", &python]));
    let code = "import acme_app._rust as m; print(m, m.answer())";
    let built = run(&mut project.cargo(&["run", "--quiet", "-p", "acme-app", "--", "-c", code]));
    assert_eq!(built, "<module 'acme_app._rust' (static)> Rust\n");
}

/// Lines of their own stay so, comments are behind what they were written to, and lines end as they did.
#[test]
fn a_manifest_stays_as_it_was_written() {
    let project = Project::empty("manifests", "app");
    let manifests = [
        "[workspace]\nmembers = [\n    \"one\", # first\n]\n",
        "[workspace]\r\nmembers = [\r\n  \"one\",\r\n  \"two\" # last\r\n]\r\n\r\n# Quickly.\r\n[profile.dev]\r\n",
        "\u{feff}[workspace]\nmembers = []",
        "[workspace]\nmembers = [\n]\n",
    ];
    let seen = manifests.map(|manifest| {
        fs::remove_dir_all(&project.folder).expect("the folder can be removed");
        project.write("Cargo.toml", manifest);
        run(&mut project.linktab(&["init", "demo"]));
        let text = project.read("Cargo.toml");
        let lines: Vec<String> = text.split('\n').map(|line| line.escape_debug().to_string()).collect();
        lines.join("\n")
    });
    insta::assert_snapshot!("manifests", seen.join("\n========\n"));
}

#[test]
fn what_cannot_be_made_is_said_in_a_sentence_and_nothing_is_written_over() {
    let project = Project::empty("refused", "app");
    project.write("here/mine.txt", "mine");
    let mut seen = String::new();
    for name in
        ["", "9lives", "größe", "a.b", "../up", "class", "json", "linktab-finder", "build", "test", "here"]
    {
        seen.push_str(&format!("=== new {name}\n{}", project.said(&mut project.linktab(&["new", name]))));
    }
    let mut told = |title: &str, arguments: &[&str]| {
        let said = transcript(&mut project.linktab(arguments), "");
        seen.push_str(&format!("=== {title}\n{}", project.named(&said)));
    };
    told("no checkout", &["new", "demo", "--source", "here"]);
    told("no workspace", &["init", "demo"]);
    project.write("Cargo.toml", "[package]\nname = \"one\"\n");
    told("a package alone", &["init", "demo"]);
    project.write("Cargo.toml", "[workspace]\nmembers = 3\n");
    told("no list", &["init", "demo"]);
    project.write("Cargo.toml", "[workspace]\n");
    project.write("demo/src/main.rs", "mine");
    told("a file", &["init", "demo"]);
    project.write(".github", "no folder");
    fs::remove_dir_all(project.folder.join("demo")).expect("it was written");
    told("no folder", &["init", "demo"]);
    assert!(!project.folder.join("demo").exists());
    project.write("demo/src/main.rs", "mine");
    project.write("member/Cargo.toml", "[package]\nname = \"member\"\n");
    let below = project.below("member");
    let said = transcript(&mut below.linktab(&["init", "demo"]), "");
    seen.push_str(&format!("=== below\n{}", project.named(&said)));
    insta::assert_snapshot!("refused", seen);
    let left: Vec<bool> = ["demo/Cargo.toml", ".github/workflows"]
        .iter()
        .map(|path| project.folder.join(path).exists())
        .collect();
    assert_eq!(left, [false, false]);
    assert_eq!(
        (project.read("demo/src/main.rs"), project.read("Cargo.toml")),
        ("mine".into(), "[workspace]\n".into())
    );
}
