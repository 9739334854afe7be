//! An executable in, what it says about itself out.
//!
//! Asks `sysconfig`, which knows how this Python was configured. Believes nothing about libraries:
//! `probe.rs` links them.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Error, Result};
use crate::releases::{Build, FREE_THREADED, SUPPORTED};

/// Printed as `key=value` lines. `get_path` follows a Python that was moved (`PYTHONHOME`), where
/// the configuration variables keep the paths of the machine that built it.
const QUESTION: &str = r#"
import struct, sys, sysconfig
var = sysconfig.get_config_var
for key, value in [
    ("implementation", sys.implementation.name),
    ("version", "%d.%d.%d" % sys.version_info[:3]),
    ("executable", sys.executable),
    ("base_prefix", sys.base_prefix),
    ("stdlib", sysconfig.get_path("stdlib")),
    ("include", sysconfig.get_path("include")),
    ("pointer_width", struct.calcsize("P") * 8),
] + [(name, var(name)) for name in (
    "LDVERSION", "ABIFLAGS", "Py_GIL_DISABLED", "Py_DEBUG", "LIBPL", "LIBDIR", "LDLIBRARY",
    "MULTIARCH", "LIBS", "SYSLIBS", "MODLIBS",
)]:
    print("%s=%s" % (key, "" if value is None else value))
"#;

/// A CPython on this machine, as it describes itself.
#[derive(Debug, Clone)]
pub struct Interpreter {
    /// What to run.
    pub executable: PathBuf,
    /// Its version.
    pub version: Version,
    /// Built with `--disable-gil`.
    pub free_threaded: bool,
    /// Built with `--with-pydebug`.
    pub debug: bool,
    /// `3.14t`: the version as library names carry it.
    pub ld_version: String,
    /// `sys.base_prefix`.
    pub base_prefix: PathBuf,
    /// The folder of the standard library.
    pub stdlib: PathBuf,
    /// The folder of `Python.h`.
    pub include: PathBuf,
    /// `LIBPL`: where `make install` puts the archive.
    pub lib_pl: Option<PathBuf>,
    /// `LIBDIR`: where the shared library is.
    pub lib_dir: Option<PathBuf>,
    /// Debian's `x86_64-linux-gnu`.
    pub multiarch: Option<String>,
    /// 32 or 64.
    pub pointer_width: u32,
    /// The linker words of `LIBS`, `SYSLIBS` and `MODLIBS`.
    pub link_words: String,
}

/// `3.11.7`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// 3
    pub major: u32,
    /// 11
    pub minor: u32,
    /// 7
    pub micro: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.micro)
    }
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| part.parse().ok());
        let version = Self { major: parts.next()??, minor: parts.next()??, micro: parts.next()?? };
        parts.next().is_none().then_some(version)
    }
}

impl Interpreter {
    /// Runs `executable` and asks.
    ///
    /// # Errors
    /// It does not run, or it is no CPython that linktab supports.
    pub fn ask(executable: &Path) -> Result<Self> {
        let output = Command::new(executable)
            .args(["-B", "-c", QUESTION])
            .env_remove("PYTHONHOME")
            .env_remove("PYTHONPATH")
            .output()
            .context("it does not run")?;
        if !output.status.success() {
            return Err(Error::new(format!(
                "it fails: {}",
                reason(&String::from_utf8_lossy(&output.stderr))
            )));
        }
        Self::parse(&String::from_utf8_lossy(&output.stdout))
    }

    /// Its version, and whether it is free-threaded.
    pub fn build(&self) -> Build {
        Build { minor: self.version.minor, free_threaded: self.free_threaded }
    }

    /// Whether another name leads to this one.
    pub fn is_same(&self, other: &Self) -> bool {
        self.stdlib == other.stdlib && self.ld_version == other.ld_version
    }

