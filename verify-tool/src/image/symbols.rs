//! Addresses and prefixes in, symbols out: the one question that later stages ask of symbol tables.
//!
//! No format lists all of its names for it. A crafted table of overlapping names makes that
//! quadratic: two megabytes took seconds.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use crate::bytes::{Blocks, Bytes};
use crate::error::Error;

/// What is asked of a symbol table.
pub(crate) struct Query<'q> {
    /// Wanted addresses, in ascending order.
    pub addresses: &'q [u64],
    /// Wanted beginnings of names.
    pub prefixes: &'q [&'q str],
}

impl Query<'_> {
    #[inline]
    pub fn wants(&self, address: u64) -> bool {
        // Most symbols are data, far from every function.
        let (Some(first), Some(last)) = (self.addresses.first(), self.addresses.last()) else { return false };
        (*first..=*last).contains(&address) && self.addresses.binary_search(&address).is_ok()
    }

    pub fn wants_name(&self, name: &[u8]) -> bool {
        self.prefixes.iter().any(|prefix| name.starts_with(prefix.as_bytes()))
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Symbol {
    /// As source code has it: without the underscore that Mach-O and 32-bit Windows put in front.
    /// Shared with the record whose init function it is.
    pub name: Arc<str>,
    /// `None`: defined elsewhere.
    pub address: Option<u64>,
    pub kind: SymbolKind,
    pub global: bool,
}

/// What a symbol says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SymbolKind {
    Function,
    Variable,
    /// Nothing, as labels of assembly.
    Unknown,
}

impl SymbolKind {
    /// For tables that tell functions alone.
    pub fn function_if(is_function: bool) -> SymbolKind {
        if is_function { SymbolKind::Function } else { SymbolKind::Unknown }
    }
}

/// A symbol that says how large it is.
pub(crate) struct SizedSymbol<'s> {
    /// Cut off where it is very long.
    pub name: &'s [u8],
    pub address: u64,
    pub size: u64,
    pub is_local: bool,
    /// Whether it names the source file of the local symbols behind it.
    pub is_file: bool,
}

/// The symbol tables of an image.
pub(crate) trait Symbols {
    /// All symbols that have a wanted address or a wanted name.
    fn find(&self, query: &Query<'_>) -> Result<Vec<Symbol>, Error>;

    /// Whether the image defines a symbol of that name for other images that are loaded.
    fn exports(&self, name: &str) -> Result<bool, Error>;

    /// Whether there is a table of local symbols: `false` for a stripped image.
    fn has_locals(&self) -> bool;

    /// Every symbol that the image defines, in the order of its table, where the format says how large symbols are.
    fn sized(&self, _take: &mut dyn FnMut(SizedSymbol<'_>)) -> Result<(), Error> {
        Ok(())
    }
}

/// Collects answers under a cap on their text.
pub(crate) struct Found<'d> {
    pub symbols: Vec<Symbol>,
    bytes: Bytes<'d>,
}

impl<'d> Found<'d> {
    pub fn new(bytes: Bytes<'d>) -> Found<'d> {
        Found { symbols: Vec::new(), bytes }
    }

    pub fn push(
        &mut self,
        name: &[u8],
        address: Option<u64>,
        kind: SymbolKind,
        global: bool,
    ) -> Result<(), Error> {
        self.bytes.spend_text((name.len() + size_of::<Symbol>()) as u64)?;
        // Almost every name is sound: that is told many bytes at a time.
        let name = match str::from_utf8(name) {
            Ok(name) => Arc::from(name),
            Err(_) => Arc::from(&*String::from_utf8_lossy(name)),
        };
        self.symbols.push(Symbol { name, address, kind, global });
        Ok(())
    }
}

/// Most libraries that a program names by far.
pub(crate) const MAX_NEEDED: usize = 4096;

/// Most bytes of symbols, or of their names, that are gone through.
pub(crate) const MAX_BYTES: u64 = 1 << 30;

/// Longest symbol name that is read. Mangled names of Rust reach some thousands of bytes.
const MAX_NAME: u64 = 8 << 10;

/// Reads the name at `offset` of a string table that ends at `end`, up to its NUL.
pub(crate) fn read_name(blocks: &Blocks<'_>, offset: u64, end: u64) -> Result<Vec<u8>, Error> {
    let mut name = Vec::with_capacity(STEP as usize);
    read_name_into(blocks, offset, end, &mut name)?;
    Ok(name)
}

/// Bytes of a name that are read at a time: most names have fewer.
const STEP: u64 = 64;

/// As [`read_name`], for whoever reads thousands of names and needs each for a moment.
#[inline]
pub(crate) fn read_name_into(
    blocks: &Blocks<'_>,
    offset: u64,
    end: u64,
    name: &mut Vec<u8>,
) -> Result<(), Error> {
    name.clear();
    let end = end.min(offset.saturating_add(MAX_NAME));
    let mut at = offset;
    while at < end {
        let take = (end - at).min(STEP);
        let seen = name.len();
        blocks.read("a symbol name", at, take, name)?;
        if let Some(nul) = memchr::memchr(0, name.get(seen..).unwrap_or_default()) {
            name.truncate(seen + nul);
            break;
        }
        at += take;
    }
    Ok(())
}

/// Offsets of all names in a string table that begin with a prefix, in order. A name may also be the
/// tail of another one.
pub(crate) fn names_with_prefix(
    bytes: Bytes<'_>,
    strings: &Range<u64>,
    prefixes: &[&str],
) -> Result<Vec<u32>, Error> {
    let len = strings.end.saturating_sub(strings.start);
    if len > MAX_BYTES {
        return Err(Error::limit("bytes of symbol names", MAX_BYTES));
    }
    let needles: Vec<&[u8]> = prefixes.iter().map(|prefix| prefix.as_bytes()).collect();
    let mut names = Vec::new();
    if needles.is_empty() {
        return Ok(names);
    }
    let range = strings.start..strings.start.saturating_add(len);
    bytes.find("symbol names", range, &needles, |at| {
        names.push(at as u32);
        if names.len() as u64 > bytes.limits().text / 16 {
            return Err(Error::limit("symbols of init functions", bytes.limits().text / 16));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    names.sort_unstable();
    names.dedup();
    Ok(names)
}
