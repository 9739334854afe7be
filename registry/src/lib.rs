//! Statically linked Python extensions, registered where they are written and indexed where they
//! are used.
//!
//! An application that ships as one executable links CPython and its extensions into it. Something
//! has to map `pkg._native` to an init function. Here that is no list: each extension puts a
//! [`Record`] into one linker section, next to its own code, and [`Registry::global`] indexes that
//! section once. The crate `linktab-finder` imports from it, and the command `linktab` reads it out
//! of the finished binary.
//!
//! - Rust: [`extension_module`] on the init function or the `#[pymodule]`, [`extern_module!`] for a
//!   foreign init function.
//! - C and C++: `LINKTAB_MODULE` in `linktab.h`, whose folder build scripts of direct dependents
//!   find in `DEP_LINKTAB_INCLUDE`.
//!
//! # Cost, and the rival
//!
//! A record is 64 bytes, plus two or three relocations in a position-independent executable. The
//! index, a sorted one, costs one pass over the section and 8 to 16 bytes a record, twice that from 16,383
//! records on. For a handful of undotted names, CPython's own `PyImport_ExtendInittab` is enough.
//!
//! # Features
//!
//! `section` (default) holds all of this. Without it only [`layout`], [`hash`](mod@hash), [`Phase`] and
//! [`Origin`] remain, for tools that read records out of files.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod hash;
pub mod layout;

mod origin;
mod phase;

#[cfg(feature = "section")]
mod defect;
#[cfg(feature = "section")]
mod error;
#[cfg(feature = "section")]
mod index;
#[cfg(feature = "section")]
mod ordered;
#[cfg(feature = "section")]
mod packages;
#[cfg(feature = "section")]
mod parts;
#[cfg(feature = "section")]
mod record;
#[cfg(feature = "section")]
mod register;
#[cfg(feature = "section")]
mod registry;
#[cfg(feature = "section")]
mod section;
#[cfg(feature = "section")]
mod spelling;

pub use origin::Origin;
pub use phase::Phase;

#[cfg(feature = "section")]
pub use {
    defect::Defect,
    error::{Problem, RegistryError},
    linktab_macros::{extension_module, extern_module},
    record::{InitFunction, Record},
    registry::Registry,
};

/// What the macros expand to. Not part of the public interface.
#[cfg(feature = "section")]
#[doc(hidden)]
pub mod __private {
    pub use crate::phase::Phase;
    pub use crate::record::Record;
    pub use crate::register::{erase, found, register, wheel_export};
    pub use crate::section::LINKTAB;
    pub use core::{concat, env, file, line, option_env, stringify};
    pub use linkme;
}
