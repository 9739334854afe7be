//! [`Defect`]: a slot that cannot be read as a record, as data.

use std::fmt;

use linktab::layout::{self, RECORD_SIZE};

/// A slot that cannot be read as a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Defect {
    /// The section.
    pub section: String,
    /// Offset of the wrong bytes from the section's start.
    pub offset: u64,
    /// Position of the record.
    pub slot: usize,
    /// What is wrong.
    pub kind: DefectKind,
}

/// What is wrong with a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DefectKind {
    /// The section's size is no multiple of the record's size.
    Stride {
        /// Bytes behind the last whole record.
        rest: usize,
    },
    /// The first word is not the magic.
    Magic(u32),
    /// The record was written by another version of linktab.
    Abi(u16),
    /// The phase is none that this version knows.
    Phase(u8),
    /// The flags are none that this version knows.
    Flags(u8),
    /// A text is too long.
    Length {
        /// `name` or `origin`.
        field: &'static str,
        /// Bytes that it claims.
        len: u32,
        /// Bytes that are allowed.
        limit: usize,
    },
    /// A pointer leads outside of the file's bytes.
    Pointer {
        /// `name` or `origin`.
        field: &'static str,
        /// Where it leads.
        target: String,
    },
    /// A text is not UTF-8.
    Utf8 {
        /// `name` or `origin`.
        field: &'static str,
    },
    /// The stored hash is not the name's.
    Hash,
}

impl fmt::Display for DefectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DefectKind::Stride { rest } => {
                write!(f, "the section's size is no multiple of {RECORD_SIZE}: {rest} bytes are left over")
            }
            DefectKind::Magic(found) => {
                write!(f, "magic: expected {:#010x}, found {found:#010x}", layout::MAGIC)
            }
            DefectKind::Abi(found) => {
                write!(f, "record ABI: expected {}, found {found}", layout::ABI_VERSION)
            }
            DefectKind::Phase(found) => write!(f, "phase: expected 1 to 3, found {found}"),
            DefectKind::Flags(found) => {
                write!(f, "flags: expected {:#04x} at most, found {found:#04x}", layout::flags::KNOWN)
            }
            DefectKind::Length { field, len, limit } => {
                write!(f, "{field}: expected at most {limit} bytes, found {len}")
            }
            DefectKind::Pointer { field, target } => {
                write!(f, "{field}: expected a pointer to constant data, found {target}")
            }
            DefectKind::Utf8 { field } => write!(f, "{field}: expected UTF-8, found other bytes"),
            DefectKind::Hash => f.write_str("hash: expected the hash of the name, found another value"),
        }
    }
}
