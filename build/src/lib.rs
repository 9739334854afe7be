//! For build scripts: an extension's sources in, objects and cargo's lines for the link out.
//!
//! An extension in C, C++ or Cython is a crate with an empty `src/lib.rs`, `linktab` among its dependencies, this
//! crate among its build-dependencies, and a build script of a line:
//!
//! ```no_run
//! // build.rs
//! linktab_build::c_extension("acme.fast._native").file("src/native.c").compile();
//! ```
//!
//! An application has one too: [`export_symbols`], and [`link_adopted`] where `linktab adopt` made something.
//!
//! Which CPython it is, `linktab python` decides, once for a project: [`python`]. What a build script cannot go on
//! without fails the build with a sentence; nothing here panics over an input.

#![forbid(unsafe_code)]

mod adopted;
mod cargo;
mod extension;
mod generators;
mod phase;
mod python;
mod symbols;

pub use adopted::link_adopted;
/// The crate that compiles, for [`Extension::configure`].
pub use cc;
pub use extension::{
    Extension, c_extension, cpp_extension, cython_extension, nanobind_extension, pybind11_extension,
};
pub use phase::Phase;
pub use python::{Python, python, tool};
pub use symbols::export_symbols;
