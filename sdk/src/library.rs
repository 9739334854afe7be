//! A release or a checkout of linktab in, the static library out, with the headers of the same sources.
//!
//! cargo builds it, in a package that is made for the purpose: `crate-type = ["staticlib"]`, which no crate
//! that Rust programs depend on can be as well. Knows what `linktab_embed.h` says of such a crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::cpython::Cpython;
use crate::error::Error;
use crate::process;

const CARGO: &str = "cargo builds the library: install Rust, as https://rustup.rs says";

/// Not `linktab`: that is the crate of the records.
const PACKAGE: &str = "linktab-c-api";

/// What came out of a build.
#[derive(Debug)]
pub struct Library {
    pub archive: PathBuf,
    /// `linktab.h` and `linktab_embed.h`
    pub headers: Vec<PathBuf>,
    /// The libraries that Rust's standard library needs, as words for a linker.
    pub needs: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

/// What cargo says of one thing that it made.
#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// Builds in `folder`, which is empty: from the checkout, or from the release that is as old as this command.
///
/// # Errors
/// cargo fails, which then has said why, or the sources lack a header.
pub fn build(folder: &Path, checkout: Option<&Path>, cpython: &Cpython) -> Result<Library, Error> {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| Error::at(&path, "write", error))
    };
    write("Cargo.toml", &manifest(checkout)?)?;
    write("lib.rs", "use linktab_finder as _;\n")?;
    write("cpython.txt", &cpython.pyo3_config())?;
    if let Some(checkout) = checkout {
        // The versions with which the checkout was tested; cargo leaves out what is not needed.
        let lock = checkout.join("Cargo.lock");
        fs::copy(&lock, folder.join("Cargo.lock")).map_err(|error| Error::at(&lock, "copy", error))?;
    }
    let needs = folder.join("needs.txt");
    let mut cargo = cargo(folder, "rustc");
    cargo.args(["--lib", "--release", "--message-format=json-render-diagnostics", "--target-dir"]);
    cargo.arg(folder.join("target")).arg("--");
    cargo.args(["--print", &format!("native-static-libs={}", needs.display())]);
    cargo.env("PYO3_CONFIG_FILE", folder.join("cpython.txt")).env_remove("PYO3_BUILD_EXTENSION_MODULE");
    let messages = process::shown(&mut cargo, CARGO)?;
    let archive = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .flat_map(|message| message.filenames)
        .find(|path| path.extension().is_some_and(|extension| extension == "a"))
        .ok_or_else(|| Error::new("cargo built no static library for this system"))?;
    let needs = fs::read_to_string(&needs).map_err(|error| Error::at(&needs, "read", error))?;
    Ok(Library { archive, headers: headers(folder)?, needs: needs.trim().to_owned() })
}

fn manifest(checkout: Option<&Path>) -> Result<String, Error> {
    let version = env!("CARGO_PKG_VERSION");
    let source = match checkout {
        None => format!("\"={version}\""),
        Some(checkout) => {
            let finder = checkout.join("finder");
            let finder = finder.canonicalize().map_err(|error| Error::at(&finder, "find", error))?;
            // What TOML escapes in a string, JSON does in the same way.
            let path = serde_json::to_string(&finder).map_err(|error| Error::at(&finder, "name", error))?;
            format!("{{ path = {path} }}")
        }
    };
    Ok(format!(
        "[package]\nname = \"{PACKAGE}\"\nversion = \"{version}\"\nedition = \"2024\"\n\n\
         [lib]\npath = \"lib.rs\"\ncrate-type = [\"staticlib\"]\n\n\
         [dependencies]\nlinktab-finder = {source}\n\n\
         [profile.release]\nlto = true\ncodegen-units = 1\n\n[workspace]\n"
    ))
}

/// In the folder of the package: neither the caller's project nor its settings are meant.
fn cargo(folder: &Path, verb: &str) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder).arg(verb);
    cargo
}

/// The headers of the crates that went in.
fn headers(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut cargo = cargo(folder, "metadata");
    let text = process::output(cargo.args(["--format-version", "1"]), CARGO)?;
    let metadata: Metadata = serde_json::from_str(&text)
        .map_err(|error| Error::new(format!("cannot understand cargo: {error}")))?;
    let header = |crate_name: &str, name: &str| {
        let package = metadata.packages.iter().find(|package| package.name == crate_name);
        let folder = package.and_then(|package| package.manifest_path.parent());
        let path = folder.map(|folder| folder.join("include").join(name)).filter(|path| path.is_file());
        path.ok_or_else(|| Error::new(format!("the crate {crate_name} has no include/{name}")))
    };
    Ok(vec![header("linktab", "linktab.h")?, header("linktab-finder", "linktab_embed.h")?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_that_of_the_command_and_a_checkout_has_to_be_there() {
        insta::assert_snapshot!(manifest(None).unwrap());
        let error = manifest(Some(Path::new("/nowhere"))).unwrap_err();
        assert_eq!(error.to_string(), "cannot find /nowhere/finder: No such file or directory (os error 2)");
    }
}
