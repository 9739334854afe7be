//! The languages of extensions, each with its templates. Their manifests have another name: cargo packages no folder
//! with a `Cargo.toml` of its own.

use clap::ValueEnum;

/// What an extension is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    C,
    Cython,
    Pybind11,
    Rust,
}

/// A path and a text, both with names to be filled in.
pub type File = (&'static str, &'static str);

const C: [File; 4] = [
    ("Cargo.toml", include_str!("files/c/manifest.toml")),
    ("build.rs", include_str!("files/c/build.rs")),
    ("src/lib.rs", include_str!("files/c/src/lib.rs")),
    ("src/native.c", include_str!("files/c/src/native.c")),
];

const CYTHON: [File; 4] = [
    ("Cargo.toml", include_str!("files/cython/manifest.toml")),
    ("build.rs", include_str!("files/cython/build.rs")),
    ("src/lib.rs", include_str!("files/cython/src/lib.rs")),
    ("src/_cython.pyx", include_str!("files/cython/src/_cython.pyx")),
];

const PYBIND11: [File; 4] = [
    ("Cargo.toml", include_str!("files/pybind11/manifest.toml")),
    ("build.rs", include_str!("files/pybind11/build.rs")),
    ("src/lib.rs", include_str!("files/pybind11/src/lib.rs")),
    ("src/native.cpp", include_str!("files/pybind11/src/native.cpp")),
];

const RUST: [File; 2] = [
    ("Cargo.toml", include_str!("files/rust/manifest.toml")),
    ("src/lib.rs", include_str!("files/rust/src/lib.rs")),
];

impl Kind {
    /// Its word, in names of folders, packages and modules.
    pub fn word(self) -> &'static str {
        match self {
            Kind::C => "c",
            Kind::Cython => "cython",
            Kind::Pybind11 => "pybind11",
            Kind::Rust => "rust",
        }
    }

    /// What pip installs for a build of it.
    pub fn tool(self) -> Option<&'static str> {
        match self {
            Kind::Cython => Some("cython"),
            Kind::Pybind11 => Some("pybind11"),
            Kind::C | Kind::Rust => None,
        }
    }

    pub fn files(self) -> &'static [File] {
        match self {
            Kind::C => &C,
            Kind::Cython => &CYTHON,
            Kind::Pybind11 => &PYBIND11,
            Kind::Rust => &RUST,
        }
    }
}
