//! Python objects as Rust values, and tables as CPython takes them.
//!
//! Every other file is written against these types and stays free of reference counts.

pub mod table;

mod attached;
mod dictionary;
mod exception;
mod frames;
mod instance;
mod reference;
mod version;

pub use exception::Kind;
pub use frames::Asking;
pub use instance::{Place, ROWS};
pub use reference::{Attached, Borrowed, Owned, Raised, Result};
pub use version::Version;
