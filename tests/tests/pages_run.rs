//! Pages of `docs/`, word for word: their commands are run in an empty folder, and print what is shown.

use linktab_tests::adopting::hurry;
use linktab_tests::session::Session;

#[test]
fn from_nothing_to_a_checked_executable_and_to_one_file() {
    let session = Session::new("start");
    for page in ["start", "one-file", "report", "configuration", "hpc", "ci"] {
        session.run(&format!("docs/{page}.md"));
    }
}

#[test]
fn an_application_in_rust() {
    Session::new("rust").run("docs/rust.md");
}

#[test]
fn extensions_in_other_languages() {
    Session::new("c-extensions").run("docs/c-extensions.md");
}

#[test]
fn a_wheel_and_an_application_from_the_same_source() {
    Session::new("wheels").run("docs/wheels.md");
}

#[test]
fn packages_that_nobody_wrote_for_linktab_and_a_project_of_them_in_one_file() {
    Session::new("pypi").run_with("docs/pypi.md", &hurry());
    Session::new("build").run_with("docs/build.md", &hurry());
}
