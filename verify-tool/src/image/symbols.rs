//! Addresses and prefixes in, symbols out: the one question that later stages ask of symbol tables.
//!
//! No format lists all of its names for it. A crafted table of overlapping names makes that
//! quadratic: two megabytes took seconds.

use crate::bytes::Blocks;
use crate::error::Error;

/// What is asked of a symbol table.
pub(crate) struct Query<'q> {
    /// Wanted addresses, in ascending order.
    pub addresses: &'q [u64],
    /// Wanted beginnings of names.
    pub prefixes: &'q [&'q str],
}

impl Query<'_> {
    pub fn wants(&self, address: u64) -> bool {
        self.addresses.binary_search(&address).is_ok()
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Symbol {
    /// As source code has it: without the underscore that Mach-O and 32-bit Windows put in front.
    pub name: String,
    /// `None`: defined elsewhere.
    pub address: Option<u64>,
    pub function: bool,
    pub global: bool,
}

/// The symbol tables of an image.
pub(crate) trait Symbols {
    /// All symbols that have a wanted address or a wanted name.
    fn find(&self, query: &Query<'_>) -> Result<Vec<Symbol>, Error>;

    /// Whether there is a table of local symbols: `false` for a stripped image.
    fn has_locals(&self) -> bool;
}

/// Collects answers under a cap on their text.
pub(crate) struct Found {
    pub symbols: Vec<Symbol>,
    left: u64,
    limit: u64,
}

impl Found {
    pub fn new(limit: u64) -> Found {
        Found { symbols: Vec::new(), left: limit, limit }
    }

    pub fn push(
        &mut self,
        name: &[u8],
        address: Option<u64>,
        function: bool,
        global: bool,
    ) -> Result<(), Error> {
        let cost = (name.len() + size_of::<Symbol>()) as u64;
        self.left =
            self.left.checked_sub(cost).ok_or_else(|| Error::limit("bytes of symbol names", self.limit))?;
        let name = String::from_utf8_lossy(name).into_owned();
        self.symbols.push(Symbol { name, address, function, global });
        Ok(())
    }
}

/// Longest symbol name that is read. Mangled names of Rust reach some thousands of bytes.
const MAX_NAME: u64 = 8 << 10;

/// Reads the name at `offset` of a string table that ends at `end`, up to its NUL.
pub(crate) fn read_name(blocks: &Blocks<'_>, offset: u64, end: u64) -> Result<Vec<u8>, Error> {
    let mut name = Vec::new();
    let mut at = offset;
    let end = end.min(offset.saturating_add(MAX_NAME));
    while at < end {
        let take = (end - at).min(64);
        blocks.read("a symbol name", at, take, &mut name)?;
        if let Some(nul) = memchr::memchr(0, &name) {
            name.truncate(nul);
            break;
        }
        at += take;
    }
    Ok(name)
}
