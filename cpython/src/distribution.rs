//! Nothing in, an unpacked CPython of this Debian or Ubuntu release out.

use std::fs;
use std::path::{Path, PathBuf};

use crate::apt::{self, Apt};
use crate::error::{Context, Result, ensure};
use crate::process::{self, Start};

/// A distribution's Python below `target/`.
#[derive(Debug)]
pub struct Unpacked {
    /// A script that starts it with its libraries.
    pub executable: PathBuf,
    /// Where its static libraries are.
    pub lib_dir: PathBuf,
}

/// Downloads and unpacks, once.
///
/// # Errors
/// As [`Apt::open`] and [`Apt::unpack`].
pub fn provide(target: &Path) -> Result<Unpacked> {
    let dir = target.join("cpython/distribution");
    // Written last, so that an interrupted run starts over.
    let complete = dir.join("complete");
    if !complete.is_file() {
        let apt = Apt::open(target)?;
        let python = default_python(&apt)?;
        apt.unpack(&apt.with_direct_needs(&packages(&python))?, &dir)?;
        fs::write(&complete, &python).with_context(|| format!("cannot write {}", complete.display()))?;
    }
    let python = fs::read_to_string(&complete).context("cannot read back the version")?;
    describe(&dir, &python)
}

/// `python3.11`: what the package `python3` depends on.
fn default_python(apt: &Apt) -> Result<String> {
    let mut depends = apt.depends(["python3"])?.into_iter();
    let python = depends.find(|name| name.starts_with("python3.") && !name.contains('-'));
    python.context("the package python3 names no version")
}

/// What they directly need are the libraries that the archive wants at link time and those that the
/// standard library's shared objects load.
fn packages(python: &str) -> Vec<String> {
    vec![
        python.to_owned(),
        format!("{python}-minimal"),
        format!("lib{python}-dev"),
        format!("lib{python}-stdlib"),
        format!("lib{python}-minimal"),
    ]
}

fn describe(dir: &Path, python: &str) -> Result<Unpacked> {
    let root = dir.join("root");
    let program = root.join("usr/bin").join(python);
    ensure(program.is_file(), || format!("the packages hold no {}", program.display()))?;
    let libraries = apt::library_dirs(&root)?;
    let executable = dir.join("python");
    let start = Start::new(&program).path("LD_LIBRARY_PATH", &libraries);
    process::write_script(&executable, &start, &format!("{python} with the libraries unpacked beside it"))?;
    let [lib_dir, _] = libraries;
    Ok(Unpacked { executable, lib_dir })
}
