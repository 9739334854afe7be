//! The README's files are those of the repository, and its outputs are what the programs print.

use std::fs;
use std::path::Path;
use std::process::Command;

use linktab_tests::verify::target;
use linktab_tests::{CargoBuild, Linker, linkers, run};

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace")
}

/// The fenced blocks below a line `<!-- KIND: KEY -->`, as (key, text).
fn blocks(kind: &str) -> Vec<(String, String)> {
    let readme = fs::read_to_string(workspace().join("README.md")).expect("it is there");
    let opening = format!("<!-- {kind}: ");
    let marked = readme.split(&opening).skip(1);
    marked
        .map(|rest| {
            let (key, rest) = rest.split_once(" -->\n```").expect("a fenced block follows");
            let (_language, rest) = rest.split_once('\n').expect("the fence ends its line");
            let (text, _) = rest.split_once("\n```").expect("the block is closed");
            (key.to_owned(), format!("{text}\n"))
        })
        .collect()
}

#[test]
fn files_in_the_readme_are_those_of_the_repository() {
    let shown = blocks("file");
    assert_eq!(shown.len(), 3);
    for (path, text) in shown {
        assert_eq!(fs::read_to_string(workspace().join(&path)).expect("it is there"), text, "{path}");
    }
}

#[test]
fn outputs_in_the_readme_are_those_of_the_programs() {
    for (program, text) in blocks("output") {
        let printed = match program.as_str() {
            "hello" => session(&text),
            "twice" => match linkers().into_iter().find(|linker| linker.name == "mold") {
                Some(mold) => twice(mold),
                None => continue, // and `linkers` printed that it is skipped
            },
            other => panic!("no program called {other}"),
        };
        assert_eq!(printed, text);
    }
}

/// Runs the command of the first line, which begins with `$ target/release/hello`.
fn session(text: &str) -> String {
    let command = text.lines().next().expect("a command line");
    let target = target();
    let mut build = Command::new("cargo");
    build.current_dir(workspace()).args(["build", "--quiet", "--release", "--package", "hello"]);
    run(&mut build);
    let line = command.strip_prefix("$ target").expect("the prompt").to_owned();
    let output = run(Command::new("sh").arg("-c").arg(format!("{}{line}", target.display())));
    format!("{command}\n{output}")
}

/// What a program with a duplicate prints, where the linker lets it pass.
fn twice(linker: Linker) -> String {
    let cell = CargoBuild {
        fixture: "matrix",
        package: "matrix-twice",
        profile: "dev",
        linker,
        position_independent: true,
    };
    let program = cell.build().unwrap_or_else(|said| panic!("{said}"));
    run(&mut Command::new(program))
}
