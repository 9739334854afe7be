//! Packages from PyPI in, objects for one executable out: each package is built by its own build system,
//! and what that linked into a shared object is kept as one relocatable object with a record.
//!
//! | Step | File | In | Out |
//! |---|---|---|---|
//! | choose | `project`, `uv_sources`, `requirement_files`, `resolve` | requirements | releases |
//! | build | `builds`, `wheel` | releases | wheels, and logs |
//! | observe | `driver` | each link of that build | a twin of it that is not linked to its end |
//! | match | `modules` | installed files, twins | which file is which module |
//! | judge | `judge`, `hazards` | a module | why it has to stay a file |
//! | rewrite | `object_file` | a twin | the same with one symbol and a record |
//! | write | `outcome` | all of it | `linktab-adopt.json`, `link.rsp`, a table |
//!
//! `application` is the way on from there: `settings` say what is meant, `host` links it with a CPython, `lock` keeps
//! what went in.
//!
//! What is read here was made here: the command that judges finished binaries is `linktab-verify`, and
//! neither knows the other.

#![forbid(unsafe_code)]

pub mod driver;

mod adopt;
mod application;
mod builds;
mod cache;
mod elf;
mod error;
mod hazards;
mod host;
mod in_house;
mod installed;
mod judge;
mod loadable;
mod lock;
mod modules;
mod object_file;
mod outcome;
mod process;
mod project;
mod python;
mod record;
mod remedies;
mod requirement_files;
mod resolve;
mod settings;
mod shims;
mod table;
mod toml_file;
mod uv_sources;
mod wheel;

pub use adopt::{Request, adopt, usual_python};
pub use application::{Application, Packing, Project, build};
pub use error::Error;
pub use outcome::{Module, Outcome, Package, State};
