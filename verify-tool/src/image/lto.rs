//! What a compiler left for the linker to compile (LTO) in, the marker symbols that it will define out.
//!
//! There are no records in it yet, but each comes with a marker, and what will be defined is told to
//! linkers' plugins: by LLVM in `bitcode`, by GCC in a section that is read here.

use linktab::layout::{MARKER_PREFIX, section};

use crate::bytes::Bytes;
use crate::error::Error;

/// What intermediate code will define.
#[derive(Clone, Debug, Default)]
pub struct Intermediate {
    /// The markers among its symbols, as source code has them.
    pub symbols: Vec<String>,
    /// How many records there will be, where that can be told.
    pub records: usize,
}

impl Intermediate {
    /// Takes a symbol of a file and the section that it will be in, if that is told. Names may share
    /// their bytes: each counts.
    pub fn define(&mut self, file: Bytes<'_>, name: &[u8], section: &[u8]) -> Result<(), Error> {
        if let Some(marker) = marker(name) {
            file.spend_records(1)?;
            file.spend_text(marker.len() as u64)?;
            self.symbols.push(String::from_utf8_lossy(marker).into_owned());
        }
        if is_of_records(section) {
            file.spend_text(name.len() as u64)?;
            // The registry's crate keeps the section there by a symbol of no size.
            self.records += usize::from(memchr::memmem::find(name, b"LINKME_").is_none());
        }
        Ok(())
    }
}

/// A marker symbol in its plain form. Mach-O and 32-bit Windows put an underscore in front of every name.
pub fn marker(name: &[u8]) -> Option<&[u8]> {
    let is_marker = |name: &&[u8]| name.starts_with(MARKER_PREFIX.as_bytes());
    Some(name).filter(is_marker).or_else(|| name.strip_prefix(b"_").filter(is_marker))
}

/// Whether a section, as source code names it, is that of the records.
fn is_of_records(section: &[u8]) -> bool {
    let mach_o = || {
        let mut parts = section.split(|&byte| byte == b',');
        parts.next() == Some(section::MACH_O_SEGMENT.as_bytes())
            && parts.next() == Some(section::MACH_O.as_bytes())
    };
    section == section::ELF.as_bytes() || section == section::COFF.as_bytes() || mach_o()
}

/// The names of GCC's sections begin so; a number follows, which is the file's own.
const GCC: &[u8] = b".gnu.lto_";
const GCC_SYMBOLS: &[u8] = b".gnu.lto_.symtab.";

/// Bytes behind the two names of a symbol: kind, visibility, size, number (GCC, `lto-streamer-out.c`,
/// `write_symbol`; binutils, `plugin-api.h`).
const BEHIND: usize = 14;

/// Kinds of symbols that are defined elsewhere.
const UNDEFINED: [u8; 2] = [2, 3];

/// GCC's sections of one object, by their names.
#[derive(Default)]
pub struct Gcc {
    has_code: bool,
    has_symbols: bool,
    code: Intermediate,
}

impl Gcc {
    /// Whether the bytes of a section are wanted.
    pub fn wants(&mut self, section: &[u8]) -> bool {
        self.has_code |= section.starts_with(GCC);
        section.starts_with(GCC_SYMBOLS)
    }

    /// Takes what [`Gcc::wants`] of a file.
    pub fn take(&mut self, file: Bytes<'_>, offset: u64, size: u64) -> Result<(), Error> {
        self.has_symbols = true;
        let section = file.read_owned("symbols for the linker's plugin", offset, size)?;
        let mut rest = &*section;
        while !rest.is_empty() {
            let name = self::name(&mut rest)?;
            // The group that it is in.
            self::name(&mut rest)?;
            let (fields, others) = rest.split_at_checked(BEHIND).ok_or_else(cut_off)?;
            rest = others;
            if fields.first().is_some_and(|kind| !UNDEFINED.contains(kind)) {
                self.code.define(file, name, &[])?;
            }
        }
        Ok(())
    }

    /// What was found; of an object that has its records too, nothing more is to be known.
    pub fn end(self, has_records: bool) -> Result<Vec<String>, Error> {
        if self.has_code && !self.has_symbols && !has_records {
            return Err(refusal());
        }
        Ok(self.code.symbols)
    }
}

/// For what nothing can be read of.
pub fn refusal() -> Error {
    Error::unsupported(
        "GCC left this object to be compiled by the linker, without a table of symbols: compile it without `-flto`, \
         or with `-ffat-lto-objects`",
    )
}

/// Splits off a name and its NUL.
fn name<'s>(rest: &mut &'s [u8]) -> Result<&'s [u8], Error> {
    let end = memchr::memchr(0, rest).ok_or_else(cut_off)?;
    let (name, others) = rest.split_at(end);
    *rest = others.get(1..).unwrap_or_default();
    Ok(name)
}

fn cut_off() -> Error {
    Error::malformed("the table of symbols for the linker's plugin is cut off")
}
