//! linktab for hosts in C and C++, who write no Rust: a folder in, and in it a static library with
//! `linktab_prepare` and `linktab_install`, the headers, and what CMake, Meson and make read.
//!
//! | Step | File | In | Out |
//! |---|---|---|---|
//! | ask | `cpython` | an interpreter | its version, and how a program links it |
//! | build | `library` | a release or a checkout of linktab | the static library, its headers, what it needs |
//! | write | `prefix` | all of it | files below a prefix that may be moved |
//! | prove | `proof` | that prefix | a host that was linked and started |
//!
//! Knows nothing of extensions: they are the host's, in its own build system.

#![forbid(unsafe_code)]

mod cpython;
mod error;
mod install;
mod library;
mod prefix;
mod process;
mod proof;

pub use cpython::Kind;
pub use error::Error;
pub use install::{Request, install};
