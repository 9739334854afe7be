//! LLVM bitcode in, the symbols that it will define out. It has no sections yet.
//!
//! Behind the code lie a symbol table for linkers and a block of strings (LLVM, "Bitcode File Format";
//! `llvm/Object/IRSymtab.h`). Both are found by walking over the outermost blocks, without a look into
//! the code.

use super::Part;
use super::lto::Intermediate;
use crate::bytes::Bytes;
use crate::error::Error;

/// Bare, and in its wrapper (LLVM, "Bitcode File Format", Magic Numbers and Wrapper).
const MAGIC: [[u8; 4]; 2] = [*b"BC\xc0\xde", [0xde, 0xc0, 0x17, 0x0b]];

/// Numbers of the two blocks.
const STRINGS: u64 = 23;
const SYMBOLS: u64 = 25;

/// The last version of the symbol table that is known here.
const VERSION: u32 = 3;

/// Bytes of a symbol: two names of offset and length, a number, flags.
const SYMBOL: usize = 24;

/// Bits of the flags.
const HAS_MORE: u32 = 1 << 2;
const IS_UNDEFINED: u32 = 1 << 3;

/// Most blocks that are walked over: a module, its symbols, its strings, and little else.
const MAX_BLOCKS: usize = 10_000;

pub fn is_bitcode(bytes: Bytes<'_>) -> bool {
    let mut start = [0; 4];
    bytes.read_some_at(0, &mut start).is_ok() && begins(&start)
}

pub fn begins(start: &[u8]) -> bool {
    MAGIC.iter().any(|magic| start.starts_with(magic))
}

/// Parses a file or a member. `index` is what the archive's index says that it defines.
pub fn parse<'d>(
    bytes: Bytes<'_>,
    label: Option<String>,
    index: Option<&Intermediate>,
) -> Result<Part<'d>, Error> {
    match (symbols(bytes), index) {
        (Ok(code), _) => Ok(Part::Bitcode { label, code }),
        // An index that was made without a plugin names nothing of such a member.
        (Err(_), Some(index)) => Ok(Part::Bitcode { label, code: index.clone() }),
        (Err(error), None) => Err(error.in_file("", label.as_deref())),
    }
}

fn symbols(bytes: Bytes<'_>) -> Result<Intermediate, Error> {
    let bytes = unwrap(bytes)?;
    let mut found = Intermediate::default();
    let (mut table, mut is_found) = (None, false);
    let mut at = 4;
    for _ in 0..MAX_BLOCKS {
        // At the end there may be zeros, which make the length a multiple of some number.
        let Some(block) = Block::read(bytes, at)? else {
            let missing = || {
                Error::unsupported(
                    "this is LLVM bitcode without a table of symbols: compile without LTO, or with LLVM 5 or later",
                )
            };
            return is_found.then_some(found).ok_or_else(missing);
        };
        match block.number {
            SYMBOLS => table = Some(block.blob(bytes)?),
            STRINGS => {
                if let Some(table) = table.take() {
                    let strings = block.blob(bytes)?;
                    Table { file: bytes, table: &table, strings: &strings }.collect(&mut found)?;
                    is_found = true;
                }
            }
            _ => {}
        }
        at = block.end;
    }
    Err(Error::limit("blocks of bitcode", MAX_BLOCKS as u64))
}

