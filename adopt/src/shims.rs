//! Folders and variables that make a build call this command where it means a compiler's driver.

use std::env;
use std::ffi::OsString;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::driver::{FOLDER, REAL, SHIMS, TWINS};
use crate::error::Error;
use crate::process;

/// What builds call a driver, besides what `CC` and `CXX` say.
const NAMES: &[&str] = &["cc", "c++", "gcc", "g++", "clang", "clang++", "gfortran", "flang"];

/// The variables of a build.
#[derive(Debug)]
pub struct Shims(Vec<(String, OsString)>);

impl Shims {
    /// Makes the folders below `work`. `cc` and `cxx` are what this Python compiles extensions with.
    ///
    /// # Errors
    /// A folder cannot be made, or there is no compiler.
    pub fn make(work: &Path, command: &Path, cc: &str, cxx: &str) -> Result<Shims, Error> {
        for folder in [SHIMS, REAL] {
            let folder = work.join(folder);
            fs::create_dir_all(&folder).map_err(|error| Error::at(&folder, "make", error))?;
        }
        let mut variables = vec![(FOLDER.to_owned(), work.as_os_str().to_owned())];
        let triples =
            ["gcc", "g++", "gfortran"].map(|name| format!("{}-linux-gnu-{name}", env::consts::ARCH));
        let names = NAMES.iter().copied().chain(triples.iter().map(String::as_str));
        let found = names.filter(|name| put(name, work, command)).count();
        if found == 0 {
            return Err(Error::new(
                "expected a C compiler on PATH, found none of cc, gcc and clang: install one",
            ));
        }
        for (variable, of_python) in [("CC", cc), ("CXX", cxx)] {
            let wish = env::var(variable).unwrap_or_else(|_| of_python.to_owned());
            variables.extend(own(&wish, work, command).map(|value| (variable.to_owned(), value.into())));
        }
        variables.push(("PATH".to_owned(), path(&work.join(SHIMS))?));
        variables.extend(cargo_linker(&work.join(SHIMS)));
        Ok(Shims(variables))
    }

    /// Gives a command the variables, and a folder for twins.
    pub fn apply(&self, command: &mut Command, twins: &Path) {
        command.envs(self.0.iter().map(|(key, value)| (key, value))).env(TWINS, twins);
    }
}

/// Elsewhere there is nothing to link for yet.
#[cfg(not(unix))]
fn symlink(_: impl AsRef<Path>, _: impl AsRef<Path>) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// The same driver with the same options, by our name for it: a path would lead past our folder.
fn own(wish: &str, work: &Path, command: &Path) -> Option<String> {
    let (program, options) = wish.split_once(' ').unwrap_or((wish, ""));
    if !put(program, work, command) {
        return None;
    }
    let shim = work.join(SHIMS).join(Path::new(program).file_name()?);
    Some(format!("{} {options}", shim.display()).trim_end().to_owned())
}

/// Puts one name into the folders, if there is such a program.
fn put(program: &str, work: &Path, command: &Path) -> bool {
    let Some(real) = process::on_path(program) else { return false };
    let Some(name) = Path::new(program).file_name() else { return false };
    let (shim, target) = (work.join(SHIMS).join(name), work.join(REAL).join(name));
    shim.exists() || (symlink(command, shim).is_ok() && symlink(real, target).is_ok())
}

fn path(first: &Path) -> Result<OsString, Error> {
    let path = env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(first.to_owned()).chain(env::split_paths(&path));
    env::join_paths(all).map_err(|error| Error::at(first, "put on PATH", error))
}

/// Where Rust is installed, cargo is told by a variable named after the machine that it compiles for.
fn cargo_linker(shims: &Path) -> Option<(String, OsString)> {
    let output = Command::new("rustc").arg("-vV").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "))?;
    let linker =
        ["cc", "gcc", "clang"].map(|name| shims.join(name)).into_iter().find(|path| path.exists())?;
    let variable = format!("CARGO_TARGET_{}_LINKER", host.to_uppercase().replace('-', "_"));
    Some((variable, linker.into_os_string()))
}
