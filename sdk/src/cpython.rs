//! An interpreter in, what a program has to know to link it out.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;

/// Asks the interpreter; CMake does so too, for the host's.
pub const PROBE: &str = include_str!("../files/cpython.py");

/// How libpython gets into the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Inside the executable.
    Static,
    /// As a file of its own.
    Shared,
}

impl Kind {
    /// The word in messages, and in the files that are installed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Static => "static",
            Kind::Shared => "shared",
        }
    }
}

/// A CPython that a host can link.
#[derive(Debug)]
pub struct Cpython {
    /// The program.
    pub executable: PathBuf,
    /// Where its standard library is, for programs that are somewhere else.
    pub home: PathBuf,
    /// `3.11`
    pub version: String,
    /// `t` for no GIL, `d` for a debug build: neither shares an ABI with the usual one.
    pub flags: String,
    pub pointer_width: String,
    pub includes: Vec<String>,
    pub kind: Kind,
    /// The archive or the shared object.
    pub library: PathBuf,
    /// What follows it on a linker's command line.
    pub words: Vec<String>,
}

impl Cpython {
    /// Asks an interpreter for the kind that is wanted, or for the best that it has.
    ///
    /// # Errors
    /// It does not start, is no CPython, or has no headers or no library of that kind.
    pub fn probe(executable: &Path, kind: Option<Kind>) -> Result<Cpython, Error> {
        let mut command = Command::new(executable);
        for name in ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__"] {
            command.env_remove(name);
        }
        command.args(["-c", PROBE, kind.map_or("any", Kind::name)]);
        let answer = process::output(&mut command, "name a CPython with --python")?;
        if answer.is_empty() {
            return Err(Error::new(format!(
                "expected a CPython, and {} does not answer",
                executable.display()
            )));
        }
        Cpython::parse(&answer)
    }

    fn parse(answer: &str) -> Result<Cpython, Error> {
        let pairs: HashMap<&str, &str> = answer.lines().filter_map(|line| line.split_once('=')).collect();
        let value = |key: &str| pairs.get(key).copied().unwrap_or_default();
        let words =
            |key: &str| value(key).split(';').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let executable = value("executable");
        if value("implementation") != "CPython" {
            let found = value("implementation");
            return Err(Error::new(format!("expected a CPython, found {found}: {executable}")));
        }
        for (key, what) in [("header", "Python.h"), ("library", "libpython to link")] {
            if value(key).is_empty() {
                let (kind, version) = (value("kind"), value("version"));
                let what = if key == "library" { format!("a {kind} {what}") } else { what.to_owned() };
                return Err(Error::new(format!(
                    "{executable} (CPython {version}) has no {}: install what it is developed with (apt: python3-dev, \
                     dnf: python3-devel), or name another one with --python",
                    what.trim_start_matches("a ")
                )));
            }
        }
        Ok(Cpython {
            executable: executable.into(),
            home: value("home").into(),
            version: value("version").to_owned(),
            flags: value("flags").to_owned(),
            pointer_width: value("pointer_width").to_owned(),
            includes: words("includes"),
            kind: if value("kind") == "static" { Kind::Static } else { Kind::Shared },
            library: value("library").into(),
            words: words("words"),
        })
    }

    /// The text of a `PYO3_CONFIG_FILE`: the library is compiled for this CPython and links none, which is the
    /// host's to do. The keys are those that `InterpreterConfig::from_reader` of pyo3-build-config 0.30 reads.
    pub fn pyo3_config(&self) -> String {
        let has = |flag: char| self.flags.contains(flag);
        let flags: Vec<&str> =
            [(has('t'), "Py_GIL_DISABLED"), (has('d'), "Py_REF_DEBUG"), (has('d'), "Py_DEBUG")]
                .into_iter()
                .filter_map(|(is_set, flag)| is_set.then_some(flag))
                .collect();
        format!(
            "implementation=CPython\nversion={}\nshared={}\nlib_name=python{}{}\nexecutable={}\npointer_width={}\n\
             build_flags={}\nsuppress_build_script_link_lines=true\n",
            self.version,
            self.kind == Kind::Shared,
            self.version,
            self.flags,
            self.executable.display(),
            self.pointer_width,
            flags.join(",")
        )
    }
}

impl fmt::Display for Cpython {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CPython {}{} ({})", self.version, self.flags, self.kind.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "\
implementation=CPython
version=3.14
flags=td
pointer_width=64
executable=/opt/python3
home=/opt
includes=/opt/include/python3.14td
header=/opt/include/python3.14td/Python.h
kind=static
library=/opt/lib/libpython3.14td.a
words=-ldl;-lm
";

    #[test]
    fn a_free_threaded_debug_build_is_told_to_pyo3_as_such() {
        insta::assert_snapshot!(Cpython::parse(ANSWER).unwrap().pyo3_config());
    }

    #[test]
    fn what_cannot_be_linked_is_refused_with_the_reason() {
        let without = |line: &str, instead: &str| {
            Cpython::parse(&ANSWER.replace(line, instead)).unwrap_err().to_string()
        };
        insta::assert_snapshot!(
            [
                without("CPython", "pypy"),
                without("header=/opt/include/python3.14td/Python.h", "header="),
                without("library=/opt/lib/libpython3.14td.a", "library="),
                without("kind=static\nlibrary=/opt/lib/libpython3.14td.a", "kind=shared\nlibrary="),
            ]
            .join("\n")
        );
    }
}
