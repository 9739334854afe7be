//! One search: candidates are asked, linked and started, and everything that was tried is remembered for
//! the error.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::distribution;
use crate::error::Error;
use crate::files::names_in;
use crate::interpreter::Interpreter;
use crate::link::{self, Kind, Link};
use crate::probe::{self, Proven};
use crate::python::{Found, key};
use crate::releases::{Build, RELEASES, Release};
use crate::root::Root;

/// What is made and downloaded on the way.
#[derive(Debug, Clone, Copy)]
pub struct Folders<'a> {
    /// Programs that prove a link.
    pub work: &'a Path,
    /// Packages, unpacked.
    pub downloads: &'a Path,
}

/// What was tried, and where files go.
pub struct Search<'a> {
    folders: Folders<'a>,
    version: Option<Build>,
    answers: HashMap<PathBuf, Option<Interpreter>>,
    tried: Vec<Tried>,
    notes: &'a mut dyn Write,
    verbose: bool,
}

/// Something that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// An interpreter, or a library of it.
    pub what: String,
    /// Why it is not taken.
    pub fault: Option<String>,
}

impl<'a> Search<'a> {
    /// Nothing tried yet.
    pub fn new(folders: Folders<'a>, notes: &'a mut dyn Write, verbose: bool) -> Self {
        Self { folders, version: None, answers: HashMap::new(), tried: Vec::new(), notes, verbose }
    }

    /// Takes no other version than this.
    #[must_use]
    pub fn of_version(self, version: Option<Build>) -> Self {
        Self { version, ..self }
    }

    /// Says something to people.
    pub fn say(&mut self, line: &str) {
        // Who cannot be told misses a note, and no CPython.
        let _ = writeln!(self.notes, "{line}");
    }

    /// The first of the candidates with an archive that links: position-independent archives of all candidates come
    /// before any other archive.
    pub fn first_static(&mut self, candidates: &[PathBuf]) -> Option<Found> {
        let mut known: Vec<Interpreter> = Vec::new();
        for candidate in candidates {
            let Some(interpreter) = self.ask(candidate) else { continue };
            if known.iter().any(|other| other.is_same(&interpreter)) {
                continue;
            }
            if let Some(found) = self.try_static(&interpreter, Kind::StaticPic, None) {
                return Some(found);
            }
            known.push(interpreter);
        }
        known.iter().find_map(|interpreter| self.try_static(interpreter, Kind::Static, None))
    }

    /// The first of the candidates with a shared library that links.
    pub fn first_shared(&mut self, candidates: &[PathBuf]) -> Option<Found> {
        self.distinct(candidates).into_iter().find_map(|interpreter| self.try_shared(&interpreter))
    }

    /// Each interpreter once, in the order in which they were found.
    pub fn distinct(&mut self, candidates: &[PathBuf]) -> Vec<Interpreter> {
        let mut known: Vec<Interpreter> = Vec::new();
        for candidate in candidates {
            let Some(interpreter) = self.ask(candidate) else { continue };
            if !known.iter().any(|other| other.is_same(&interpreter)) {
                known.push(interpreter);
            }
        }
        known
    }

    /// Links every library of an interpreter; what came of it is in [`Search::tried`].
    pub fn try_all(&mut self, interpreter: &Interpreter, is_wanted: impl Fn(Kind) -> bool) {
        for kind in [Kind::StaticPic, Kind::Static].into_iter().filter(|kind| is_wanted(*kind)) {
            if self.try_static(interpreter, kind, None).is_some() {
                break;
            }
        }
        if is_wanted(Kind::Shared) {
            self.try_shared(interpreter);
        }
    }

    /// The archive of the distribution's packages, or of the suite that has the version.
    pub fn download(&mut self, is_wanted: impl Fn(Kind) -> bool) -> Option<Found> {
        if let Some(version) = self.version {
            return self.download_version(version, is_wanted);
        }
        if !is_wanted(Kind::StaticPic) {
            self.refuse("the distribution's packages", "only their static library is fetched");
            return None;
        }
        let unpacked = match distribution::provide(self.folders.downloads) {
            Ok(unpacked) => unpacked,
            Err(error) => {
                self.refuse("the distribution's packages", &format!("{error:#}"));
                return None;
            }
        };
        let mut interpreter = self.ask(&unpacked.executable)?;
        // The script, not what it starts: only the script finds the libraries.
        interpreter.executable = unpacked.executable;
        [Kind::StaticPic, Kind::Static]
            .into_iter()
            .find_map(|kind| self.try_static(&interpreter, kind, Some(&unpacked.lib_dir)))
    }

