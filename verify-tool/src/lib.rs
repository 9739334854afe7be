//! Reads finished binaries and proves that each statically linked Python extension is there, once.
//!
//! One straight line: bytes → image → records → findings → report. A stage knows the one before it
//! and no other; a test reads the `use` lines and holds the files to it.
//!
//! | Stage | File | In | Out |
//! |---|---|---|---|
//! | bytes | `bytes` | a path | ranges of a file, read in pieces |
//! | image | `image` | bytes | record tables with every pointer filled in |
//! | records | `records` | an image | [`Inventory`]: records, defects, facts |
//! | findings | `findings` | inventories, and what is [`Expected`] | [`Finding`]s |
//! | report | `report` | findings | words |
//!
//! The bytes are hostile: no stage indexes without a check, adds without one, or allocates what a
//! header asks for ([`Limits`]).
//!
//! ```
//! use linktab_verify::{Expected, ExpectedName, Limits, check, read};
//!
//! // This program registers nothing.
//! let outcome = read(&std::env::current_exe()?, &Limits::default());
//! assert!(outcome.errors.is_empty());
//! let name = ExpectedName { name: "acme.geo".to_owned(), place: None };
//! let mut expected = Expected::default();
//! expected.names.push(name);
//! let findings = check(&outcome.inventories, &expected);
//! assert!(findings.iter().any(|finding| finding.modules == ["acme.geo"]));
//! # Ok::<(), std::io::Error>(())
//! ```

#![forbid(unsafe_code)]

mod bytes;
mod code;
mod error;
mod expected;
mod findings;
mod image;
mod limits;
mod paths;
mod pipeline;
mod plain;
mod records;
mod report;
mod sizes;
mod texts;

pub mod commands;
pub mod needs;

pub use error::{Error, ErrorCode, Kind};
pub use expected::config::Config;
pub use expected::lock::{Lock, LockedModule, registered_by};
pub use expected::{CrateName, Expected, ExpectedName, Python, SharedFeature, Suppression, Unified};
pub use findings::{Code, Finding, Level, Location, check};
pub use limits::Limits;
pub use pipeline::{Outcome, read, read_bytes};
pub use records::{
    Defect, DefectKind, Facts, Format, Frozen, Hook, ImageKind, Init, Inventory, Packed, Phase, Record,
    TableFacts, Text, marker_name,
};
pub use report::{OutputFormat, Report, Sources};
pub use sizes::{PackageSize, SymbolSize};
