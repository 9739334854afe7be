//! What ought to be in an image: config file, lock file and command line in, [`Expected`] out.

pub mod config;
pub mod lock;
mod place;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::code::{Code, Level};
use crate::records::Inventory;

/// Everything that findings hold an image against.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Expected {
    /// The locked modules.
    pub lock: Option<lock::Lock>,
    /// Whether a module that is not locked is an error.
    pub locked: bool,
    /// Modules that have to be there.
    pub names: Vec<ExpectedName>,
    /// What went into the link.
    pub inputs: Vec<Inventory>,
    /// The packages of those, by path, as cargo tells.
    pub input_packages: BTreeMap<String, String>,
    /// Rust's shared libraries (`dylib`) of the same build that the program loads.
    pub loaded: Vec<Inventory>,
    /// Packages that depend on linktab and register nothing.
    pub silent_packages: Vec<String>,
    /// Records, by name and origin, that another program of the package has, and the words for that.
    pub elsewhere: BTreeMap<(String, String), String>,
    /// How code names the packages that went into the link, as cargo tells.
    pub crates: Vec<CrateName>,
    /// What extensions are compiled with that only others ask for, as cargo tells.
    pub unified: Vec<Unified>,
    /// The Python that the image is for.
    pub python: Option<Python>,
    /// Whether CPython has to be in the image.
    pub python_inside: bool,
    /// Levels by code, the last one counting.
    pub levels: Vec<(Code, Level)>,
    /// Findings that are not to be told.
    pub suppressions: Vec<Suppression>,
}

/// What code calls a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrateName {
    /// The package.
    pub package: String,
    /// The crate's name in the code of one that depends on it.
    pub name: String,
    /// That one: the program's own package where it depends on it, else another that does.
    pub dependent: String,
}

/// A package that registers, whose dependencies have features that it does not ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unified {
    /// Its name.
    pub package: String,
    /// The features.
    pub features: Vec<SharedFeature>,
}

/// A feature of a dependency that only others ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedFeature {
    /// The dependency's name and version.
    pub dependency: String,
    /// The feature.
    pub feature: String,
    /// The packages that ask for it, and register.
    pub by: Vec<String>,
}

/// A module that has to be there, and the line that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedName {
    /// The full dotted name.
    pub name: String,
    /// File and line, unless the command line says it.
    pub place: Option<(String, u32)>,
}

/// A finding that is not to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Which kind.
    pub code: Code,
    /// Of which module or symbol; `None`: of all.
    pub module: Option<String>,
    /// Why.
    pub reason: String,
    /// The file that says so.
    pub path: String,
    /// The line in it.
    pub line: u32,
}

/// A version of CPython 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Python {
    /// The number behind `3.`.
    pub minor: u8,
    /// Whether the build is free-threaded; `None`: not known.
    pub free_threaded: Option<bool>,
}

impl fmt::Display for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = if self.free_threaded == Some(true) { "t" } else { "" };
        write!(f, "3.{}{suffix}", self.minor)
    }
}

impl FromStr for Python {
    type Err = String;

    fn from_str(text: &str) -> Result<Python, String> {
        let (number, free_threaded) = match text.strip_suffix('t') {
            Some(number) => (number, true),
            None => (text, false),
        };
        let minor = number.strip_prefix("3.").and_then(|minor| minor.parse().ok());
        let minor = minor.ok_or_else(|| format!("`{text}` is no Python version: expected 3.15 or 3.15t"))?;
        Ok(Python { minor, free_threaded: Some(free_threaded) })
    }
}
