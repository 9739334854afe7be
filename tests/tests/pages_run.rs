//! Pages of `docs/`, word for word: their commands are run in an empty folder, and print what is shown.

use linktab_tests::session::Session;

#[test]
fn from_nothing_to_a_checked_executable_and_to_one_file() {
    let session = Session::new("start");
    session.run("docs/start.md");
    session.run("docs/one-file.md");
}

#[test]
fn an_application_in_rust() {
    Session::new("rust").run("docs/rust.md");
}