    fn download_version(&mut self, version: Build, is_wanted: impl Fn(Kind) -> bool) -> Option<Found> {
        let offered = |release: &&Release| release.minor == version.minor && !release.debug;
        let mut releases = RELEASES.iter().filter(offered).peekable();
        if version.free_threaded || releases.peek().is_none() {
            self.refuse(&format!("CPython {version} of Debian"), "no suite has it");
            return None;
        }
        releases.find_map(|release| {
            let root = match Root::provide(self.folders.downloads, release.suite, false) {
                Ok(root) => root,
                Err(error) => {
                    self.refuse(&format!("Debian's suite {}", release.suite), &format!("{error:#}"));
                    return None;
                }
            };
            let interpreter = self.ask(&root.python(release))?;
            let links = link::all(&interpreter, names_in).into_iter().filter(|link| is_wanted(link.kind));
            links.into_iter().find_map(|mut link| match root.complete(&mut link) {
                Ok(()) => self.try_link(&interpreter, link),
                Err(error) => {
                    self.refuse(&interpreter.executable.display().to_string(), &format!("{error:#}"));
                    None
                }
            })
        })
    }

    /// What an executable says of itself; a refusal is noted.
    pub fn ask(&mut self, executable: &Path) -> Option<Interpreter> {
        if let Some(answer) = self.answers.get(executable) {
            return answer.clone();
        }
        let answer = Interpreter::ask(executable).and_then(|interpreter| match self.version {
            Some(version) if version != interpreter.build() => {
                Err(Error::new(format!("it is CPython {}, expected {version}", interpreter.build())))
            }
            _ => Ok(interpreter),
        });
        let answer = match answer {
            Ok(interpreter) => Some(interpreter),
            Err(error) => {
                self.refuse(&executable.display().to_string(), &format!("{error:#}"));
                None
            }
        };
        self.answers.insert(executable.to_owned(), answer.clone());
        answer
    }

    fn try_shared(&mut self, interpreter: &Interpreter) -> Option<Found> {
        match link::shared_link(interpreter, names_in) {
            Some(link) => self.try_link(interpreter, link),
            None => {
                let name = format!("it has no shared libpython{}", interpreter.ld_version);
                self.refuse(&interpreter.executable.display().to_string(), &name);
                None
            }
        }
    }

    fn try_static(
        &mut self,
        interpreter: &Interpreter,
        kind: Kind,
        unpacked: Option<&Path>,
    ) -> Option<Found> {
        let links = link::static_links(interpreter, kind, names_in);
        if links.is_empty() {
            let name = format!("it has no libpython{}.a", interpreter.ld_version);
            self.refuse(&interpreter.executable.display().to_string(), &name);
        }
        links.into_iter().find_map(|mut link| {
            if let Some(dir) = unpacked {
                link.prefer_archives_in(dir, names_in);
            }
            self.try_link(interpreter, link)
        })
    }

    /// Links and starts; a failure is noted.
    pub fn try_link(&mut self, interpreter: &Interpreter, link: Link) -> Option<Found> {
        let what = format!(
            "{}: lib{} in {} ({})",
            interpreter.executable.display(),
            link.lib_name,
            link.lib_dir.display(),
            link.kind.name()
        );
        match probe::prove(interpreter, &link, &self.folders.work.join("probe").join(key(&link))) {
            Ok(Proven { home }) => {
                self.note(Tried { what, fault: None });
                Some(Found { interpreter: interpreter.clone(), link, home })
            }
            Err(error) => {
                self.refuse(&what, &format!("{error:#}"));
                None
            }
        }
    }

    fn refuse(&mut self, what: &str, fault: &str) {
        self.note(Tried { what: what.to_owned(), fault: Some(fault.to_owned()) });
    }

    fn note(&mut self, tried: Tried) {
        if self.verbose {
            self.say(&format!("  tried {tried}"));
        }
        if !self.tried.contains(&tried) {
            self.tried.push(tried);
        }
    }

    /// Everything that was tried.
    pub fn tried(self) -> Vec<Tried> {
        self.tried
    }

    /// The same in lines.
    pub fn report(&self) -> String {
        let lines: Vec<String> = self.tried.iter().map(|tried| format!("  {tried}")).collect();
        if lines.is_empty() { "  nothing: no python3 on PATH".into() } else { lines.join("\n") }
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = self.fault.as_deref().unwrap_or("links and starts");
        write!(f, "{}: {fault}", self.what)
    }
}
