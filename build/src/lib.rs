//! For build scripts of applications: a folder that `linktab adopt` made in, cargo's lines for the link out.
//!
//! Knows the names of that folder's files, and nothing of what is in them.

#![forbid(unsafe_code)]

use std::env;
use std::path::{Path, PathBuf};

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
    println!("cargo::rerun-if-changed={}", folder.join("linktab-adopt.json").display());
    if !arguments.is_file() {
        println!(
            "cargo::error={} is not there: make it with `linktab adopt -o {} PACKAGE…`",
            arguments.display(),
            folder.display()
        );
        return;
    }
    println!("cargo::rerun-if-changed={}", arguments.display());
    println!("cargo::rustc-link-arg-bins=@{}", arguments.display());
    println!("cargo::rustc-link-arg-bins=-rdynamic");
}
