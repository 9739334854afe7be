//! A way to link that works in, the files and variables that builds read out.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use crate::config_file;
use crate::driver::{self, Driver, Words};
use crate::error::{Context as _, Result};
use crate::files;
use crate::interpreter::Interpreter;
use crate::link::Link;
use crate::process::{Variable, variable};

/// A CPython that was linked and started.
#[derive(Debug, Clone)]
pub struct Found {
    /// The interpreter that belongs to the library.
    pub interpreter: Interpreter,
    /// How the library is linked.
    pub link: Link,
    /// Where a program that was linked so finds the standard library, unless it does by itself.
    pub home: Option<PathBuf>,
}

/// The same, with the files that builds read.
#[derive(Debug)]
pub struct Python {
    /// The interpreter that belongs to the library.
    pub interpreter: Interpreter,
    /// How the library is linked.
    pub link: Link,
    /// Goes into `PYO3_CONFIG_FILE`.
    pub config_file: PathBuf,
    /// The folders that `#include <Python.h>` needs.
    pub include: Vec<PathBuf>,
    /// What links programs with this library, where it takes more than the library itself.
    pub linking: Option<Driver>,
    /// Where a program that was linked so finds the standard library, unless it does by itself.
    pub home: Option<PathBuf>,
}

impl Found {
    /// Writes what builds read: the configuration into one folder, the linker driver into another.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(self, folder: &Path, driver: &Path) -> Result<Python> {
        let Self { interpreter, link, home } = self;
        files::create_dir(folder)?;
        let config_file = folder.join(format!("cpython-{}-{}.txt", interpreter.version, key(&link)));
        let text = config_file::text(&interpreter, &link);
        // An untouched file keeps pyo3-ffi from being built again.
        if fs::read_to_string(&config_file).ok().as_deref() != Some(&text) {
            fs::write(&config_file, text)
                .with_context(|| format!("cannot write {}", config_file.display()))?;
        }
        let include = include(&interpreter);
        let linking = if link.words == Words::default() {
            None
        } else {
            Some(driver::install(driver, &key(&link), &link.words)?)
        };
        Ok(Python { interpreter, link, config_file, include, linking, home })
    }
}

impl Python {
    /// What build scripts and compilers read, and linked programs.
    pub fn settings(&self) -> Vec<Variable> {
        let mut variables = vec![
            variable("PYO3_CONFIG_FILE", &self.config_file),
            variable("LINKTAB_PYTHON", &self.interpreter.executable),
            variable("LINKTAB_PYTHON_INCLUDE", env::join_paths(&self.include).unwrap_or_default()),
        ];
        variables.extend(self.home.iter().map(|home| variable("LINKTAB_PYTHON_HOME", home)));
        variables
    }

    /// The same, and what makes cargo link so.
    pub fn variables(&self) -> Vec<Variable> {
        let linking = self.linking.iter().flat_map(Driver::variables);
        self.settings().into_iter().chain(linking).collect()
    }

    /// One line for people.
    pub fn summary(&self) -> String {
        let Interpreter { version, executable, free_threaded, .. } = &self.interpreter;
        let build = if *free_threaded { " free-threaded" } else { "" };
        format!("CPython {version}{build} ({}), {}", self.link.kind.name(), executable.display())
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
pub fn key(link: &Link) -> String {
    let mut hasher = DefaultHasher::new();
    (&link.lib_dir, &link.lib_name, link.kind.name()).hash(&mut hasher);
    format!("{:08x}", hasher.finish() as u32)
}
