//! An interpreter in, what builds and records have to know of it out.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::error::Error;
use crate::process;

const PROBE: &str = r#"
import json, sys, sysconfig
import pip
config = sysconfig.get_config_var
print(json.dumps({
    "version": "%d.%d.%d" % sys.version_info[:3],
    "hex": sys.hexversion,
    "free_threaded": bool(config("Py_GIL_DISABLED")),
    "debug": bool(config("Py_DEBUG")),
    "cc": config("CC") or "",
    "cxx": config("CXX") or "",
}))
"#;

/// A CPython with pip.
#[derive(Debug)]
pub struct Python {
    /// The program.
    pub executable: PathBuf,
    pub facts: Facts,
}

#[derive(Debug, Deserialize)]
pub struct Facts {
    pub version: String,
    /// `PY_VERSION_HEX`
    pub hex: u32,
    pub free_threaded: bool,
    pub debug: bool,
    /// What it was compiled with, and compiles extensions with.
    pub cc: String,
    pub cxx: String,
}

impl Python {
    /// Asks an interpreter.
    ///
    /// # Errors
    /// It does not start, or has no pip.
    pub fn probe(executable: &Path) -> Result<Python, Error> {
        let mut command = command(executable);
        let text = process::output(command.args(["-c", PROBE])).map_err(|why| {
            let what = "expected a CPython with pip (apt: python3-pip, or `python3 -m ensurepip`)";
            Error::new(format!("{what}, found {}: {why}", executable.display()))
        })?;
        let facts = serde_json::from_str(&text)
            .map_err(|error| Error::at(executable, "understand the answer of", error))?;
        Ok(Python { executable: executable.to_owned(), facts })
    }

    /// A piece of code for this interpreter.
    pub fn code(&self, code: &str) -> Command {
        let mut command = command(&self.executable);
        command.args(["-c", code]);
        command
    }

    /// pip of this interpreter.
    pub fn pip(&self, verb: &str) -> Command {
        let mut command = command(&self.executable);
        command.args(["-m", "pip", verb, "--no-input", "--disable-pip-version-check"]);
        command
    }
}

/// Without what the caller's shell tells Python: the build shall be the same wherever it runs.
fn command(executable: &Path) -> Command {
    let mut command = Command::new(executable);
    for name in ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"] {
        command.env_remove(name);
    }
    command
}
