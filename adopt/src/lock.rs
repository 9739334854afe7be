//! What went into an application the last time: a file beside its `pyproject.toml`, for the next time to be the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::outcome::Outcome;
use crate::toml_file;
use crate::wheel::canonical;

/// The file's name.
const FILE: &str = "linktab-build.lock";

/// Releases never change: their versions say what they are.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The version of the CPython inside.
    python: String,
    /// Cargo's lock file of the executable.
    pub cargo: String,
    /// Distributions and their versions, without the application's own.
    packages: BTreeMap<String, String>,
}

impl Lock {
    /// What was built now; `own` is the application's distribution.
    pub fn of(outcome: &Outcome, own: &str, cargo: String) -> Lock {
        Lock { python: outcome.python.clone(), packages: releases(outcome, own), cargo }
    }

    /// The file of a folder, for a CPython.
    ///
    /// # Errors
    /// There is none, or it is for another one.
    pub fn read(folder: &Path, python: &str) -> Result<Lock, Error> {
        let path = folder.join(FILE);
        if !path.is_file() {
            return Err(Error::new(format!(
                "--locked: expected {}, found none: build once without `--locked`, which writes it",
                path.display()
            )));
        }
        let lock: Lock = toml_file::read(&path)?;
        if lock.python != python {
            return Err(Error::new(format!(
                "--locked: {} is for CPython {}, and this is {python}: give the other with `--python`",
                path.display(),
                lock.python
            )));
        }
        Ok(lock)
    }

    /// Writes the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(FILE);
        let text = toml::to_string(self).map_err(|error| Error::at(&path, "write", error))?;
        fs::write(&path, text).map_err(|error| Error::at(&path, "write", error))
    }

    /// The same as a file of constraints, as pip reads it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn constraints(&self, folder: &Path) -> Result<PathBuf, Error> {
        let path = folder.join("constraints.txt");
        let text: String =
            self.packages.iter().map(|(name, version)| format!("{name}=={version}\n")).collect();
        fs::write(&path, text).map_err(|error| Error::at(&path, "write", error))?;
        Ok(path)
    }

    /// Whether exactly these releases were taken.
    ///
    /// # Errors
    /// Names the first that differs.
    pub fn compare(&self, outcome: &Outcome, own: &str) -> Result<(), Error> {
        let found = releases(outcome, own);
        let names = found.keys().chain(self.packages.keys());
        let mut differing = names.filter(|name| found.get(*name) != self.packages.get(*name));
        let Some(name) = differing.next() else { return Ok(()) };
        let said = |version: Option<&String>| {
            version.map_or("none".to_owned(), |version| format!("version {version}"))
        };
        Err(Error::new(format!(
            "--locked: {name}: expected {} as in {FILE}, found {}: build once without `--locked`",
            said(self.packages.get(name)),
            said(found.get(name))
        )))
    }
}

fn releases(outcome: &Outcome, own: &str) -> BTreeMap<String, String> {
    let packages = outcome.packages.iter().filter(|package| canonical(&package.name) != canonical(own));
    packages.map(|package| (canonical(&package.name), package.version.clone())).collect()
}
