//! An installed library in, a host that was linked with it and started.

use std::path::Path;
use std::process::Command;

use crate::cpython::Cpython;
use crate::error::Error;
use crate::library::Library;
use crate::process;

const SOURCE: &str = include_str!("../files/proof.c");

/// Links a host in C by the words that the installed files say, and starts it.
///
/// # Errors
/// It cannot be linked, or it does not import.
pub fn link_and_start(
    folder: &Path,
    prefix: &Path,
    library: &Library,
    cpython: &Cpython,
) -> Result<(), Error> {
    let (source, program) = (folder.join("proof.c"), folder.join("proof"));
    std::fs::write(&source, SOURCE).map_err(|error| Error::at(&source, "write", error))?;
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    cc.arg("-I").arg(prefix.join("include"));
    cc.args(cpython.includes.iter().map(|folder| format!("-I{folder}")));
    cc.arg(&source).arg("-o").arg(&program).arg(prefix.join("lib/liblinktab.a"));
    cc.arg(&cpython.library).args(&cpython.words).args(library.needs.split_whitespace()).arg("-rdynamic");
    process::output(&mut cc, "a host cannot be linked with this CPython")?;
    let mut host = Command::new(&program);
    host.env("PYTHONHOME", &cpython.home).env_remove("PYTHONPATH");
    process::output(&mut host, "a host with this CPython does not work").map(drop)
}
