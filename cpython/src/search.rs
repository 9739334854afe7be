//! One search: candidates are asked, linked and started, and everything that was tried is remembered for
//! the error.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::driver::{self, Words};
use crate::files::{self, names_in};
use crate::interpreter::Interpreter;
use crate::link::{self, Kind, Link};
use crate::{Python, config_file, distribution, probe};

/// A way to link that works.
pub type Found = ((Interpreter, Link), probe::Proven);

/// What was tried, and where files go.
pub struct Search {
    target: PathBuf,
    tried: Vec<String>,
    verbose: bool,
}

impl Search {
    /// Nothing tried yet.
    pub fn new(target: &Path, verbose: bool) -> Self {
        Self { target: target.to_owned(), tried: Vec::new(), verbose }
    }

    /// Where the linker driver is.
    pub fn driver(&self) -> PathBuf {
        self.target.join("cpython/driver")
    }

    pub fn installed(&mut self, candidates: &[PathBuf]) -> Option<Found> {
        self.first_static(candidates).or_else(|| self.first_shared(candidates))
    }

    /// Position-independent archives of all candidates come before any other archive.
    pub fn first_static(&mut self, candidates: &[PathBuf]) -> Option<Found> {
        let mut known: Vec<Interpreter> = Vec::new();
        for candidate in candidates {
            let Some(interpreter) = self.ask(candidate) else { continue };
            if let Some(found) = self.try_static(&interpreter, Kind::StaticPic, None) {
                return Some(found);
            }
            known.push(interpreter);
        }
        known.iter().find_map(|interpreter| self.try_static(interpreter, Kind::Static, None))
    }

    pub fn first_shared(&mut self, candidates: &[PathBuf]) -> Option<Found> {
        candidates.iter().find_map(|candidate| {
            let interpreter = self.ask(candidate)?;
            let link = link::shared_link(&interpreter, names_in)?;
            self.try_link(&interpreter, link)
        })
    }

    pub fn download(&mut self) -> Option<Found> {
        let unpacked = match distribution::provide(&self.target) {
            Ok(unpacked) => unpacked,
            Err(error) => {
                self.note(format!("the distribution's packages: {error:#}"));
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

    /// What an executable says of itself; a refusal is noted.
    pub fn ask(&mut self, executable: &Path) -> Option<Interpreter> {
        match Interpreter::ask(executable) {
            Ok(interpreter) => Some(interpreter),
            Err(error) => {
                self.note(format!("{}: {error:#}", executable.display()));
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
            let name = format!("libpython{}.a", interpreter.ld_version);
            self.note(format!("{}: it has no {name}", interpreter.executable.display()));
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
        let subject = format!(
            "{}: lib{} in {} ({})",
            interpreter.executable.display(),
            link.lib_name,
            link.lib_dir.display(),
            link.kind.name()
        );
        match probe::prove(interpreter, &link, &self.target.join("cpython/probe").join(key(&link))) {
            Ok(proven) => {
                self.note(format!("{subject}: links and starts"));
                Some(((interpreter.clone(), link), proven))
            }
            Err(error) => {
                self.note(format!("{subject}: {error:#}"));
                None
            }
        }
    }

    fn note(&mut self, line: String) {
        if self.verbose {
            eprintln!("  tried {line}");
        }
        if !self.tried.contains(&line) {
            self.tried.push(line);
        }
    }

    /// Everything that was tried.
    pub fn report(&self) -> String {
        let lines: Vec<String> = self.tried.iter().map(|line| format!("  {line}")).collect();
        if lines.is_empty() { "  nothing: no python3 on PATH".into() } else { lines.join("\n") }
    }

    /// Writes what builds read.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn finish(&self, (interpreter, link): (Interpreter, Link), proven: probe::Proven) -> Result<Python> {
        let dir = self.target.join("cpython/config");
        files::create_dir(&dir)?;
        let config_file = dir.join(format!("cpython-{}-{}.txt", interpreter.version, key(&link)));
        let text = config_file::text(&interpreter, &link);
        // An untouched file keeps pyo3-ffi from being built again.
        if fs::read_to_string(&config_file).ok().as_deref() != Some(&text) {
            fs::write(&config_file, text)
                .with_context(|| format!("cannot write {}", config_file.display()))?;
        }
        let include = include(&interpreter);
        let linking = if link.words == Words::default() {
            Vec::new()
        } else {
            driver::install(&self.driver(), &key(&link), &link.words)?
        };
        Ok(Python { interpreter, link, config_file, include, linking, home: proven.home })
    }
}

/// Debian's `pyconfig.h` includes `<x86_64-linux-gnu/python3.11/pyconfig.h>`, which only the
/// system's own is sure to find.
fn include(interpreter: &Interpreter) -> Vec<PathBuf> {
    let mut include = vec![interpreter.include.clone()];
    let parent = interpreter.base_prefix.join("include");
    let split = interpreter.multiarch.as_ref().is_some_and(|multiarch| parent.join(multiarch).is_dir());
    if split && parent != Path::new("/usr/include") {
        include.push(parent);
    }
    include
}

/// Names the files that belong to one library.
fn key(link: &Link) -> String {
    let mut hasher = DefaultHasher::new();
    (&link.lib_dir, &link.lib_name, link.kind.name()).hash(&mut hasher);
    format!("{:08x}", hasher.finish() as u32)
}
