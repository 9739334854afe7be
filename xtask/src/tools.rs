//! An interpreter in, a `python` out that can also import the build-time tools of `python-tools.txt`.
//!
//! No virtual environment: Debian's Python can make none without packages that are not installed by
//! default. A folder on `PYTHONPATH` does, and pip runs from a wheel where it is not installed.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use linktab_cpython::Interpreter;
use linktab_cpython::apt::Apt;
use linktab_cpython::files::{self, names_in};
use linktab_cpython::process::{self, Start};

use crate::needs::Tools;
use crate::workspace;

/// Distributions keep pip's wheel here (Debian: python3-pip-whl).
const WHEELS: &str = "/usr/share/python-wheels";

impl Tools {
    /// The file of requirements, and an import that shows that they are there.
    fn requirements(self) -> (&'static str, &'static str) {
        match self {
            Tools::Build => ("xtask/python-tools.txt", "Cython, nanobind, pybind11"),
            Tools::Book => ("xtask/python-book.txt", "sys"),
            Tools::Wheel => ("xtask/python-wheel.txt", "maturin"),
            Tools::Readers => ("xtask/python-readers.txt", "sys"),
            Tools::Checkers => ("xtask/python-checkers.txt", "sys"),
            Tools::Schemas => ("xtask/python-schemas.txt", "sys"),
        }
    }

    /// Whether not every Python has wheels of them. A test that misses one says so, and is counted as skipped.
    fn may_be_missing(self) -> bool {
        matches!(self, Tools::Book | Tools::Readers | Tools::Checkers | Tools::Schemas)
    }

    /// The folder that they are in, installed if need be.
    ///
    /// # Errors
    /// As [`provide`].
    pub fn folder(self, interpreter: &Interpreter, target: &Path) -> Result<PathBuf> {
        folder(interpreter, self.requirements().0, target)
    }
}

/// Installs what is missing, and returns the script that starts Python with it.
///
/// # Errors
/// pip cannot be had, or it cannot install.
pub fn provide(interpreter: &Interpreter, tools: &[Tools], target: &Path) -> Result<PathBuf> {
    let (mut sites, mut proof) = (Vec::new(), Vec::new());
    for tools in tools {
        let (requirements, imports) = tools.requirements();
        match folder(interpreter, requirements, target) {
            Ok(site) => sites.push(site),
            Err(error) if tools.may_be_missing() => {
                eprintln!("note: without the packages of {requirements}: {error:#}")
            }
            Err(error) => return Err(error.context("the tools for Python cannot be installed")),
        }
        proof.push(imports);
    }
    let mut hasher = DefaultHasher::new();
    (&sites, &interpreter.executable).hash(&mut hasher);
    let dir = target.join("python-tools").join(format!("{:08x}", hasher.finish() as u32));
    files::create_dir(&dir)?;
    let script = dir.join("python");
    let works =
        || process::output(Command::new(&script).args(["-c", &format!("import {}", proof.join(", "))]));
    if works().is_ok() {
        return Ok(script);
    }
    let start = Start::new(&interpreter.executable).path("PYTHONPATH", &sites);
    process::write_script(&script, &start, &format!("CPython {} with packages", interpreter.version))?;
    works().context("pip installed the tools, but they do not work")?;
    Ok(script)
}

/// A folder with the packages of one file of requirements, beside the tools.
///
/// # Errors
/// As [`provide`].
pub fn folder(interpreter: &Interpreter, requirements: &str, target: &Path) -> Result<PathBuf> {
    let text = fs::read_to_string(workspace::root().join(requirements))
        .with_context(|| format!("cannot read {requirements}"))?;
    let mut hasher = DefaultHasher::new();
    (&text, &interpreter.executable).hash(&mut hasher);
    let key = format!("{}-{:08x}", interpreter.version, hasher.finish() as u32);
    let dir = target.join("python-tools").join(key);
    if !dir.join("complete").is_file() {
        files::empty_dir(&dir)?;
        install(interpreter, &pip(interpreter, target)?, requirements, &dir)?;
        fs::write(dir.join("complete"), "").context("cannot write into target/")?;
    }
    Ok(dir)
}

fn install(interpreter: &Interpreter, pip: &Pip, requirements: &str, site: &Path) -> Result<()> {
    let mut command = Command::new(&interpreter.executable);
    match pip {
        Pip::Module => command.args(["-m", "pip"]),
        Pip::Wheel(wheel) => command.arg(wheel.join("pip")),
    };
    command
        .args(["install", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:", "--target"])
        .arg(site)
        .arg("--requirement")
        .arg(workspace::root().join(requirements));
    process::output(&mut command)?;
    Ok(())
}

/// A script that starts Python with pip, wherever that comes from.
///
/// # Errors
/// As [`provide`].
pub fn python_with_pip(interpreter: &Interpreter, target: &Path, script: &Path) -> Result<()> {
    let mut start = Start::new(&interpreter.executable);
    if let Pip::Wheel(wheel) = pip(interpreter, target)? {
        start = start.path("PYTHONPATH", &[wheel]);
    }
    files::create_dir(script.parent().context("a script is in a folder")?)?;
    process::write_script(script, &start, &format!("CPython {} with pip", interpreter.version))?;
    Ok(())
}

enum Pip {
    Module,
    /// A wheel is a zip, which Python runs from within.
    Wheel(PathBuf),
}

fn pip(interpreter: &Interpreter, target: &Path) -> Result<Pip> {
    let mut module = Command::new(&interpreter.executable);
    if module.args(["-m", "pip", "--version"]).output().is_ok_and(|output| output.status.success()) {
        return Ok(Pip::Module);
    }
    let bundled = interpreter.stdlib.join("ensurepip/_bundled");
    // Beside an interpreter that was unpacked somewhere is the pip of its own release.
    let beside = interpreter.base_prefix.join("share/python-wheels");
    for dir in [&bundled, &beside, Path::new(WHEELS)] {
        if let Some(wheel) = wheel_in(dir) {
            return Ok(Pip::Wheel(wheel));
        }
    }
    let root = Apt::open(target)
        .and_then(|apt| apt.unpack(&["python3-pip-whl".to_owned()].into(), &target.join("cpython/pip")))
        .context("this Python has no pip: install it (apt: python3-pip-whl, dnf: python3-pip)")?;
    let dir = root.join(WHEELS.trim_start_matches('/'));
    wheel_in(&dir).map(Pip::Wheel).with_context(|| format!("{} holds no pip", dir.display()))
}

fn wheel_in(dir: &Path) -> Option<PathBuf> {
    names_in(dir)
        .iter()
        .find(|name| name.starts_with("pip-") && name.ends_with(".whl"))
        .map(|name| dir.join(name))
}
