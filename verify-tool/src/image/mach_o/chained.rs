//! Chained fixups in, pointers written into a record table.
//!
//! Every pointer holds its target and the distance to the next one. Only the pages of the table are
//! walked, by hand: `object` wants the whole segment in memory. Formats from dyld's
//! `mach-o/fixup-chains.h`:
//!
//! | Format | Target |
//! |---|---|
//! | 2 `PTR_64` | low 36 bits: address |
//! | 6 `PTR_64_OFFSET` | low 36 bits: offset from `__TEXT` |
//! | 1 `ARM64E` | signed: low 32 bits, offset; else low 43 bits: address |
//! | 9 `ARM64E_USERLAND`, 12 `ARM64E_USERLAND24` | signed: low 32 bits; else low 43 bits; both offsets |
//! | bind | low 24 bits (16 in formats 1 and 9): number of the import |

use object::Endianness;
use object::macho::{self, LinkeditDataCommand};
use object::pod::from_bytes;
use object::read::macho::DyldChainedFixups;

use super::imports::{self, Bind};
use super::{File, malformed};
use crate::bytes::Blocks;
use crate::error::Error;
use crate::image::Table;
use crate::image::symbols::read_name;

/// What a page's start says when the page has no fixups.
const NO_FIXUPS: u64 = 0xffff;

/// The pointers of one segment.
struct Chain {
    format: Format,
    /// Address of the segment.
    start: u64,
    /// Offset of the segment in the file.
    offset: u64,
    page_size: u64,
    /// File offset of the array of page starts.
    starts: u64,
    pages: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Ptr64 { offset: bool },
    Arm64e { offset: bool, wide_ordinal: bool },
}

enum Target {
    Address(u64),
    Import(u64),
}

impl Format {
    fn parse(number: u16) -> Result<Format, Error> {
        match number {
            1 => Ok(Format::Arm64e { offset: false, wide_ordinal: false }),
            2 => Ok(Format::Ptr64 { offset: false }),
            6 => Ok(Format::Ptr64 { offset: true }),
            9 => Ok(Format::Arm64e { offset: true, wide_ordinal: false }),
            12 => Ok(Format::Arm64e { offset: true, wide_ordinal: true }),
            other => Err(Error::unsupported(format!(
                "chained fixups have pointer format {other}; formats 1, 2, 6, 9 and 12 are read: link with \
                 `-Wl,-no_fixup_chains`"
            ))),
        }
    }

    fn target(self, pointer: u64, base: u64) -> Target {
        let low = |bits: u32| pointer & ((1 << bits) - 1);
        match self {
            Format::Ptr64 { .. } if pointer >> 63 == 1 => Target::Import(low(24)),
            Format::Ptr64 { offset } => Target::Address(low(36).wrapping_add(if offset { base } else { 0 })),
            Format::Arm64e { wide_ordinal, .. } if pointer >> 62 & 1 == 1 => {
                Target::Import(low(if wide_ordinal { 24 } else { 16 }))
            }
            Format::Arm64e { .. } if pointer >> 63 == 1 => Target::Address(low(32).wrapping_add(base)),
            Format::Arm64e { offset, .. } => {
                Target::Address(low(43).wrapping_add(if offset { base } else { 0 }))
            }
        }
    }

    /// Bytes to the next pointer of the page, 0 at its end.
    fn next(self, pointer: u64) -> u64 {
        match self {
            Format::Ptr64 { .. } => (pointer >> 51 & 0xfff) * 4,
            Format::Arm64e { .. } => (pointer >> 51 & 0x7ff) * 8,
        }
    }
}

pub fn apply(
    file: &File<'_>,
    command: &LinkeditDataCommand<Endianness>,
    blocks: &Blocks<'_>,
    table: &mut Table,
) -> Result<(), Error> {
    let Some(chain) = chain(file, command, table.address)? else { return Ok(()) };
    if chain.page_size == 0 {
        return Err(Error::malformed("chained fixups have pages of 0 bytes"));
    }
    let end = table.address.saturating_add(table.bytes.len() as u64);
    let first = (table.address - chain.start) / chain.page_size;
    // A decoded pointer no longer says where the next one is.
    let original = table.bytes.clone();
    let mut binds = Vec::new();
    for page in first..chain.pages {
        let address = chain.start.saturating_add(page * chain.page_size);
        if address >= end {
            break;
        }
        let start = number(file, blocks, chain.starts + 2 * page, 2)?;
        if start != NO_FIXUPS {
            let walk = Walk { file, command, blocks, chain: &chain, original: &original };
            walk.page(table, &mut binds, address, address.saturating_add(start))?;
        }
    }
    imports::settle(file, binds, table)
}

struct Walk<'f, 'd> {
    file: &'f File<'d>,
    command: &'f LinkeditDataCommand<Endianness>,
    blocks: &'f Blocks<'d>,
    chain: &'f Chain,
    original: &'f [u8],
}

