//! [`Defect`]: what can be wrong with one record, in words.

use core::fmt;

use crate::layout;

/// Why a record cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defect {
    /// The first word is not [`layout::MAGIC`].
    Magic(u32),
    /// The record was written by another version of linktab.
    Abi(u16),
    /// The name is null, or longer than [`layout::MAX_NAME_LEN`].
    NamePointer,
    /// The name is not UTF-8.
    NameUtf8,
    /// The name is empty, or a part of it between dots is.
    NameShape,
    /// The origin is null with a length, too long, or not UTF-8.
    Origin,
    /// The init function is null.
    NoInit,
    /// The phase is none that this version knows.
    Phase(u8),
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Defect::Magic(found) => {
                write!(f, "magic: expected {:#010x}, found {found:#010x}", layout::MAGIC)
            }
            Defect::Abi(found) => {
                write!(f, "record ABI: expected {}, found {found}", layout::ABI_VERSION)
            }
            Defect::NamePointer => write!(f, "the name is null or over {} bytes long", layout::MAX_NAME_LEN),
            Defect::NameUtf8 => f.write_str("the name is not UTF-8"),
            Defect::NameShape => f.write_str("the name is empty, or a part of it between dots is"),
            Defect::Origin => f.write_str("the origin is not readable as text"),
            Defect::NoInit => f.write_str("the init function is null"),
            Defect::Phase(found) => write!(f, "unknown phase {found}"),
        }
    }
}
