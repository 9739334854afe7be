//! Every page of `docs/` that has commands, word for word, in a root that has nothing but Rust, a C compiler, the command and
//! what the page says to install: crates as they are uploaded, and no file of this repository.

use std::collections::BTreeSet;
use std::fs;

use linktab_tests::adopting::QUICKLY;
use linktab_tests::projects::workspace;
use linktab_tests::session::Session;

/// Pages that one reads after another, in the same folder. Each row begins with nothing installed.
const PAGES: [&[&str]; 6] = [
    &["start", "one-file", "report", "configuration", "hpc", "ci"],
    &["rust"],
    &["wheels"],
    &["c-extensions"],
    &["pypi", "build"],
    &["c-hosts", "moving"],
];

/// Of these the builds of other people are what takes time.
const OF_OTHERS: [&str; 3] = ["pypi", "build", "c-hosts"];

#[test]
fn every_page_with_commands_is_followed() {
    let folder = fs::read_dir(workspace().join("docs")).expect("the pages are there");
    let texts = folder.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?.strip_suffix(".md")?.to_owned();
        Some((name, fs::read_to_string(entry.path()).expect("it can be read")))
    });
    let with_commands: BTreeSet<String> =
        texts.filter(|(_, text)| text.contains("\n<!-- run -->\n")).map(|(name, _)| name).collect();
    let followed: BTreeSet<String> = PAGES.concat().into_iter().map(str::to_owned).collect();
    assert_eq!(with_commands, followed);
}

#[test]
fn pages_print_what_they_show_and_ci_does_what_they_have_it_type() {
    let Some(mut session) = Session::new("pages") else { return };
    let mut faults = Vec::new();
    for pages in PAGES {
        session.begin(pages[0]);
        for page in pages {
            let variables = if OF_OTHERS.contains(page) { &QUICKLY[..] } else { &[] };
            faults.extend(session.run(&format!("docs/{page}.md"), variables));
        }
        if pages.contains(&"ci") && faults.is_empty() {
            type_jobs(&session);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn type_jobs(session: &Session) {
    let (installs, others): (Vec<String>, _) =
        jobs().into_iter().partition(|line| line.starts_with("apt-get "));
    assert!(installs.len() == 1 && others.len() == 9, "{installs:?} {others:?}");
    // GitHub's machines have pipx.
    session.type_in(&[installs, others].concat(), &[session.release()]);
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
