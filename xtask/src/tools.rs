//! An interpreter in, a `python` out that can also import the build-time tools of `python-tools.txt`.
//!
//! No virtual environment: Debian's Python can make none without packages that are not installed by
//! default. A folder on `PYTHONPATH` does, and pip runs from a wheel where it is not installed.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::apt::Apt;
use crate::files::{self, names_in};
use crate::process::{self, Start};
use crate::python::Interpreter;
use crate::workspace;

/// What builds need, and what only tests look for: that has no wheels for every Python.
const NEEDED: &str = "xtask/python-tools.txt";
const WELCOME: &str = "xtask/python-test-tools.txt";
const REQUIREMENTS: [&str; 2] =
    [include_str!("../python-tools.txt"), include_str!("../python-test-tools.txt")];

/// Distributions keep pip's wheel here (Debian: python3-pip-whl).
const WHEELS: &str = "/usr/share/python-wheels";

/// Installs what is missing and returns the script that starts Python with it.
///
/// # Errors
/// pip cannot be had, or it cannot install.
pub fn provide(interpreter: &Interpreter, target: &Path) -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    (REQUIREMENTS, &interpreter.executable).hash(&mut hasher);
    let key = format!("{}-{:08x}", interpreter.version, hasher.finish() as u32);
    let dir = target.join("python-tools").join(key);
    let script = dir.join("python");
    if works(&script) {
        return Ok(script);
    }

    let site = dir.join("site");
    files::empty_dir(&site)?;
    let pip = pip(interpreter, target)?;
    install(interpreter, &pip, NEEDED, &site)
        .context("the build-time tools of Python cannot be installed")?;
    // A test that misses one says so, and is counted as skipped.
    if let Err(error) = install(interpreter, &pip, WELCOME, &site) {
        eprintln!("note: without the packages of {WELCOME}: {error:#}");
    }
    let start = Start::new(&interpreter.executable).path("PYTHONPATH", &[site]);
    let what = format!("CPython {} with the tools of xtask/python-tools.txt", interpreter.version);
    process::write_script(&script, &start, &what)?;
    if !works(&script) {
        bail!("pip installed the tools, but {} cannot import them", script.display());
    }
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

fn works(script: &Path) -> bool {
    let mut command = Command::new(script);
    command.args(["-c", "import Cython, maturin, nanobind, pybind11"]);
    command.output().is_ok_and(|output| output.status.success())
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
    process::output(&mut command).map(drop)
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
