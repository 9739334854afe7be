//! An interpreter in, what builds and records have to know of it out.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::error::Error;
use crate::process;

const PROBE: &str = r#"
import importlib.util, json, pathlib, sys, sysconfig
config = sysconfig.get_config_var
def pip():
    if importlib.util.find_spec("pip"):
        return ""
    places = [sysconfig.get_path("stdlib") + "/ensurepip/_bundled", sys.base_prefix + "/share/python-wheels", "/usr/share/python-wheels"]
    return next((str(wheel) for place in places for wheel in pathlib.Path(place).glob("pip-*.whl")), None)
print(json.dumps({
    "version": "%d.%d.%d" % sys.version_info[:3],
    "hex": sys.hexversion,
    "free_threaded": bool(config("Py_GIL_DISABLED")),
    "debug": bool(config("Py_DEBUG")),
    "cc": config("CC") or "",
    "cxx": config("CXX") or "",
    "pip": pip(),
}))
"#;

/// Variables by which people tell their pip what to install for whom, in what place (pip, "Configuration", "Environment
/// Variables"). A build with one of them fails, or builds something else.
const OF_OTHER_CALLS: &[&str] = &[
    "PIP_DRY_RUN",
    "PIP_EDITABLE",
    "PIP_NO_USE_PEP517",
    "PIP_PREFIX",
    "PIP_PYTHON",
    "PIP_REQUIREMENT",
    "PIP_ROOT",
    "PIP_TARGET",
];

/// The same, as people have it in pip's file too, which a variable overrules.
const OF_FILES: &[&str] = &["PIP_REQUIRE_VIRTUALENV", "PIP_USER"];

/// pip's option of this name, as a variable.
pub const REQUIRE_HASHES: &str = "PIP_REQUIRE_HASHES";

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
    /// The wheel that pip is run from, such as `ensurepip`'s (PEP 453): empty where pip is installed, none where it has to
    /// come from elsewhere.
    pip: Option<PathBuf>,
}

impl Python {
    /// Asks an interpreter.
    ///
    /// # Errors
    /// It does not start.
    pub fn probe(executable: &Path) -> Result<Python, Error> {
        let mut command = command(executable);
        let text = process::output(command.args(["-c", PROBE])).map_err(|why| {
            Error::new(format!("expected a CPython, found {}: {why}", executable.display()))
        })?;
        let facts: Facts = serde_json::from_str(&text)
            .map_err(|error| Error::at(executable, "understand the answer of", error))?;
        Ok(Python { executable: executable.to_owned(), facts })
    }

    /// Whether what is to be built can be.
    ///
    /// # Errors
    /// There is no pip for it.
    pub fn has_pip(&self) -> Result<(), Error> {
        if self.facts.pip.is_some() || process::on_path("uv").is_some() {
            return Ok(());
        }
        Err(Error::new(format!(
            "expected a CPython with pip (apt: python3-pip, or `python3 -m ensurepip`), or uv on PATH, found neither for {}",
            self.executable.display()
        )))
    }

    /// A piece of code for this interpreter, with pip at hand.
    pub fn code(&self, code: &str) -> Command {
        let mut command = self.with_pip();
        command.args(["-c", code]);
        command
    }

    /// pip of this interpreter.
    pub fn pip(&self, verb: &str) -> Command {
        let mut command = self.with_pip();
        command.args(["-m", "pip", verb, "--no-input", "--disable-pip-version-check"]);
        for name in OF_OTHER_CALLS {
            command.env_remove(name);
        }
        command.envs(OF_FILES.iter().map(|name| (name, "0")));
        command
    }

    fn with_pip(&self) -> Command {
        let Some(wheel) = &self.facts.pip else {
            // It makes an environment with pip for this interpreter, and none of what is around it counts.
            let mut uv = command(Path::new("uv"));
            uv.args(["run", "--quiet", "--isolated", "--no-project", "--with", "pip", "--python"]);
            uv.arg(&self.executable).args(["--", "python"]);
            return uv;
        };
        let mut command = command(&self.executable);
        if !wheel.as_os_str().is_empty() {
            command.env("PYTHONPATH", wheel);
        }
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
