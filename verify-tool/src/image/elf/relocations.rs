//! Relocation tables in, pointers written into the record tables.
//!
//! | Case | The pointer is |
//! |---|---|
//! | RELA, relative | the addend. lld leaves the slot's bytes zero; GNU ld writes both, so that reading the bytes would pass there by luck (gABI, "Relocation") |
//! | REL, RELR, no relocation | the slot's bytes |
//! | against a symbol defined here | its value plus the addend |
//! | against an IFUNC defined here | what a resolver returns |
//! | against a symbol defined elsewhere | a name only |
//! | irelative | what a resolver returns, which only the loader knows |

use std::ops::ControlFlow;

use object::Endianness;
use object::elf::{self, RelocationType};
use object::pod::slice_from_all_bytes;
use object::read::elf::{Rel, Rela, Sym};

use super::dynamic::{Dynamic, Range};
use super::machine::{self, Meaning};
use super::{Elf, File};
use crate::bytes::Blocks;
use crate::error::Error;
use crate::image::symbols::read_name;
use crate::image::{Symbolic, Table};

/// Where relocations are, and the symbols that they name.
pub struct Source<'f, 'd> {
    pub rela: Vec<Range>,
    pub rel: Vec<Range>,
    pub symbols: Option<u64>,
    pub strings: Option<Range>,
    /// Addresses of the sections of an un-linked object; empty for linked images, whose symbols
    /// hold addresses already.
    pub bases: Vec<u64>,
    /// For an un-linked object, `SHT_SYMTAB_SHNDX`: section numbers that do not fit into a symbol.
    pub extended: Option<Range>,
    /// Whether there are libraries that undefined symbols may come from.
    pub has_library: bool,
    pub blocks: &'f Blocks<'d>,
}

/// Most bytes of relocations that are gone through: a gigabyte holds 45 million.
const MAX_BYTES: u64 = 1 << 30;

impl<'f, 'd> Source<'f, 'd> {
    pub fn of_linked(dynamic: &Dynamic, blocks: &'f Blocks<'d>) -> Self {
        Source {
            rela: dynamic.rela.clone(),
            rel: dynamic.rel.clone(),
            symbols: dynamic.symbols,
            strings: dynamic.strings.clone(),
            bases: Vec::new(),
            extended: None,
            has_library: dynamic.has_library,
            blocks,
        }
    }
}

/// One relocation, whatever its table.
struct Relocation {
    /// Offset in the record table.
    offset: u64,
    kind: RelocationType,
    symbol: u32,
    /// `None`: the addend is in the slot.
    addend: Option<i64>,
}

/// Applies every relocation that lies within a table.
pub fn apply<E: Elf>(file: &File<'_, E>, source: &Source<'_, '_>, table: &mut Table) -> Result<(), Error> {
    let end = table.bytes.len() as u64;
    // In an un-linked object, relocation offsets count from the section's start.
    let start = if source.bases.is_empty() { table.address } else { 0 };
    for range in &source.rela {
        scan::<E, E::Rela>(file, range, |entry| {
            let offset: u64 = entry.r_offset(file.endian).into();
            let relocation = Relocation {
                offset: offset.wrapping_sub(start),
                kind: entry.r_type(file.endian, false),
                symbol: entry.r_sym(file.endian, false),
                addend: Some(entry.r_addend(file.endian).into()),
            };
            if relocation.offset < end { apply_one(file, source, table, &relocation) } else { Ok(()) }
        })?;
    }
    for range in &source.rel {
        scan::<E, E::Rel>(file, range, |entry| {
            let offset: u64 = entry.r_offset(file.endian).into();
            let relocation = Relocation {
                offset: offset.wrapping_sub(start),
                kind: entry.r_type(file.endian),
                symbol: entry.r_sym(file.endian),
                addend: None,
            };
            if relocation.offset < end { apply_one(file, source, table, &relocation) } else { Ok(()) }
        })?;
    }
    table.sort();
    Ok(())
}

fn scan<E: Elf, T: object::pod::Pod>(
    file: &File<'_, E>,
    range: &Range,
    mut each: impl FnMut(&T) -> Result<(), Error>,
) -> Result<(), Error> {
    if range.end - range.start > MAX_BYTES {
        return Err(Error::limit("bytes of relocations", MAX_BYTES));
    }
    let entry = size_of::<T>() as u64;
    let len = (range.end - range.start) / entry * entry;
    file.bytes.scan("relocations", range.start..range.start + len, entry, |_, chunk| {
        for relocation in slice_from_all_bytes::<T>(chunk).unwrap_or_default() {
            each(relocation)?;
        }
        Ok(ControlFlow::Continue(()))
    })
}

