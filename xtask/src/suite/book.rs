//! The pages of `docs/` as a book, and whether each of its links leads somewhere; a workflow of a project that
//! `linktab new` made, before a checker.
//!
//! mdBook says nothing of links, so that they are looked up in what it made. Knows nothing of what pages say:
//! `tests/tests/pages_*.rs` does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use linktab_cpython::files::{empty_dir, names_in};
use linktab_cpython::process;

use super::checkers;
use super::run::Run;
use crate::needs::Tools;
use crate::workspace;

/// What [`super::parts::PARTS`] runs before the tests.
pub fn check(run: &mut Run) -> Result<()> {
    let python = run.environment.python().context("the part needs a CPython")?;
    match Tools::Book.folder(&python.interpreter, &workspace::target()) {
        Ok(folder) => book(run, &folder.join("bin/mdbook"))?,
        Err(_) => run.skip("mdBook is not installed"),
    }
    workflow_of_a_new_project(run)
}

fn book(run: &mut Run, mdbook: &Path) -> Result<()> {
    let made = workspace::target().join("book");
    empty_dir(&made)?;
    let mut build = Command::new(mdbook);
    build.arg("build").arg(workspace::root().join("docs")).arg("--dest-dir").arg(&made);
    process::announce(&build);
    let output = build.output().with_context(|| format!("{} does not start", mdbook.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let is_sound = output.status.success() && !said.contains("ERROR") && !said.contains("WARN");
    run.judge(is_sound, &format!("mdBook makes a book of docs/ without a complaint, and not: {said}"));
    for fault in broken(&made)? {
        run.judge(false, &fault);
    }
    run.judge(made.join("start.html").is_file(), "every link in the book leads somewhere");
    Ok(())
}

/// Each link in the HTML files of a folder that leads to no file of it, or to no place in one.
fn broken(folder: &Path) -> Result<Vec<String>> {
    let mut pages = BTreeMap::new();
    read_into(folder, Path::new(""), &mut pages)?;
    let places: BTreeMap<&Path, BTreeSet<&str>> =
        pages.iter().map(|(path, text)| (&**path, attributes(text, " id=\"").collect())).collect();
    let mut faults = Vec::new();
    // The page for printing has all of the others in it.
    let single =
        pages.iter().filter(|(path, _)| !path.ends_with("print.html") && !path.ends_with("404.html"));
    for (page, text) in single {
        for link in attributes(text, " href=\"").chain(attributes(text, " src=\"")) {
            if link.contains("://") || link.starts_with("data:") {
                continue;
            }
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let path = if file.is_empty() { page.clone() } else { beside(page, file) };
            let is_there = folder.join(&path).exists();
            let has_place = place.is_empty() || places.get(&*path).is_none_or(|ids| ids.contains(place));
            if !is_there || !has_place {
                faults.push(format!("{}: `{link}` leads nowhere", page.display()));
            }
        }
    }
    Ok(faults)
}

fn read_into(folder: &Path, below: &Path, pages: &mut BTreeMap<PathBuf, String>) -> Result<()> {
    for name in names_in(&folder.join(below)) {
        let path = below.join(&name);
        if folder.join(&path).is_dir() {
            read_into(folder, &path, pages)?;
        } else if name.ends_with(".html") {
            pages.insert(path.clone(), fs::read_to_string(folder.join(path))?);
        }
    }
    Ok(())
}

fn attributes<'t>(text: &'t str, opening: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(opening).skip(1).filter_map(|rest| rest.split('"').next())
}

/// The path of a file as a page names it.
fn beside(page: &Path, file: &str) -> PathBuf {
    let mut path = page.parent().unwrap_or(Path::new("")).to_owned();
    for component in Path::new(file).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

/// What `linktab new` writes for GitHub, for extensions that need tools and for one that needs none.
fn workflow_of_a_new_project(run: &mut Run) -> Result<()> {
    let folder = workspace::target().join("new-project");
    empty_dir(&folder)?;
    let mut workflows = Vec::new();
    for (name, kinds) in [("plain", &["rust", "c"][..]), ("tooled", &["cython", "pybind11"])] {
        let mut new = run.cargo(&["run", "--quiet", "-p", "linktab-verify", "--bin", "linktab", "--"]);
        new.args(["new", name]).args(kinds.iter().flat_map(|kind| ["--extension", kind]));
        process::output(new.current_dir(&folder))?;
        workflows.push(folder.join(name).join(".github/workflows").join(format!("{name}.yml")));
    }
    match checkers::actionlint(run)? {
        Some(actionlint) => run.check(checkers::linting(&actionlint).args(&workflows)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_lead_nowhere_are_told() {
        let folder = std::env::temp_dir().join(format!("linktab-book-{}", std::process::id()));
        fs::create_dir_all(folder.join("deep")).unwrap();
        let page = "<h2 id=\"here\"><a href=\"#here\"></a><a href=\"#gone\"></a><a href=\"deep/b.html#there\"></a>\
                    <a href=\"deep/b.html#gone\"></a><img src=\"none.png\"><a href=\"https://nowhere\"></a>";
        fs::write(folder.join("a.html"), page).unwrap();
        fs::write(
            folder.join("deep/b.html"),
            "<p id=\"there\"><a href=\"../a.html\"></a><a href=\"c.html\"></a>",
        )
        .unwrap();
        let told = broken(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        insta::assert_snapshot!(told.join("\n"), @r"
        a.html: `#gone` leads nowhere
        a.html: `deep/b.html#gone` leads nowhere
        a.html: `none.png` leads nowhere
        deep/b.html: `c.html` leads nowhere
        ");
    }
}
