//! Pages of `docs/`, word for word: their commands are run in an empty folder, and print what is shown.

use linktab_tests::session::Session;

#[test]
fn from_nothing_to_a_checked_executable() {
    Session::new("start").run("docs/start.md");
}

#[test]
fn an_application_in_rust() {
    Session::new("rust").run("docs/rust.md");
}
