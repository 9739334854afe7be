//! How an init function answers, and the macro that says so in a record.

/// How an init function answers (`docs/architecture.md` of linktab has the routes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// `PyInit_*` returns a definition (PEP 489): `LINKTAB_MULTI`.
    Multi,
    /// `PyInit_*` returns the module: `LINKTAB_SINGLE`.
    Single,
    /// `PyModExport_*` returns slots (PEP 793): `LINKTAB_EXPORT`.
    Export,
}

impl Phase {
    /// As `linktab.h` calls it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Phase::Multi => "LINKTAB_MULTI",
            Phase::Single => "LINKTAB_SINGLE",
            Phase::Export => "LINKTAB_EXPORT",
        }
    }
}
