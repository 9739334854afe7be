//! Records in, index out: their slots in order of hash, built in one pass.
//!
//! A fresh process pays for each instruction and each page of this, whether or not it imports
//! anything, and a page costs more than a hundred records. So the hash comes ready from the compiler,
//! hardly any record is read twice, an entry takes four bytes as long as that suffices, and there is one
//! allocation. Measured against open addressing and hash maps (`docs/performance/`).
//!
//! Knows nothing of sections: any slice of records will do, which is what Miri and the property
//! tests use.

use crate::error::RegistryError;
use crate::hash::hash;
use crate::ordered::{Entry, Ordered};
use crate::record::Record;

pub(crate) struct Index {
    records: &'static [Record],
    table: Width,
    /// Whether any record says which Python it was compiled for.
    names_python: bool,
}

enum Width {
    Narrow(Ordered<u32>),
    Wide(Ordered<u64>),
}

impl Index {
    /// Checks every record, and places it.
    pub(crate) fn build(records: &'static [Record]) -> Result<Index, RegistryError> {
        let placed = if records.len() as u64 <= u32::SLOTS {
            Ordered::place(records).map(|(table, versions)| (Width::Narrow(table), versions))
        } else {
            Ordered::place(records).map(|(table, versions)| (Width::Wide(table), versions))
        };
        match placed {
            Some((table, versions)) => Ok(Index { records, table, names_python: versions != 0 }),
            // Every problem is collected anew, so that the usual way does not pay for words.
            None => Err(RegistryError::of(records)),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'static Record> {
        let hash = hash(name.as_bytes());
        match &self.table {
            Width::Narrow(table) => table.get(self.records, hash, name),
            Width::Wide(table) => table.get(self.records, hash, name),
        }
    }

    /// All records, ordered by the hash of the name, then by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static Record> + '_ {
        let (narrow, wide) = match &self.table {
            Width::Narrow(table) => (Some(table.slots()), None),
            Width::Wide(table) => (None, Some(table.slots())),
        };
        let slots = narrow.into_iter().flatten().chain(wide.into_iter().flatten());
        slots.map(|slot| &self.records[slot])
    }

    pub(crate) fn names_python(&self) -> bool {
        self.names_python
    }

    /// All records, as they came.
    pub(crate) fn records(&self) -> &'static [Record] {
        self.records
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }
}