fn apply_one<E: Elf>(
    file: &File<'_, E>,
    source: &Source<'_, '_>,
    table: &mut Table,
    relocation: &Relocation,
) -> Result<(), Error> {
    let arch = file.arch;
    let at = relocation.offset as usize;
    let Some(meaning) = machine::meaning(file.machine(), arch.pointer == 8, relocation.kind) else {
        table.symbolic.push((relocation.offset, Symbolic::Unknown { kind: relocation.kind.0 }));
        return Ok(());
    };
    let in_place = arch.word(&table.bytes, at).ok_or_else(|| {
        Error::malformed("a relocation sticks out of the section").at_offset(relocation.offset)
    })?;
    let addend = relocation.addend.map_or(in_place, |addend| addend as u64);
    match meaning {
        Meaning::None => {}
        Meaning::Relative => {
            arch.put_word(&mut table.bytes, at, addend);
        }
        Meaning::Resolver => table.symbolic.push((relocation.offset, Symbolic::Resolver(arch.wrap(addend)))),
        Meaning::Absolute => match symbol(file, source, relocation.symbol)? {
            Value::Address(address) => {
                arch.put_word(&mut table.bytes, at, address.wrapping_add(addend));
            }
            Value::Resolver(address) => {
                let resolver = Symbolic::Resolver(arch.wrap(address.wrapping_add(addend)));
                table.symbolic.push((relocation.offset, resolver));
            }
            Value::Elsewhere(name) => {
                let import = Symbolic::Import { name, has_library: source.has_library };
                table.symbolic.push((relocation.offset, import));
            }
        },
    }
    Ok(())
}

enum Value {
    Address(u64),
    /// That of an IFUNC, which tells the address of another function.
    Resolver(u64),
    Elsewhere(String),
}

/// Bytes of `Elf64_Sym`; `Elf32_Sym` has fewer (gABI, "Symbol Table").
const LONGEST_SYMBOL: usize = 24;

/// Reads one symbol by its number.
fn symbol<E: Elf>(file: &File<'_, E>, source: &Source<'_, '_>, index: u32) -> Result<Value, Error> {
    if index == 0 {
        return Ok(Value::Address(0));
    }
    let table =
        source.symbols.ok_or_else(|| Error::malformed("a relocation names a symbol, but there are none"))?;
    let size = size_of::<E::Sym>();
    let mut bytes = [0; LONGEST_SYMBOL];
    let bytes = bytes.get_mut(..size).unwrap_or_default();
    source.blocks.fill("a symbol", table.saturating_add(u64::from(index) * size as u64), bytes)?;
    let (symbol, _) =
        object::pod::from_bytes::<E::Sym>(bytes).map_err(|()| Error::malformed("a symbol is cut off"))?;
    let value: u64 = symbol.st_value(file.endian).into();
    let here = if symbol.st_type() == elf::STT_GNU_IFUNC { Value::Resolver } else { Value::Address };
    let section = section_number(file.endian, source, index, symbol)?;
    match section {
        Some(0) => {
            let strings = source.strings.as_ref().map_or(0..0, |range| range.start..range.end);
            let at = strings.start.saturating_add(u64::from(symbol.st_name(file.endian)));
            let name = read_name(source.blocks, at, strings.end)?;
            Ok(Value::Elsewhere(String::from_utf8_lossy(&name).into_owned()))
        }
        Some(section) if !source.bases.is_empty() => {
            let base = source.bases.get(section).copied().filter(|&base| base != 0).ok_or_else(|| {
                Error::malformed(format!("symbol {index} lies in section {section}, which is not loaded"))
            })?;
            Ok(here(base.wrapping_add(value)))
        }
        _ => Ok(here(value)),
    }
}

/// The number of a symbol's section: 0 when it is undefined, `None` when it is absolute.
fn section_number<S: Sym<Endian = Endianness>>(
    endian: Endianness,
    source: &Source<'_, '_>,
    index: u32,
    symbol: &S,
) -> Result<Option<usize>, Error> {
    match symbol.st_shndx(endian) {
        elf::SHN_ABS => Ok(None),
        // Storage that the linker has yet to allocate.
        elf::SHN_COMMON => Ok(Some(0)),
        elf::SHN_XINDEX => {
            let table = source.extended.as_ref().ok_or_else(|| {
                Error::malformed(format!(
                    "symbol {index} wants an extended section number, but there are none"
                ))
            })?;
            let mut number = Vec::new();
            source.blocks.read("a section number", table.start + 4 * u64::from(index), 4, &mut number)?;
            let number = number.try_into().map(|bytes| match endian {
                Endianness::Little => u32::from_le_bytes(bytes),
                Endianness::Big => u32::from_be_bytes(bytes),
            });
            Ok(Some(number.unwrap_or(0) as usize))
        }
        number => Ok(Some(usize::from(number.0))),
    }
}
