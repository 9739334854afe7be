//! Records in, index out: a chain of slots for each bucket of hashes, built in one pass.
//!
//! A fresh process pays for each instruction and each page of this, whether or not it imports
//! anything, and a page costs more than a hundred records. So the hash comes ready from the compiler;
//! nothing is sorted; a second pass looks only at records that share a bucket; links are [`u16`] as long
//! as that suffices; and there are two allocations in all, none per record. Measured against sorting by
//! name and by hash, bucket directories, open addressing and hash maps (`docs/performance/`). Buckets
//! outnumber records, so that a chain holds about one.
//!
//! Knows nothing of sections: any slice of records will do, which is what Miri and the property
//! tests use.

use core::mem;

use crate::error::RegistryError;
use crate::hash::hash;
use crate::record::Record;

pub(crate) struct Index {
    records: &'static [Record],
    chains: Width,
    /// How far to shift a hash to the right to get its bucket, below 64.
    shift: u32,
    /// Whether any record says which Python it was compiled for.
    names_python: bool,
}

enum Width {
    Narrow(Chains<u16>),
    Wide(Chains<u32>),
}

/// Every link is at most the number of records.
struct Chains<L> {
    /// The first link of each bucket, `1 << (64 - shift)` of them.
    heads: Box<[L]>,
    /// For each record, the link to another one in its bucket.
    next: Box<[L]>,
}

/// A position in the slice of records, plus one; 0 is the end of a chain.
trait Link: Copy + Default {
    const MAX: usize;
    /// Keeps the lower bits: the caller has compared with [`Link::MAX`].
    fn to(slot: usize) -> Self;
    fn slot(self) -> Option<usize>;
}

impl Link for u16 {
    const MAX: usize = u16::MAX as usize;
    fn to(slot: usize) -> u16 {
        slot as u16 + 1
    }
    fn slot(self) -> Option<usize> {
        usize::from(self).checked_sub(1)
    }
}

impl Link for u32 {
    const MAX: usize = u32::MAX as usize;
    fn to(slot: usize) -> u32 {
        slot as u32 + 1
    }
    fn slot(self) -> Option<usize> {
        (self as usize).checked_sub(1)
    }
}

impl Index {
    /// Checks every record, and places it.
    pub(crate) fn build(records: &'static [Record]) -> Result<Index, RegistryError> {
        // At least two buckets, so that the shift stays below 64.
        let bits = usize::BITS - records.len().max(2).next_power_of_two().leading_zeros() - 1;
        let shift = u64::BITS - bits;
        let placed = if records.len() <= u16::MAX as usize {
            Chains::place(records, shift).map(|(chains, versions)| (Width::Narrow(chains), versions))
        } else {
            Chains::place(records, shift).map(|(chains, versions)| (Width::Wide(chains), versions))
        };
        match placed {
            Some((chains, versions)) => Ok(Index { records, chains, shift, names_python: versions != 0 }),
            // Every problem is collected anew, so that the usual way does not pay for words.
            None => Err(RegistryError::of(records)),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'static Record> {
        let wanted = hash(name.as_bytes());
        let bucket = (wanted >> self.shift) as usize;
        match &self.chains {
            Width::Narrow(chains) => chains.find(self.records, bucket, wanted, name),
            Width::Wide(chains) => chains.find(self.records, bucket, wanted, name),
        }
    }

    /// All records, as the linker laid them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static Record> + use<> {
        self.records.iter()
    }

    pub(crate) fn names_python(&self) -> bool {
        self.names_python
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }
}

impl<L: Link> Chains<L> {
    /// The chains, and all versions of Python that the records name, one over the other; nothing when a
    /// record has a defect, or two have one name.
    fn place(records: &'static [Record], shift: u32) -> Option<(Self, u32)> {
        debug_assert!(records.len() <= L::MAX, "the width was chosen for the number of records");
        let mut heads = vec![L::default(); 1 << (u64::BITS - shift)].into_boxed_slice();
        let mut next = vec![L::default(); records.len()].into_boxed_slice();
        let mut versions = 0;
        for (slot, (record, next)) in records.iter().zip(&mut next).enumerate() {
            let head = &mut heads[(record.hash_if_sound()? >> shift) as usize];
            *next = mem::replace(head, L::to(slot));
            versions |= record.python_version();
        }
        let chains = Chains { heads, next };
        chains.is_unambiguous(records).then_some((chains, versions))
    }

    /// Whether no two records have one name.
    fn is_unambiguous(&self, records: &'static [Record]) -> bool {
        self.next.iter().zip(records).all(|(&link, record)| {
            link.slot().is_none() || self.from(records, link).all(|other| !is_same(record, other))
        })
    }

    #[inline]
    fn find(
        &self,
        records: &'static [Record],
        bucket: usize,
        wanted: u64,
        name: &str,
    ) -> Option<&'static Record> {
        let mut link = self.heads[bucket];
        // The next link is read only when it is wanted: a page, or a line of the cache, for nothing.
        while let Some(slot) = link.slot() {
            let record = &records[slot];
            // Some records from C carry no hash: their names decide alone.
            let stored = record.stored_hash();
            if (stored == wanted || stored == 0) && record.name() == name {
                return Some(record);
            }
            link = self.next[slot];
        }
        None
    }

    /// The records from a link on.
    #[inline]
    fn from(&self, records: &'static [Record], mut link: L) -> impl Iterator<Item = &'static Record> + '_ {
        core::iter::from_fn(move || {
            let slot = link.slot()?;
            link = self.next[slot];
            Some(&records[slot])
        })
    }
}

/// Whether two records have one name.
fn is_same(one: &Record, other: &Record) -> bool {
    let (a, b) = (one.stored_hash(), other.stored_hash());
    (a == b || a == 0 || b == 0) && one.name() == other.name()
}