impl Walk<'_, '_> {
    /// Walks one page from its first pointer on.
    fn page(&self, table: &mut Table, binds: &mut Vec<Bind>, page: u64, first: u64) -> Result<(), Error> {
        let Walk { file, command, blocks, chain, original } = *self;
        let mut at = first;
        // Chains only go forward, so that a page ends after at most as many steps as it has pointers.
        while at < page.saturating_add(chain.page_size) {
            let in_table = at.checked_sub(table.address).filter(|&offset| offset < original.len() as u64);
            let pointer = match in_table.and_then(|offset| file.arch.u64(original, offset as usize)) {
                Some(pointer) => pointer,
                None => number(file, blocks, chain.offset.saturating_add(at - chain.start), 8)?,
            };
            if let Some(offset) = in_table {
                match chain.format.target(pointer, file.base()) {
                    Target::Address(address) => {
                        file.arch.put_word(&mut table.bytes, offset as usize, address);
                    }
                    Target::Import(ordinal) => {
                        binds.push(Bind { offset, ..import(file, command, blocks, ordinal)? });
                    }
                }
            }
            match chain.format.next(pointer) {
                0 => break,
                distance => at += distance,
            }
        }
        Ok(())
    }
}

/// The chain of the segment that holds an address. `None`: the segment has no fixups.
fn chain(
    file: &File<'_>,
    command: &LinkeditDataCommand<Endianness>,
    address: u64,
) -> Result<Option<Chain>, Error> {
    let endian = file.endian;
    let position = |segment: &super::MachSegment| {
        address.checked_sub(segment.address).is_some_and(|distance| distance < segment.size)
    };
    let index = file
        .segments
        .iter()
        .position(position)
        .ok_or_else(|| Error::malformed("the record section lies outside every segment"))?;
    let start = u64::from(command.dataoff.get(endian));
    let data = file.bytes.read("chained fixups", start, command.datasize.get(endian).into())?;
    let what = "chained fixups";
    let fixups = DyldChainedFixups::parse(endian, data).map_err(|error| malformed(what, error))?;
    let starts = fixups.header().starts_offset.get(endian) as usize;
    let rest = data.get(starts..).unwrap_or_default();
    let count = file.arch.u32(rest, 0).ok_or_else(|| Error::malformed("chained fixups are cut off"))?;
    if index >= count as usize {
        return Ok(None);
    }
    let offset =
        file.arch.u32(rest, 4 + 4 * index).ok_or_else(|| Error::malformed("chained fixups are cut off"))?;
    if offset == 0 {
        return Ok(None);
    }
    let header = rest.get(offset as usize..).unwrap_or_default();
    let (header, _) = from_bytes::<macho::DyldChainedStartsInSegment<Endianness>>(header)
        .map_err(|()| Error::malformed("chained fixups are cut off"))?;
    // The array of page starts follows the fields of 22 bytes.
    let array = starts as u64 + u64::from(offset) + 22;
    Ok(Some(Chain {
        format: Format::parse(header.pointer_format.get(endian).0)?,
        start: file.segments.get(index).map_or(0, |segment| segment.address),
        offset: file.segments.get(index).map_or(0, |segment| segment.offset),
        page_size: header.page_size.get(endian).into(),
        starts: start.saturating_add(array),
        pages: header.page_count.get(endian).into(),
    }))
}

/// What an import says.
fn import(
    file: &File<'_>,
    command: &LinkeditDataCommand<Endianness>,
    blocks: &Blocks<'_>,
    ordinal: u64,
) -> Result<Bind, Error> {
    let endian = file.endian;
    let start = u64::from(command.dataoff.get(endian));
    let end = start + u64::from(command.datasize.get(endian));
    let mut header = Vec::new();
    blocks.read("chained fixups", start, 28, &mut header)?;
    let field = |index: usize| u64::from(file.arch.u32(&header, 4 * index).unwrap_or(0));
    let (imports, symbols, count, format) = (field(2), field(3), field(4), field(5));
    if ordinal >= count {
        return Err(Error::malformed(format!("a pointer names import {ordinal}, but there are {count}")));
    }
    // DYLD_CHAINED_IMPORT, _ADDEND and _ADDEND64: sizes, bits of the library's number, in front of the one
    // for `weak_import`, and where the name's offset is.
    let (size, library_bits, shift) = match format {
        1 => (4, 8, 9),
        2 => (8, 8, 9),
        3 => (16, 16, 32),
        other => {
            return Err(Error::unsupported(format!("chained imports have format {other}; 1 to 3 are read")));
        }
    };
    let entry = number(file, blocks, start + imports + ordinal * size, if size == 16 { 8 } else { 4 })?;
    // The last fifteen numbers are negative ones, which stand for no library.
    let (numbers, library) = (1_i32 << library_bits, (entry & ((1 << library_bits) - 1)) as i32);
    let library = if library > numbers - 16 { library - numbers } else { library };
    let name = read_name(blocks, start + symbols + (entry >> shift), end)?;
    let name = String::from_utf8_lossy(&name);
    let name = name.strip_prefix('_').unwrap_or(&name).to_owned();
    Ok(Bind { offset: 0, name, library, weak: entry >> library_bits & 1 == 1 })
}

/// A little-endian number of 2, 4 or 8 bytes in the file.
fn number(file: &File<'_>, blocks: &Blocks<'_>, offset: u64, len: u64) -> Result<u64, Error> {
    let mut bytes = Vec::with_capacity(8);
    blocks.read("chained fixups", offset, len, &mut bytes)?;
    bytes.resize(8, 0);
    Ok(file.arch.u64(&bytes, 0).unwrap_or(0))
}
