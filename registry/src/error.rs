//! [`RegistryError`]: everything that is wrong with a table, in words that name the fix.

use core::fmt;

use crate::layout;
use crate::origin::Origin;
use crate::record::Defect;

/// Why there is no index: every problem of the table, not just the first.
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
        /// What is wrong with it.
        defect: Defect,
    },
}

impl RegistryError {
    /// `problems` is never empty, and comes ordered: defects by slot, duplicates by name.
    pub(crate) fn new(records: usize, mut problems: Vec<Problem>) -> RegistryError {
        for problem in &mut problems {
            if let Problem::Duplicate { origins, .. } = problem {
                origins.sort_unstable();
            }
        }
        problems.sort_by_key(|problem| match problem {
            Problem::UnknownAbi { slot, .. } | Problem::Malformed { slot, .. } => (*slot, ""),
            Problem::Duplicate { name, .. } => (usize::MAX, *name),
        });
        RegistryError { records, problems }
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
            Problem::Malformed { slot, defect } => write!(
                f,
                "the record in slot {slot} is malformed: {defect}\n  \
                 fix: register with LINKTAB_MODULE or a linktab macro only, and run `linktab list` \
                 on the object files to find the one that holds it"
            ),
        }
    }
}

impl std::error::Error for RegistryError {}
