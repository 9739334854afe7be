//! `linktab-build` in projects that never heard of this workspace: extensions that are not in Rust, compiled by a build
//! script of a line each, imported and told apart.

use std::fs;
use std::process::Command;

use linktab_tests::alone::alone;
use linktab_tests::projects::Project;
use linktab_tests::{run, stock_python};

/// A project that `linktab python` told of the CPython of this run.
fn told(name: &str, fixture: &str) -> Project {
    let project = Project::of_fixture(name, fixture);
    let python = stock_python().to_str().expect("it is UTF-8").to_owned();
    run(&mut project.linktab(&["python", "--offline", "--python", &python]));
    project
}

/// The build's last words, without those of cargo on where and how.
fn refused(project: &Project, name: &str) -> String {
    let said = project.said(&mut project.tooled(&["build", "--quiet"]));
    let told = |line: &&str| line.starts_with("error: ") || line.starts_with("exit code");
    let told: Vec<&str> = said.lines().filter(told).collect();
    format!("=== {name}\n{}\n", told.join("\n"))
}

#[test]
fn extensions_in_c_cpp_cython_and_binding_generators_are_imported_with_their_provenance() {
    let _alone = alone("project-mixed");
    let project = told("mixed", "mixed");
    let code = "
import importlib, linktab
for record in linktab.modules():
    if record.name == 'linktab':
        continue
    place = record.origin
    answer = importlib.import_module(record.name).answer()
    print(record.name, record.phase, place.package, place.version, place.file, answer)
import math, _json
";
    let built = run(&mut project.tooled(&["run", "--quiet", "--", "-c", code]));
    insta::assert_snapshot!("mixed", built);

    // A header is part of it, and where nothing changed nothing is done.
    project.write("src/native.h", "#define ANSWER 22\n");
    let again = run(&mut project.tooled(&[
        "run",
        "--quiet",
        "--",
        "-c",
        "import acme.fast._native as n; print(n.answer())",
    ]));
    assert_eq!(again, "(44, 'as told')\n");
    let fresh = project.said(&mut project.tooled(&["build", "-v"]));
    assert!(fresh.contains("Fresh mixed v1.2.3"), "{fresh}");

    let checked = run(&mut project.linktab(&[
        "check",
        "--quiet",
        &project.target("debug/mixed").display().to_string(),
    ]));
    assert_eq!(checked, "");
}

#[test]
fn a_program_without_pyo3_links_the_library_that_was_found() {
    let _alone = alone("project-calls");
    let project = told("calls", "calls");
    let version =
        run(Command::new(stock_python()).args(["-c", "import platform; print(platform.python_version())"]));
    let home = run(Command::new(stock_python()).args(["-c", "import sys; print(sys.base_prefix, end='')"]));
    // An example, too, finds what the standard library has as shared extensions.
    project.write("examples/again.rs", &project.read("src/main.rs"));
    for which in [&["--bin", "calls"], &["--example", "again"]] {
        let mut program = project.tooled(&["run", "--quiet"]);
        program.args(which).args(["--", "-c", "import math, _json; print(math.pi > 3)"]);
        assert_eq!(run(program.env("PYTHONHOME", &home)), format!("{version}True\n"));
    }
}

#[test]
fn what_a_build_cannot_go_on_without_is_said_in_a_sentence() {
    let _alone = alone("project-calls");
    let project = Project::of_fixture("refused", "calls");
    let mut seen = refused(&project, "no CPython was chosen");
    project.write(".cargo/config.toml", "[env]\nPYO3_CONFIG_FILE = \"/nowhere.txt\"\n");
    seen.push_str(&refused(&project, "the file is gone"));
    project.write("python.txt", "implementation=CPython\nversion=3.11\n");
    let config = "[env]\nPYO3_CONFIG_FILE = { value = \"python.txt\", relative = true }\n";
    project.write(".cargo/config.toml", config);
    seen.push_str(&refused(&project, "it names no library"));
    project.write(".cargo/config.toml", "[env]\nLINKTAB_PYTHON_INCLUDE = \"/nowhere\"\n");
    seen.push_str(&refused(&project, "no headers"));
    project.write(".cargo/config.toml", "[env]\nLINKTAB_PYTHON = \"/nowhere/python\"\n");
    seen.push_str(&refused(&project, "no interpreter"));

    fs::remove_dir_all(project.folder.join(".cargo")).expect("it can be removed");
    project.write("src/a.c", "#include <linktab.h>\n");
    project.write(
        "build.rs",
        "fn main() { linktab_build::c_extension(\"acme.a\").file(\"src/a.c\").compile(); }\n",
    );
    seen.push_str(&refused(&project, "no linktab"));
    project.write("build.rs", "fn main() { linktab_build::link_adopted(\"nothing\"); }\n");
    seen.push_str(&refused(&project, "nothing adopted"));
    insta::assert_snapshot!("refused", seen);
}
