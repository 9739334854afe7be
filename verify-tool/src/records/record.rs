//! [`Record`]: one registered extension, as data.

use std::sync::Arc;

pub use linktab::Phase;

use super::text::Text;

/// One registered extension, as the image holds it. Kept small: an image may hold a million.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Position in the section.
    pub slot: u32,
    /// The full dotted name.
    pub name: Text,
    /// How the init function answers.
    pub phase: Phase,
    /// Whether the extension is itself a package.
    pub package: bool,
    /// The init function or export hook.
    pub init: Init,
    /// The symbol at the init function's address, if any.
    pub symbol: Option<Arc<str>>,
    /// Package, version, file and line, one in each line.
    pub origin: Text,
    /// `PY_VERSION_HEX` that it was compiled for, 0: the executable's own.
    pub python: u32,
    /// See `linktab::layout::build_flags`.
    pub build_flags: u32,
    /// Which of [`Facts::tables`](super::Facts::tables) holds it.
    pub table: u32,
}

impl Record {
    /// The origin in parts.
    #[must_use]
    pub fn origin(&self) -> linktab::Origin<'_> {
        linktab::Origin::parse(&self.origin)
    }
}

/// Where an init function is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Init {
    /// Nowhere: the pointer is null.
    Null,
    /// At an address of this image.
    Address {
        /// The address. In an un-linked object it is made up.
        address: u64,
        /// Whether the processor may execute it.
        executable: bool,
    },
    /// In another file.
    Import {
        /// The symbol. Few are imported, and all shall be small.
        symbol: Arc<String>,
        /// Whether the image names a library that it may come from.
        has_library: bool,
    },
    /// Wherever the function at this address says (IFUNC).
    Resolver(u64),
}
