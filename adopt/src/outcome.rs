//! What became of every package and module, as data, and as the files that builds read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::Error;

/// The file with everything.
pub const MANIFEST: &str = "linktab-adopt.json";
/// The file of a link's arguments.
pub const ARGUMENTS: &str = "link.rsp";

/// Everything that one call made.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// What the file is: `linktab-adopt`.
    pub schema: &'static str,
    /// Version of its form.
    pub schema_version: u32,
    /// The version of the CPython that all of it is for.
    pub python: String,
    /// In the order in which they were asked for.
    pub packages: Vec<Package>,
}

/// One requirement.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Package {
    /// As it was asked for.
    pub requirement: String,
    /// The distribution; empty where there is none.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as its metadata has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// The texts of licences, below `site/`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub license_files: Vec<String>,
    /// Why it could not be built, in the last words of its build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Whether no extension came out, and the index has a wheel of this release with one.
    #[serde(skip_serializing_if = "is_false")]
    pub lacks_extension: bool,
    /// Each shared object.
    pub modules: Vec<Module>,
}

/// One shared object of a wheel.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Module {
    /// The dotted name; the path of what is no module.
    pub name: String,
    /// Its path in the wheel.
    pub file: String,
    /// What became of it.
    #[serde(flatten)]
    pub state: State,
}

/// What became of a shared object.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// It is an object for the executable.
    #[non_exhaustive]
    Static {
        /// Below the output folder.
        object: String,
        /// The phase in a word.
        phase: &'static str,
        /// Libraries that the executable needs for it.
        libraries: Vec<String>,
        /// Where those of them are that no linker would look for.
        folders: Vec<PathBuf>,
        /// Functions that answer 0 to it, since it would misbehave otherwise.
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        zero: &'static [&'static str],
        /// Whether its package asks for its `__file__`, and is told where the file would be.
        #[serde(skip_serializing_if = "is_false")]
        has_file: bool,
    },
    /// It stays a file, as was wished, or because it is no module.
    #[non_exhaustive]
    Kept {
        /// Why.
        why: String,
    },
    /// It stays a file, and nobody wished so.
    #[non_exhaustive]
    Refused {
        /// Why.
        why: String,
    },
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Module {
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.state, State::Refused { .. })
    }
}

impl Outcome {
    /// Whether all that was asked for is as it was asked for.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.packages.iter().all(|package| {
            package.failure.is_none()
                && !package.lacks_extension
                && !package.modules.iter().any(Module::is_refused)
        })
    }

    pub(crate) fn write(&self, output: &Path) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::new(error.to_string()))?;
        let write = |name: &str, text: String| {
            let path = output.join(name);
            fs::write(&path, text).map_err(|error| Error::at(&path, "write", error))
        };
        write(MANIFEST, text + "\n")?;
        write(ARGUMENTS, self.arguments(output))
    }

    /// What a link takes, one word a line: every object, then the libraries of all.
    fn arguments(&self, output: &Path) -> String {
        let (mut objects, mut libraries, mut places) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for module in self.packages.iter().flat_map(|package| &package.modules) {
            if let State::Static { object, libraries: of, folders, .. } = &module.state {
                objects.push(output.join(object).display().to_string());
                libraries.extend(of.iter().map(|library| format!("-l:{library}")));
                places.extend(folders.iter().map(|folder| format!("-L{}", folder.display())));
            }
        }
        objects.iter().chain(&places).chain(&libraries).map(|word| quoted(word) + "\n").collect()
    }
}

/// A word as drivers and linkers read it out of a file (libiberty, `buildargv`).
fn quoted(word: &str) -> String {
    let mut text = String::new();
    for sign in word.chars() {
        if sign.is_whitespace() || matches!(sign, '\\' | '"' | '\'') {
            text.push('\\');
        }
        text.push(sign);
    }
    text
}
