//! Nothing in, every CPython that the tests can run on, with each way to link it, out.
//!
//! Those of this machine come first; a minor version that it lacks is taken from a suite of Debian.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use crate::candidates;
use crate::driver::{self, Words};
use crate::error::{Context, Result};
use crate::files::names_in;
use crate::interpreter::Interpreter;
use crate::link::{self, Kind, Link};
use crate::python::Python;
use crate::releases::{Build, RELEASES, Release, is_usual};
use crate::root::Root;
use crate::search::{Folders, Search};

/// What was found.
#[derive(Debug, Default)]
pub struct Every {
    /// Each library of each CPython, oldest first, static before shared.
    pub pythons: Vec<Python>,
    /// What cannot be had, and why.
    pub missing: Vec<String>,
    /// What was not asked for.
    pub left_out: Vec<Build>,
}

/// Which of them.
#[derive(Debug, PartialEq, Eq)]
pub enum Choice {
    /// One of each usual minor version, and of each free-threaded one that this machine has.
    Usual,
    /// Every interpreter of this machine and every suite.
    All,
    /// One of each of these.
    Builds(Vec<Build>),
}

impl Choice {
    /// One of each of these minor versions, as they are built by default.
    pub fn minors(minors: impl IntoIterator<Item = u32>) -> Self {
        Self::Builds(minors.into_iter().map(|minor| Build { minor, free_threaded: false }).collect())
    }

    /// Reads `all`, `usual`, or versions such as `3.9,3.14t`.
    ///
    /// # Errors
    /// It is none of them.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "all" => return Ok(Self::All),
            "usual" => return Ok(Self::Usual),
            _ => {}
        }
        let build = |word: &str| -> Result<Build> {
            Build::parse(word.trim()).with_context(|| {
                format!("`{word}` is no version: expected all, usual, or versions such as 3.9,3.14t")
            })
        };
        text.split(',').map(build).collect::<Result<_>>().map(Self::Builds)
    }

    fn has(&self, build: Build, installed: bool) -> bool {
        match self {
            Self::All => true,
            Self::Usual if build.free_threaded => installed,
            Self::Usual => is_usual(build.minor),
            Self::Builds(builds) => builds.contains(&build),
        }
    }
}

/// Finds and provisions.
///
/// # Errors
/// A file below `target` cannot be written.
pub fn every(choice: &Choice, target: &Path, verbose: bool, notes: &mut dyn Write) -> Result<Every> {
    let all = *choice == Choice::All;
    let cpython = target.join("cpython");
    let mut search = Search::new(Folders { work: &cpython, downloads: target }, notes, verbose);
    let mut every = Every::default();
    let mut roots: BTreeMap<(&str, bool), Result<Root, String>> = BTreeMap::new();
    let installed = search.distinct(&candidates::all());
    for build in Build::all() {
        let Build { minor, free_threaded } = build;
        let is_build = |interpreter: &&Interpreter| {
            interpreter.version.minor == minor && interpreter.free_threaded == free_threaded
        };
        if !choice.has(build, installed.iter().any(|interpreter| is_build(&interpreter))) {
            every.left_out.push(build);
            continue;
        }
        let mut found = false;
        for interpreter in installed.iter().filter(is_build) {
            found |= every.add(&mut search, interpreter, None, &cpython)?;
            if found && !all {
                break;
            }
        }
        let offered = |release: &&Release| release.minor == minor && !free_threaded;
        for release in RELEASES.iter().filter(offered) {
            // A debug build is one more, where the machine has none.
            let lacking = if release.debug { !has_debug(&every.pythons, minor) } else { !found };
            if !(all || lacking && release.usual) {
                continue;
            }
            let root = roots.entry((release.suite, release.debug)).or_insert_with(|| {
                Root::provide(target, release.suite, release.debug).map_err(|error| format!("{error:#}"))
            });
            match root {
                Ok(root) => {
                    if let Some(interpreter) = search.ask(&root.python(release)) {
                        found |= every.add(&mut search, &interpreter, Some(root), &cpython)?;
                    }
                }
                Err(error) if release.debug => {
                    every
                        .missing
                        .push(format!("a debug build of CPython 3.{minor} is not installed: {error}"));
                }
                Err(error) => {
                    search.say(&format!("note: no CPython from Debian's suite {}: {error}", release.suite));
                }
            }
        }
        if !found {
            let in_debian = RELEASES.iter().any(|release| offered(&release));
            let why = if in_debian { "cannot be fetched" } else { "no suite of Debian has it" };
            every.missing.push(format!("CPython {build} is not installed, and {why}"));
        }
    }
    if verbose {
        let report = search.report();
        search.say(&report);
    }
    Ok(every)
}

impl Every {
    /// Whether a library of `interpreter` links.
    fn add(
        &mut self,
        search: &mut Search<'_>,
        interpreter: &Interpreter,
        root: Option<&Root>,
        cpython: &Path,
    ) -> Result<bool> {
        let all_before = self.pythons.len();
        let (shared, archives): (Vec<Link>, Vec<Link>) =
            link::all(interpreter, names_in).into_iter().partition(|link| link.kind == Kind::Shared);
        for (kind, links) in [("static", archives), ("shared", shared)] {
            let before = self.pythons.len();
            for mut link in links {
                if let Some(root) = root {
                    root.complete(&mut link)?;
                }
                let Some(found) = search.try_link(interpreter, link) else { continue };
                let driver = cpython.join("driver");
                let mut python = found.write(&cpython.join("config"), &driver)?;
                if python.linking.is_none() {
                    // The same driver for all: its path is part of what cargo remembers.
                    python.linking = Some(driver::install(&driver, "none", &Words::default())?);
                }
                self.pythons.push(python);
                break;
            }
            if self.pythons.len() == before {
                let what = format!("a {kind} library of {} that links", interpreter.executable.display());
                match root {
                    Some(_) => self.missing.push(format!("{what} is not installed")),
                    // Few interpreters of a machine have both.
                    None => search.say(&format!("note: there is no {what}")),
                }
            }
        }
        Ok(self.pythons.len() > all_before)
    }
}

fn has_debug(pythons: &[Python], minor: u32) -> bool {
    pythons.iter().any(|python| python.interpreter.debug && python.interpreter.version.minor == minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_all_or_the_usual_or_versions() {
        assert_eq!(Choice::parse("all").unwrap(), Choice::All);
        assert_eq!(Choice::parse("usual").unwrap(), Choice::Usual);
        let build = |minor, free_threaded| Build { minor, free_threaded };
        assert_eq!(
            Choice::parse("3.9, 3.15t").unwrap(),
            Choice::Builds(vec![build(9, false), build(15, true)])
        );
        assert!(
            Choice::parse("3").is_err() && Choice::parse("2.7").is_err() && Choice::parse("3.t").is_err()
        );
        let usual =
            |minor, free_threaded, installed| Choice::Usual.has(build(minor, free_threaded), installed);
        assert!(usual(15, false, false) && !usual(10, false, true));
        assert!(usual(14, true, true) && !usual(14, true, false));
        let minors = Choice::minors([14]);
        assert!(minors.has(build(14, false), false) && !minors.has(build(14, true), true));
    }

    #[test]
    fn free_threaded_builds_come_behind_their_default_builds() {
        let builds: Vec<String> = Build::all().map(|build| build.to_string()).collect();
        assert_eq!(
            builds,
            ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.14t", "3.15", "3.15t"],
            "pyo3-ffi's"
        );
    }
}
