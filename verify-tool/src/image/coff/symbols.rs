//! The symbol table of a COFF object or a PE image: addresses and prefixes in, symbols out.

use std::ops::{ControlFlow, Range};

use crate::bytes::{Blocks, Bytes};
use crate::error::Error;
use crate::image::Arch;
use crate::image::symbols::{Found, Query, Symbol, SymbolKind, Symbols, names_with_prefix, read_name};

/// A symbol table with its strings, which follow it.
pub struct CoffSymbols<'d> {
    bytes: Bytes<'d>,
    arch: Arch,
    /// Bytes in an entry: 18, or 20 in a big object.
    entry: u64,
    symbols: Range<u64>,
    strings: Range<u64>,
    /// Addresses of the sections, which symbols count from 1.
    bases: Vec<u64>,
    /// Whether C names have an underscore in front.
    has_underscore: bool,
}

/// What a symbol stands for.
pub enum Value {
    Address(u64),
    Elsewhere(String),
}

/// `IMAGE_SYM_CLASS_EXTERNAL` (PE format, "Storage Class").
const EXTERNAL: u8 = 2;

/// `IMAGE_SYM_DTYPE_FUNCTION` in the upper half of a type.
const FUNCTION: u16 = 2;

struct Entry<'a> {
    name: &'a [u8],
    value: u32,
    section: i32,
    kind: u16,
    class: u8,
    auxiliary: u8,
}

impl<'d> CoffSymbols<'d> {
    pub fn new(bytes: Bytes<'d>, arch: Arch, entry: u64, offset: u32, count: u32) -> Self {
        let start = u64::from(offset);
        let end = start.saturating_add(u64::from(count) * entry).min(bytes.size()).max(start);
        // Stripped images have neither symbols nor strings.
        let strings = if offset == 0 { 0..0 } else { end..bytes.size().max(end) };
        CoffSymbols {
            bytes,
            arch,
            entry,
            symbols: start..end,
            strings,
            bases: Vec::new(),
            has_underscore: false,
        }
    }

    pub fn with_bases(mut self, bases: Vec<u64>, is_64: bool) -> Self {
        self.bases = bases;
        self.has_underscore = !is_64;
        self
    }

    pub fn arch(&self) -> Arch {
        self.arch
    }

    pub fn bytes(&self) -> Bytes<'d> {
        self.bytes
    }

    /// A string by its offset, which counts the length in front of the strings.
    pub fn string(&self, blocks: &Blocks<'_>, offset: u64) -> Result<Vec<u8>, Error> {
        if self.strings.is_empty() {
            return Ok(Vec::new());
        }
        read_name(blocks, self.strings.start.saturating_add(offset), self.strings.end)
    }

    /// What a symbol stands for, by its number.
    pub fn value(&self, blocks: &Blocks<'_>, number: u32) -> Result<Value, Error> {
        let at = self.symbols.start + u64::from(number) * self.entry;
        if at >= self.symbols.end {
            return Err(Error::malformed(format!(
                "a relocation names symbol {number}, which does not exist"
            )));
        }
        let mut bytes = Vec::new();
        blocks.read("a symbol", at, self.entry, &mut bytes)?;
        let entry = self.parse(&bytes).ok_or_else(|| Error::malformed("a symbol is cut off"))?;
        match self.address(&entry) {
            Some(address) => Ok(Value::Address(address)),
            None => Ok(Value::Elsewhere(String::from_utf8_lossy(&self.name(&entry, blocks)?).into_owned())),
        }
    }

    fn parse<'a>(&self, bytes: &'a [u8]) -> Option<Entry<'a>> {
        let big = self.entry == 20;
        let arch = self.arch;
        let at = if big { 16 } else { 14 };
        let section = if big { arch.u32(bytes, 12)? as i32 } else { i32::from(arch.u16(bytes, 12)? as i16) };
        Some(Entry {
            name: bytes.get(..8)?,
            value: arch.u32(bytes, 8)?,
            section,
            kind: arch.u16(bytes, at)?,
            class: *bytes.get(at + 2)?,
            auxiliary: *bytes.get(at + 3)?,
        })
    }

    fn address(&self, entry: &Entry<'_>) -> Option<u64> {
        let index = usize::try_from(entry.section).ok()?.checked_sub(1)?;
        Some(self.bases.get(index)?.wrapping_add(entry.value.into()))
    }

    /// The offset of a name in the string table, if it is there.
    fn name_offset(&self, entry: &Entry<'_>) -> Option<u32> {
        entry.name.starts_with(&[0; 4]).then(|| self.arch.u32(entry.name, 4)).flatten()
    }

    fn name(&self, entry: &Entry<'_>, blocks: &Blocks<'_>) -> Result<Vec<u8>, Error> {
        let name = match self.name_offset(entry) {
            Some(offset) => self.string(blocks, offset.into())?,
            None => entry.name.split(|&byte| byte == 0).next().unwrap_or_default().to_vec(),
        };
        Ok(match name.strip_prefix(b"_") {
            Some(plain) if self.has_underscore => plain.to_vec(),
            _ => name,
        })
    }
}

impl Symbols for CoffSymbols<'_> {
    fn find(&self, query: &Query<'_>) -> Result<Vec<Symbol>, Error> {
        let mut found = Found::new(self.bytes);
        let names = names_with_prefix(self.bytes, &self.strings, query.prefixes)?;
        let blocks = Blocks::new(self.bytes);
        let shift = u64::from(self.has_underscore);
        // Auxiliary entries look like symbols, so that they have to be counted off.
        let mut skip = 0_u32;
        self.bytes.scan("symbols", self.symbols.clone(), self.entry, |_, chunk| {
            for bytes in chunk.chunks_exact(self.entry as usize) {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let Some(entry) = self.parse(bytes) else { continue };
                skip = entry.auxiliary.into();
                let address = self.address(&entry);
                let offset = self.name_offset(&entry).map(|offset| u64::from(offset) + shift);
                let is_named = match offset {
                    Some(offset) => {
                        u32::try_from(offset).is_ok_and(|offset| names.binary_search(&offset).is_ok())
                    }
                    None => query.wants_name(entry.name.get(shift as usize..).unwrap_or_default()),
                };
                // A section's own symbol is static and has auxiliary entries.
                let is_section = entry.class != EXTERNAL && entry.auxiliary > 0;
                if !is_section && (is_named || address.is_some_and(|address| query.wants(address))) {
                    let kind = SymbolKind::function_if(entry.kind >> 4 == FUNCTION);
                    found.push(&self.name(&entry, &blocks)?, address, kind, entry.class == EXTERNAL)?;
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found.symbols)
    }

    /// Windows looks for libraries by name, and no program there takes the place of one.
    fn exports(&self, _name: &str) -> Result<bool, Error> {
        Ok(false)
    }

    fn has_locals(&self) -> bool {
        !self.symbols.is_empty()
    }
}
