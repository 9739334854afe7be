//! A wish in, a CPython that can be linked into an executable out: [`find()`].
//!
//! In this order: what `--python` says; what is on `PATH` and in the system; the distribution's
//! packages, unpacked below `target/`; a shared libpython, told in a sentence; else what to install.

mod advice;
mod candidates;
mod config_file;
mod distribution;
mod find;
mod interpreter;
mod link;
mod probe;

pub use find::find;
pub use interpreter::Interpreter;
pub use link::{Kind, Link};

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// What `--python` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// No wish: the first that works.
    Any,
    /// `--python download`: the distribution's packages, even where an installed one works.
    Download,
    /// `--python PATH`: this one and no other.
    Path(PathBuf),
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
    /// Where a program that was linked so finds the standard library, unless it does by itself.
    pub home: Option<PathBuf>,
}

impl Python {
    /// The variables that build scripts, tests and linked programs read.
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let mut variables = vec![
            ("PYO3_CONFIG_FILE", self.config_file.clone().into_os_string()),
            ("LINKTAB_PYTHON", self.interpreter.executable.clone().into_os_string()),
            ("LINKTAB_PYTHON_INCLUDE", env::join_paths(&self.include).unwrap_or_default()),
        ];
        if let Some(home) = &self.home {
            variables.push(("LINKTAB_PYTHON_HOME", home.clone().into_os_string()));
        }
        if let Some(flag) = self.rust_flag() {
            let before = env::var("RUSTFLAGS").unwrap_or_default();
            variables.push(("RUSTFLAGS", format!("{before} {flag}").trim_start().into()));
        }
        variables
    }

    /// What every program that is linked with this library needs. A library's build script cannot ask
    /// for it: cargo hands link arguments only to the package that prints them.
    fn rust_flag(&self) -> Option<String> {
        match self.link.kind {
            Kind::StaticPic => None,
            // Where a shared object is linked, gcc and clang leave the word out.
            Kind::Static => Some("-Clink-arg=-no-pie".into()),
            Kind::Shared => Some(format!("-Clink-arg=-Wl,-rpath,{}", self.link.lib_dir.display())),
        }
    }

    /// One line for people.
    pub fn summary(&self) -> String {
        let Interpreter { version, executable, free_threaded, .. } = &self.interpreter;
        let build = if *free_threaded { " free-threaded" } else { "" };
        format!("CPython {version}{build} ({}), {}", self.link.kind.name(), executable.display())
    }
}
