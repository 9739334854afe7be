//! A folder that `linktab adopt` made in, cargo's lines for the link out.
//!
//! Knows the names of that folder's files, and of what is in them where the objects are named.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cargo::watch;
use crate::symbols::export_symbols;

/// Links the adopted extensions into the programs of this package, with the libraries that they need, and
/// keeps CPython's symbols visible for extensions that stayed files. The folder is relative to the package.
///
/// Where the folder is missing, the build fails and says so.
///
/// # Examples
///
/// ```no_run
/// // build.rs
/// linktab_build::link_adopted("adopted");
/// ```
pub fn link_adopted(folder: impl AsRef<Path>) {
    // Cargo starts build scripts in the package's folder, and linkers somewhere else.
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let folder = package.join(folder);
    let arguments = folder.join("link.rsp");
    watch(&folder.join("linktab-adopt.json"));
    if !arguments.is_file() {
        println!(
            "cargo::error={} is not there: make it with `linktab adopt -o {} PACKAGE…`",
            arguments.display(),
            folder.display()
        );
        return;
    }
    watch(&arguments);
    let here = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default().join("linktab-adopted.rsp");
    if let Err(error) = moved(&arguments, &folder, &here) {
        println!("cargo::error=cannot write {}: {error}", here.display());
        return;
    }
    println!("cargo::rustc-link-arg-bins=@{}", here.display());
    export_symbols();
}

/// Writes the arguments with the objects where they are now: the folder may have been moved since it was made.
fn moved(arguments: &Path, folder: &Path, to: &Path) -> io::Result<()> {
    let objects = quoted(&folder.join("objects").display().to_string());
    let text = fs::read_to_string(arguments)?;
    let line = |line: &str| match line.rsplit_once("/objects/") {
        Some((_, object)) if object.ends_with(".o") => format!("{objects}/{object}\n"),
        _ => format!("{line}\n"),
    };
    fs::write(to, text.lines().map(line).collect::<String>())
}

/// A word as drivers and linkers read it out of a file (libiberty, `buildargv`).
fn quoted(word: &str) -> String {
    let is_special = |sign: char| sign.is_whitespace() || matches!(sign, '\\' | '"' | '\'');
    word.chars().flat_map(|sign| is_special(sign).then_some('\\').into_iter().chain([sign])).collect()
}
