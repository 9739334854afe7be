//! The README's files are those of the repository, and its outputs are what the programs print.

use std::path::Path;
use std::process::Command;

use linktab_tests::document::{blocks, files_shown};
use linktab_tests::verify::target;
use linktab_tests::{CargoBuild, run};

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace")
}

#[test]
fn files_in_the_readme_are_those_of_the_repository() {
    assert_eq!(files_shown("README.md"), 3);
    assert_eq!(files_shown("docs/c-extensions.md"), 1);
}

#[test]
fn outputs_in_the_readme_are_those_of_the_programs() {
    for (program, text) in blocks("README.md", "output") {
        let printed = match program.as_str() {
            "hello" => session(&text),
            "twice" => match twice() {
                Some(printed) => printed,
                None => continue, // and that it is skipped was printed
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

/// What a program with a duplicate prints, where mold, which lets it pass, is installed.
fn twice() -> Option<String> {
    let build =
        CargoBuild { fixture: "matrix", package: "matrix-twice", profile: "dev", position_independent: true };
    let (_, linked) = build.with_each_linker().into_iter().find(|(linker, _)| linker.name == "mold")?;
    Some(run(&mut Command::new(linked.unwrap_or_else(|said| panic!("{said}")))))
}
