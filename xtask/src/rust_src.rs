//! The running compiler in, the sources of exactly its standard library out, for targets that no
//! toolchain here brings a library for.
//!
//! rustup's component `rust-src` where it is installed; else Debian's package of that name and version,
//! which a younger release than this machine's may have, unpacked below `target/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use linktab_cpython::apt::Apt;
use linktab_cpython::process;

/// Suites that have had a `rust-src` as young as the compilers of rustup, the smaller list first.
const SUITES: [&str; 2] = ["trixie-backports", "sid"];

/// The folder `library`, or the reason why there is none.
#[derive(Debug)]
pub enum Sources {
    /// Here they are.
    Folder(PathBuf),
    /// They are neither installed nor offered.
    None(String),
}

/// Finds, or downloads and unpacks once.
///
/// # Errors
/// A package is offered and cannot be had.
pub fn provide(target: &Path) -> Result<Sources> {
    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let component = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library");
    if component.is_dir() {
        return Ok(Sources::Folder(component));
    }
    let version = process::output(Command::new("rustc").arg("--version"))?;
    let version = version.split(' ').nth(1).context("rustc prints no version")?;
    let dir = target.join("rust-src").join(version);
    // Written last, so that an interrupted run starts over.
    let complete = dir.join("complete");
    if !complete.is_file() {
        let Some((apt, package)) = offered(version, target) else {
            return Ok(Sources::None(format!("rust-src {version} is not installed")));
        };
        apt.unpack(&[package.clone()].into(), &dir)?;
        fs::write(&complete, package).with_context(|| format!("cannot write {}", complete.display()))?;
    }
    let library = dir.join("root/usr/src").join(format!("rustc-{version}")).join("library");
    ensure!(library.is_dir(), "the package rust-src has no folder {}", library.display());
    Ok(Sources::Folder(library))
}

/// An apt that knows the package, and the package with its version.
fn offered(version: &str, target: &Path) -> Option<(Apt, String)> {
    SUITES.iter().find_map(|suite| match Apt::of_suite(target, suite) {
        Ok(apt) => {
            let versions = apt.versions("rust-src").unwrap_or_default();
            let found = matching(&versions, version)?;
            Some((apt, format!("rust-src={found}")))
        }
        Err(error) => {
            eprintln!("note: no packages of {suite}: {error:#}");
            None
        }
    })
}

/// Debian appends to the version of the sources: `1.95.0+dfsg1-2~bpo13+1`.
fn matching<'a>(versions: &'a [String], version: &str) -> Option<&'a str> {
    let exact =
        |found: &&String| found.strip_prefix(version).is_some_and(|rest| rest.starts_with(['+', '-', '~']));
    versions.iter().find(exact).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_version_will_do() {
        let offered = ["1.96.1+dfsg1-2~bpo13+1", "1.95.0+dfsg1-2~bpo13+1", "1.9.0-1"].map(str::to_owned);
        assert_eq!(matching(&offered, "1.95.0"), Some("1.95.0+dfsg1-2~bpo13+1"));
        assert_eq!(matching(&offered, "1.96.1"), Some("1.96.1+dfsg1-2~bpo13+1"));
        assert_eq!(matching(&offered, "1.9.0"), Some("1.9.0-1"));
        assert_eq!(matching(&offered, "1.96.0"), None);
        assert_eq!(matching(&offered, "1.9"), None);
    }
}