    /// Reads the answer to the question that interpreters are asked.
    pub fn parse(answer: &str) -> Result<Self> {
        let values: HashMap<&str, &str> = answer.lines().filter_map(|line| line.split_once('=')).collect();
        let value = |key: &str| values.get(key).copied().filter(|value| !value.is_empty());
        let needed = |key: &str| value(key).with_context(|| format!("it does not tell its {key}"));

        let implementation = needed("implementation")?;
        if implementation != "cpython" {
            return Err(Error::new(format!("expected cpython, found {implementation}")));
        }
        let version = needed("version")?;
        let version = Version::parse(version)
            .with_context(|| format!("its version is `{version}`, expected 3.minor.micro"))?;
        let free_threaded = value("Py_GIL_DISABLED") == Some("1");
        supported(version, free_threaded)?;

        let minor = format!("{}.{}", version.major, version.minor);
        let ld_version = value("LDVERSION")
            .map_or_else(|| format!("{minor}{}", value("ABIFLAGS").unwrap_or_default()), str::to_owned);
        Ok(Self {
            executable: needed("executable")?.into(),
            version,
            free_threaded,
            debug: value("Py_DEBUG") == Some("1"),
            ld_version,
            base_prefix: needed("base_prefix")?.into(),
            stdlib: needed("stdlib")?.into(),
            include: needed("include")?.into(),
            lib_pl: value("LIBPL").map(Into::into),
            lib_dir: value("LIBDIR").map(Into::into),
            multiarch: value("MULTIARCH").map(str::to_owned),
            pointer_width: needed("pointer_width")?.parse().context("pointer width")?,
            link_words: ["LIBS", "SYSLIBS", "MODLIBS"].map(|k| value(k).unwrap_or("")).join(" "),
        })
    }
}

/// A traceback ends with what went wrong; a launcher, such as pyenv's, begins with it.
fn reason(stderr: &str) -> &str {
    let mut lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = if stderr.starts_with("Traceback") { lines.next_back() } else { lines.next() };
    line.unwrap_or("no message")
}

fn supported(version: Version, free_threaded: bool) -> Result<()> {
    if version.major != 3 || !SUPPORTED.contains(&version.minor) {
        return Err(Error::new(format!(
            "its version is {version}, expected 3.{} to 3.{}",
            SUPPORTED.start(),
            SUPPORTED.end()
        )));
    }
    if free_threaded && version.minor < FREE_THREADED {
        return Err(Error::new(format!(
            "it is a free-threaded {version}, expected 3.{FREE_THREADED} or later"
        )));
    }
    Ok(())
}

/// What Debian bookworm's Python answers.
#[cfg(test)]
pub const DEBIAN: &str = "\
implementation=cpython
version=3.11.2
executable=/usr/bin/python3
base_prefix=/usr
stdlib=/usr/lib/python3.11
include=/usr/include/python3.11
pointer_width=64
LDVERSION=3.11
ABIFLAGS=
Py_GIL_DISABLED=
Py_DEBUG=0
LIBPL=/usr/lib/python3.11/config-3.11-x86_64-linux-gnu
LIBDIR=/usr/lib/x86_64-linux-gnu
LDLIBRARY=libpython3.11.so
MULTIARCH=x86_64-linux-gnu
LIBS=-ldl
SYSLIBS=-lm
MODLIBS=-lm      -lm   -lz -lm -lm   -lexpat  -lexpat              -lz
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_becomes_an_interpreter() {
        insta::assert_debug_snapshot!(Interpreter::parse(DEBIAN).unwrap());
    }

    #[test]
    fn an_unfit_interpreter_is_refused_with_the_reason() {
        let refusals: Vec<String> = [
            DEBIAN.replace("cpython", "pypy"),
            DEBIAN.replace("3.11.2", "3.8.1"),
            DEBIAN.replace("3.11.2", &format!("3.{}.0", SUPPORTED.end() + 1)),
            DEBIAN.replace("3.11.2", "3.13.0").replace("Py_GIL_DISABLED=", "Py_GIL_DISABLED=1"),
            DEBIAN.replace("3.11.2", "three"),
            DEBIAN.replace("base_prefix=/usr", "base_prefix="),
        ]
        .iter()
        .map(|answer| {
            let last = SUPPORTED.end();
            let message = Interpreter::parse(answer).unwrap_err().to_string();
            message.replace(&format!("3.{last}"), "<last>").replace(&format!("3.{}", last + 1), "<next>")
        })
        .collect();
        insta::assert_debug_snapshot!(refusals);
    }
}
