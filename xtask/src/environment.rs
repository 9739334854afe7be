//! Python and its tools, found once and handed to every command that builds or runs something.

use std::io;
use std::path::PathBuf;

use anyhow::Result;
use linktab_cpython::process::{self, Variable, variable};
use linktab_cpython::{self as python, Folders, Python, Request};

use crate::cli::Options;
use crate::cxx;
use crate::needs::{Need, Tools};
use crate::tools;
use crate::workspace;

/// What every package of the workspace is built with.
pub const BUILD: &[Need] = &[Need::Python, Need::Cxx, Need::Tools(Tools::Build)];

/// Tells tests that they are to try every combination (`tests/src/thorough.rs`).
pub const THOROUGH: &str = "LINKTAB_THOROUGH";

/// What was found so far.
#[derive(Debug)]
pub struct Environment {
    wish: Request,
    verbose: bool,
    thorough: bool,
    python: Option<Python>,
    tools: Option<PathBuf>,
    cxx: Option<Vec<Variable>>,
}

impl Environment {
    /// Nothing found yet.
    pub fn new(options: &Options) -> Self {
        Self {
            wish: options.python.clone(),
            verbose: options.verbose,
            thorough: options.thorough,
            python: None,
            tools: None,
            cxx: None,
        }
    }

    /// Finds what is not found yet, of what does not have to be installed.
    ///
    /// # Errors
    /// No CPython links, or the tools cannot be installed.
    pub fn provide(&mut self, needs: &[Need]) -> Result<()> {
        let target = workspace::target();
        let tools: Vec<Tools> = needs
            .iter()
            .filter_map(|need| if let Need::Tools(tools) = need { Some(*tools) } else { None })
            .collect();
        if self.python.is_none() && (needs.contains(&Need::Python) || !tools.is_empty()) {
            let cpython = target.join("cpython");
            let folders = Folders { work: &cpython, downloads: &target };
            let found = python::find(&self.wish, folders, &mut io::stderr(), self.verbose)?;
            self.python = Some(found.write(&cpython.join("config"), &cpython.join("driver"))?);
        }
        if self.cxx.is_none() && needs.contains(&Need::Cxx) {
            self.cxx = Some(cxx::provide(&target)?);
        }
        if let (Some(python), false) = (&self.python, tools.is_empty()) {
            self.tools = Some(tools::provide(&python.interpreter, &tools, &target)?);
        }
        Ok(())
    }

    /// Whether people asked to see more.
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// Whether they want every combination tested.
    pub fn thorough(&self) -> bool {
        self.thorough
    }

    /// The variable that tells tests, if they do.
    pub fn thoroughness(&self) -> Vec<Variable> {
        self.thorough.then(|| variable(THOROUGH, "1")).into_iter().collect()
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
        self.python
            .iter()
            .flat_map(Python::variables)
            .chain(tools)
            .chain(self.cxx.iter().flatten().cloned())
            .chain(self.thoroughness())
            .collect()
    }
}

/// `cargo xtask python`: the variables in a form that a shell takes; what people read goes to the
/// other stream.
///
/// # Errors
/// No CPython links.
pub fn show(options: &Options) -> Result<()> {
    let mut environment = Environment::new(options);
    environment.provide(BUILD)?;
    eprintln!("{}", environment.summary());
    for (name, value) in environment.variables() {
        println!("export {name}={}", process::quoted(&value.to_string_lossy()));
    }
    Ok(())
}
