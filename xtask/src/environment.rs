//! Python and its tools, found once and handed to every command that builds or runs something.

use std::path::PathBuf;

use anyhow::Result;

use crate::cli::Options;
use crate::cxx;
use crate::process::{self, Variable, variable};
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
    /// That, a C++ compiler, and pybind11, nanobind, Cython and maturin.
    Tools,
}

/// What was found so far.
#[derive(Debug)]
pub struct Environment {
    wish: Wish,
    verbose: bool,
    python: Option<Python>,
    tools: Option<PathBuf>,
    cxx: Vec<Variable>,
}

impl Environment {
    /// Nothing found yet.
    pub fn new(options: &Options) -> Self {
        Self {
            wish: options.python.clone(),
            verbose: options.verbose,
            python: None,
            tools: None,
            cxx: Vec::new(),
        }
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
            self.cxx = cxx::provide(&workspace::target())?;
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
    pub fn variables(&self) -> Vec<Variable> {
        let tools = self.tools.iter().map(|path| variable("LINKTAB_TOOLS_PYTHON", path));
        self.python.iter().flat_map(Python::variables).chain(tools).chain(self.cxx.iter().cloned()).collect()
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
        println!("export {name}={}", process::quoted(&value.to_string_lossy()));
    }
    Ok(())
}
