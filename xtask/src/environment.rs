//! Python and its tools, found once and handed to every command that builds or runs something.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;

use crate::cli::Options;
use crate::python::{self, Python, Wish};
use crate::tools;
use crate::workspace;

/// What has to be there before something starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// Rust alone.
    Nothing,
    /// A CPython that links.
    Python,
    /// That, and pybind11, nanobind, Cython and maturin.
    Tools,
}

/// What was found so far.
#[derive(Debug)]
pub struct Environment {
    wish: Wish,
    verbose: bool,
    python: Option<Python>,
    tools: Option<PathBuf>,
}

impl Environment {
    /// Nothing found yet.
    pub fn new(options: &Options) -> Self {
        Self { wish: options.python.clone(), verbose: options.verbose, python: None, tools: None }
    }

    /// Finds what is not found yet.
    ///
    /// # Errors
    /// No CPython links, or the tools cannot be installed.
    pub fn provide(&mut self, needs: Needs) -> Result<()> {
        if needs >= Needs::Python && self.python.is_none() {
            self.python = Some(python::find(&self.wish, &workspace::target(), self.verbose)?);
        }
        if let (Needs::Tools, Some(python), None) = (needs, &self.python, &self.tools) {
            self.tools = Some(tools::provide(&python.interpreter, &workspace::target())?);
        }
        Ok(())
    }

    /// Whether people asked to see more.
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// The CPython, once it is found.
    pub fn python(&self) -> Option<&Python> {
        self.python.as_ref()
    }

    /// One line for people.
    pub fn summary(&self) -> String {
        self.python.as_ref().map_or_else(|| "no CPython yet".into(), Python::summary)
    }

    /// The variables for what was found.
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let tools = self.tools.iter().map(|path| ("LINKTAB_TOOLS_PYTHON", path.clone().into_os_string()));
        self.python.iter().flat_map(Python::variables).chain(tools).collect()
    }
}

/// `cargo xtask python`: the variables in a form that a shell takes; what people read goes to the
/// other stream.
///
/// # Errors
/// No CPython links.
pub fn show(options: &Options) -> Result<()> {
    let mut environment = Environment::new(options);
    environment.provide(Needs::Tools)?;
    eprintln!("{}", environment.summary());
    for (name, value) in environment.variables() {
        println!("export {name}='{}'", value.to_string_lossy().replace('\'', r"'\''"));
    }
    Ok(())
}
