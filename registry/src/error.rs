//! [`RegistryError`]: everything that is wrong with a table, in words that name the fix.

use std::collections::BTreeMap;
use std::fmt;

use crate::defect::Defect;
use crate::layout;
use crate::origin::Origin;
use crate::record::Record;

/// Why there is no index: every problem of the table, not just the first. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryError {
    records: usize,
    problems: Vec<Problem>,
}

/// One thing that is wrong with the table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Several records have one name.
    Duplicate {
        /// The name.
        name: &'static str,
        /// Where each of them was registered, two or more.
        origins: Vec<Origin<'static>>,
    },
    /// A record was written by another version of linktab.
    UnknownAbi {
        /// The record's position in the section.
        slot: usize,
        /// The ABI version that it claims.
        found: u16,
    },
    /// A record cannot be read.
    Malformed {
        /// The record's position in the section.
        slot: usize,
        /// Its name, if that can be read.
        name: Option<&'static str>,
        /// Where it was registered, if that can be read.
        origin: Option<Origin<'static>>,
        /// What is wrong with it.
        defect: Defect,
    },
}

impl RegistryError {
    /// Looks at records that did not make an index, and collects everything that is wrong with them:
    /// defects by slot, then duplicates by name.
    pub(crate) fn of(records: &'static [Record]) -> RegistryError {
        let mut problems = Vec::new();
        let mut by_name: BTreeMap<&'static str, Vec<Origin<'static>>> = BTreeMap::new();
        for (slot, record) in records.iter().enumerate() {
            match record.defect() {
                None => by_name.entry(record.name()).or_default().push(record.origin()),
                Some(Defect::Abi(found)) => problems.push(Problem::UnknownAbi { slot, found }),
                Some(defect) => problems.push(Problem::Malformed {
                    slot,
                    name: record.readable_name().ok(),
                    origin: record.readable_origin(),
                    defect,
                }),
            }
        }
        for (name, mut origins) in by_name {
            if origins.len() > 1 {
                origins.sort_unstable();
                problems.push(Problem::Duplicate { name, origins });
            }
        }
        RegistryError { records: records.len(), problems }
    }

    /// Everything that is wrong, in a fixed order. At least one.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let (problems, records) = (self.problems.len(), self.records);
        write!(
            f,
            "linktab: {problems} problem{} in this executable's table of {records} record{}",
            plural(problems),
            plural(records)
        )?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n{problem}"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Duplicate { name, origins } => {
                write!(f, "extension `{name}` is registered {} times", origins.len())?;
                for origin in origins {
                    write!(f, "\n  by {origin}")?;
                }
                f.write_str("\n  fix: rename all but one, or leave all but one out of the link")
            }
            Problem::UnknownAbi { slot, found } => write!(
                f,
                "the record in slot {slot} has record ABI {found}, this runtime reads ABI {}\n  \
                 fix: build every extension against one version of linktab (crate and linktab.h)",
                layout::ABI_VERSION
            ),
            Problem::Malformed { slot, name, origin, defect } => {
                write!(f, "the record in slot {slot} is malformed: {defect}")?;
                if let Some(name) = name.filter(|name| !name.is_empty()) {
                    write!(f, "\n  name: {name}")?;
                }
                if let Some(origin) = origin {
                    write!(f, "\n  by {origin}")?;
                }
                f.write_str("\n  fix: register only through LINKTAB_MODULE or linktab's macros")
            }
        }
    }
}

impl std::error::Error for RegistryError {}
