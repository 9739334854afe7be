//! A request in, a CPython that can be linked into an executable out: [`find()`].
//!
//! In this order: what is named; what is on `PATH`, in the system, and in the folders of those who manage
//! versions (pyenv, uv, conda); packages of Debian or Ubuntu, unpacked where the caller says. Nothing is
//! believed: each library is linked into a program, and that is started.

#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod apt;
#[doc(hidden)]
pub mod files;
#[doc(hidden)]
pub mod needed;
#[doc(hidden)]
pub mod process;

mod advice;
mod candidates;
mod command;
mod config_file;
mod distribution;
mod driver;
mod error;
mod every;
mod find;
mod interpreter;
mod link;
mod probe;
mod project;
mod python;
mod releases;
mod root;
mod search;

pub use command::{Asked, command};
pub use driver::Driver;
pub use error::{Error, Result};
pub use every::{Choice, Every, every};
pub use find::{Fetch, Library, Request, find, list};
pub use interpreter::{Interpreter, Version};
pub use link::{Kind, Link};
pub use project::Project;
pub use python::{Found, Python};
pub use releases::{Build, SUPPORTED};
pub use search::{Folders, Tried};
