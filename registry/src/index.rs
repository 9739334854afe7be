//! Records in, index out: a chain of slots for each bucket of hashes, built in one pass.
//!
//! A fresh process pays for each instruction and each page of this, whether or not it imports
//! anything. So the hash comes ready from the compiler; a record is looked at once, with no sorting
//! pass behind it; links are `u32`; and there are two allocations in all, none per record. Measured
//! against sorting by name and by hash, bucket directories, open addressing and hash maps
//! (`docs/performance/`). Buckets outnumber records, so that a chain holds about one.
//!
//! Knows nothing of sections: any slice of records will do, which is what Miri and the property
//! tests use.

use crate::error::RegistryError;
use crate::hash::hash;
use crate::record::Record;

/// A position in the slice of records, plus one; 0 is the end of a chain.
type Link = u32;

pub(crate) struct Index {
    records: &'static [Record],
    /// The first link of each bucket, `1 << (64 - shift)` of them. Every link is at most
    /// `records.len()`.
    heads: Box<[Link]>,
    /// For each record, the link to another one in its bucket.
    next: Vec<Link>,
    /// How far to shift a hash to the right to get its bucket, below 64.
    shift: u32,
    /// Whether any record says which Python it was compiled for.
    names_python: bool,
}

impl Index {
    /// Checks every record, and places it.
    pub(crate) fn build(records: &'static [Record]) -> Result<Index, RegistryError> {
        // Every problem is collected anew, so that this path does not pay for words.
        Index::place(records).ok_or_else(|| RegistryError::of(records))
    }

    /// Nothing when a record has a defect, or two have one name.
    fn place(records: &'static [Record]) -> Option<Index> {
        // At least two buckets, so that the shift stays below 64.
        let bits = usize::BITS - records.len().max(2).next_power_of_two().leading_zeros() - 1;
        let heads = vec![0; 1 << bits].into_boxed_slice();
        let next = Vec::with_capacity(records.len());
        let mut index = Index { records, heads, next, shift: u64::BITS - bits, names_python: false };
        for (slot, record) in records.iter().enumerate() {
            let hash = record.hash_if_sound()?;
            let bucket = (hash >> index.shift) as usize;
            let head = index.heads[bucket];
            if head != 0 && index.chain(head).any(|other| is_same(record, other)) {
                return None;
            }
            index.next.push(head);
            index.heads[bucket] = slot as Link + 1;
            index.names_python |= record.names_python();
        }
        Some(index)
    }

    /// The records from a link on.
    #[inline]
    fn chain(&self, mut link: Link) -> impl Iterator<Item = &'static Record> + '_ {
        core::iter::from_fn(move || {
            let slot = (link as usize).checked_sub(1)?;
            link = self.next[slot];
            Some(&self.records[slot])
        })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'static Record> {
        let wanted = hash(name.as_bytes());
        let head = self.heads[(wanted >> self.shift) as usize];
        self.chain(head).find(|record| {
            // Records from C carry no hash: their names decide alone.
            let stored = record.stored_hash();
            (stored == wanted || stored == 0) && record.name() == name
        })
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

/// Whether two records have one name.
fn is_same(one: &Record, other: &Record) -> bool {
    let (a, b) = (one.stored_hash(), other.stored_hash());
    (a == b || a == 0 || b == 0) && one.name() == other.name()
}
