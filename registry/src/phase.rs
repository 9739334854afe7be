//! [`Phase`]: how an init function answers, as a value and as a byte of a record.

use core::fmt;

use crate::layout;

/// How the init function answers, and so how the extension is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Phase {
    /// `PyInit_*` returns a `PyModuleDef`: multi-phase initialisation (PEP 489).
    Multi,
    /// `PyInit_*` returns a finished module: single-phase initialisation.
    Single,
    /// `PyModExport_*` returns module slots: an export hook (PEP 793, CPython 3.15).
    Export,
}

impl Phase {
    /// The value in a record, see [`layout::phase`].
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        match self {
            Phase::Multi => layout::phase::MULTI,
            Phase::Single => layout::phase::SINGLE,
            Phase::Export => layout::phase::EXPORT,
        }
    }

    /// The phase for the value in a record, or `None` for a value that this version does not know.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Phase> {
        match byte {
            layout::phase::MULTI => Some(Phase::Multi),
            layout::phase::SINGLE => Some(Phase::Single),
            layout::phase::EXPORT => Some(Phase::Export),
            _ => None,
        }
    }

    /// Whether [`Phase::from_byte`] knows the value, in one comparison.
    #[cfg(feature = "section")]
    #[inline]
    pub(crate) const fn is_known(byte: u8) -> bool {
        byte.wrapping_sub(layout::phase::MULTI) <= layout::phase::EXPORT - layout::phase::MULTI
    }

    /// The word that the macros take: `multi`, `single` or `export`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Phase::Multi => "multi",
            Phase::Single => "single",
            Phase::Export => "export",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