/// What is in the wrapper: the offset and the size are its third and fourth word.
fn unwrap(bytes: Bytes<'_>) -> Result<Bytes<'_>, Error> {
    let mut header = [0; 16];
    if bytes.size() < 16 {
        return Ok(bytes);
    }
    bytes.read_some_at(0, &mut header)?;
    if header.starts_with(&MAGIC[0]) {
        return Ok(bytes);
    }
    let (offset, size) = (word(&header, 2).unwrap_or(0), word(&header, 3).unwrap_or(0));
    bytes.sub("bitcode", offset.into(), size.into())
}

fn word(bytes: &[u8], index: usize) -> Option<u32> {
    let at = index.checked_mul(4)?;
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

/// An outermost block.
struct Block {
    number: u64,
    /// Bits of the numbers that say what follows.
    width: u32,
    start: u64,
    end: u64,
}

/// Bytes in front of a block: at most 2 + 24 + 24 bits, then its length from the next word on.
const HEADER: u64 = 12;

impl Block {
    /// Reads the block at an offset, or `None` at the end.
    fn read(bytes: Bytes<'_>, at: u64) -> Result<Option<Block>, Error> {
        let len = bytes.size().saturating_sub(at).min(HEADER);
        let mut header = [0; HEADER as usize];
        let Some(header) = header.get_mut(..len as usize) else { return Ok(None) };
        bytes.read_some_at(at, header)?;
        let mut bits = Bits { bytes: header, at: 0 };
        let begins = bits.take(2);
        if begins.is_none_or(|kind| kind == 0) {
            return Ok(None);
        }
        let read = |bits: &mut Bits<'_>| {
            let (number, width) = (bits.variable(8)?, bits.variable(4)?);
            bits.align();
            Some((number, width, bits.take(32)?, bits.at as u64 / 8))
        };
        // 1: a block begins.
        let block = if begins == Some(1) { read(&mut bits) } else { None };
        let Some((number, width, words, header)) = block else {
            return Err(Error::malformed("bitcode: expected a block").at_offset(at));
        };
        let start = at + header;
        let width = u32::try_from(width).ok().filter(|width| (2..=32).contains(width));
        let width = width.ok_or_else(|| Error::malformed("bitcode: a block of no width").at_offset(at))?;
        Ok(Some(Block { number, width, start, end: start.saturating_add(words * 4) }))
    }

    /// The bytes that are all there is in the block: one record, whose form stands before it.
    fn blob(&self, bytes: Bytes<'_>) -> Result<Vec<u8>, Error> {
        let block = bytes.read_owned("bitcode", self.start, self.end - self.start)?;
        let mut bits = Bits { bytes: &block, at: 0 };
        let blob = bits.blob(self.width).map(<[u8]>::to_vec);
        blob.ok_or_else(|| Error::malformed("bitcode: expected a block of bytes").at_offset(self.start))
    }
}

/// Bits from the lowest of each byte on.
struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Bits<'b> {
    fn take(&mut self, count: u32) -> Option<u64> {
        let mut value = 0;
        for index in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value |= u64::from(byte >> (self.at % 8) & 1) << index;
            self.at += 1;
        }
        Some(value)
    }

    /// A number in pieces, whose highest bit says whether there is another.
    fn variable(&mut self, width: u32) -> Option<u64> {
        let mut value = 0_u64;
        let mut shift = 0;
        loop {
            let piece = self.take(width)?;
            let more = 1 << (width - 1);
            value |= (piece & (more - 1)).checked_shl(shift)?;
            if piece & more == 0 {
                return Some(value);
            }
            shift += width - 1;
        }
    }

    fn align(&mut self) {
        self.at = self.at.next_multiple_of(32);
    }

    fn blob(&mut self, width: u32) -> Option<&'b [u8]> {
        loop {
            match self.take(width)? {
                // The form of the records that follow: literals, and encodings of which some have a width.
                2 => {
                    for _ in 0..self.variable(5)? {
                        if self.take(1)? == 1 {
                            self.variable(8)?;
                        } else if matches!(self.take(3)?, 1 | 2) {
                            self.variable(5)?;
                        }
                    }
                }
                0 | 1 | 3 => return None,
                _ => {
                    let len = usize::try_from(self.variable(6)?).ok()?;
                    self.align();
                    let start = self.at / 8;
                    return self.bytes.get(start..start.checked_add(len)?);
                }
            }
        }
    }
}

/// The table of symbols; all texts are places in the strings.
struct Table<'t> {
    file: Bytes<'t>,
    table: &'t [u8],
    strings: &'t [u8],
}

impl Table<'_> {
    fn collect(&self, found: &mut Intermediate) -> Result<(), Error> {
        // Version; producer; modules; groups of one definition; symbols; what few symbols have; more.
        let header = |index| word(self.table, index).unwrap_or(0);
        let version = header(0);
        if version > VERSION {
            return Err(Error::unsupported(format!(
                "bitcode: version {version} of the table of symbols is not known: expected {VERSION} at most"
            )));
        }
        let (start, count) = (header(7) as usize, header(8) as usize);
        let mut more = header(9) as usize;
        let len = count.saturating_mul(SYMBOL);
        let symbols = start.checked_add(len).and_then(|end| self.table.get(start..end));
        let symbols = symbols.ok_or_else(|| Error::malformed("bitcode: the table of symbols is cut off"))?;
        for symbol in symbols.chunks_exact(SYMBOL) {
            let flags = word(symbol, 5).unwrap_or(0);
            let name = self.text(symbol, 0);
            let mut section: &[u8] = &[];
            if flags & HAS_MORE != 0 {
                // Size, alignment, a fallback's name, the section.
                section = self.text(self.table.get(more..).unwrap_or_default(), 4);
                more = more.saturating_add(SYMBOL);
            }
            if flags & IS_UNDEFINED == 0 {
                found.define(self.file, name, section)?;
            }
        }
        Ok(())
    }

    /// A text whose offset and length are the words from `index` on.
    fn text(&self, words: &[u8], index: usize) -> &[u8] {
        let (Some(offset), Some(len)) = (word(words, index), word(words, index + 1)) else { return &[] };
        let end = (offset as usize).saturating_add(len as usize);
        self.strings.get(offset as usize..end).unwrap_or_default()
    }
}
