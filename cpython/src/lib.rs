//! A wish in, a CPython that can be linked into an executable out: [`find()`].
//!
//! In this order: what `--python` says; what is on `PATH` and in the system; the distribution's
//! packages, unpacked below `target/`; a shared libpython, told in a sentence; else what to install.

#![forbid(unsafe_code)]

pub mod apt;
pub mod files;
pub mod needed;
pub mod process;

mod advice;
mod candidates;
mod config_file;
mod distribution;
mod driver;
mod every;
mod find;
mod interpreter;
mod link;
mod probe;
mod releases;
mod root;
mod search;

pub use every::{Choice, Every, every};
pub use find::find;
pub use interpreter::Interpreter;
pub use link::{Kind, Link};
pub use releases::{Build, SUPPORTED, is_shared_by_turns};

use std::env;
use std::path::PathBuf;

use crate::process::{Variable, variable};

/// What `--python` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// No wish: the first that works.
    Any,
    /// `--python download`: the distribution's packages, even where an installed one works.
    Download,
    /// `--python PATH`: this one and no other.
    Path(PathBuf),
    /// `--python 3.15`, `--python 3.15t`: an installed one, or that of a suite of Debian.
    Build(Build),
}

/// A CPython that was linked and started.
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
    /// What cargo needs to know to link programs with this library, beside the library itself.
    pub linking: Vec<Variable>,
    /// Where a program that was linked so finds the standard library, unless it does by itself.
    pub home: Option<PathBuf>,
}

impl Python {
    /// The variables that build scripts, tests and linked programs read.
    pub fn variables(&self) -> Vec<Variable> {
        let mut variables = vec![
            variable("PYO3_CONFIG_FILE", &self.config_file),
            variable("LINKTAB_PYTHON", &self.interpreter.executable),
            variable("LINKTAB_PYTHON_INCLUDE", env::join_paths(&self.include).unwrap_or_default()),
        ];
        variables.extend(self.home.iter().map(|home| variable("LINKTAB_PYTHON_HOME", home)));
        variables.extend(self.linking.clone());
        variables
    }

    /// One line for people.
    pub fn summary(&self) -> String {
        let Interpreter { version, executable, free_threaded, .. } = &self.interpreter;
        let build = if *free_threaded { " free-threaded" } else { "" };
        format!("CPython {version}{build} ({}), {}", self.link.kind.name(), executable.display())
    }
}
