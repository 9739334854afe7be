//! Pages of `docs/`, word for word, in a root that has nothing but Rust, a C compiler, the command and what the page says
//! to install: crates as they are uploaded, and no file of this repository.

use std::fs;

use linktab_tests::projects::workspace;
use linktab_tests::session::Session;

fn follow(name: &str, pages: &[&str]) -> Option<Session> {
    let session = Session::in_root(name)?;
    for page in pages {
        session.run(&format!("docs/{page}.md"));
    }
    Some(session)
}

/// What `docs/ci.md` has GitHub and GitLab type.
fn jobs() -> Vec<String> {
    let page = fs::read_to_string(workspace().join("docs/ci.md")).expect("the page is there");
    let (github, rest) = page.split_once("## GitLab").expect("a section on GitLab");
    let (gitlab, _) = rest.split_once("  artifacts:").expect("it keeps a file");
    let lines = github.lines().filter_map(|line| line.strip_prefix("- run: "));
    let lines = lines.chain(gitlab.lines().filter_map(|line| line.strip_prefix("    - ")));
    lines.map(str::to_owned).collect()
}

#[test]
fn from_nothing_to_a_checked_executable_and_to_one_file_and_what_ci_types() {
    let pages = ["start", "one-file", "report", "configuration"];
    let Some(session) = follow("start", &pages) else { return };
    let jobs = jobs();
    let (installs, others): (Vec<String>, _) =
        jobs.into_iter().partition(|line| line.starts_with("apt-get "));
    assert!(installs.len() == 1 && others.len() == 9, "{installs:?} {others:?}");
    // GitHub's machines have pipx.
    session.type_in(&[installs, others].concat(), &[session.release()]);
}
