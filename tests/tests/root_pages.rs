//! Pages of `docs/`, word for word, in a root that has nothing but Rust, a C compiler, the command and what the page says
//! to install: crates as they are uploaded, and no file of this repository.

use linktab_tests::session::Session;

fn follow(name: &str, pages: &[&str]) {
    let Some(session) = Session::in_root(name) else { return };
    for page in pages {
        session.run(&format!("docs/{page}.md"));
    }
}

#[test]
fn from_nothing_to_a_checked_executable_and_to_one_file() {
    follow("start", &["start", "one-file", "report", "configuration"]);
}
