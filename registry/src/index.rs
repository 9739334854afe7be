//! Records in, sorted index out: by hash, then name, with a directory over the hash's top bits.
//!
//! Choices, measured against sorting by name, open addressing and hash maps: the hash comes ready
//! from the compiler, so one counting pass places every record in its bucket, and a bucket holds
//! about one. Slots are `u32`, because a fresh process pays for every page that it touches. Two
//! allocations in all, none per record; a third lives only while the index is built.
//!
//! Knows nothing of sections: any slice of records will do, which is what Miri and the property
//! tests use.

use crate::error::RegistryError;
use crate::hash::hash;
use crate::record::Record;

/// A position in the slice of records.
type Slot = u32;

pub(crate) struct Index {
    records: &'static [Record],
    /// Every slot once, ordered by (hash, name). Every slot is below `records.len()`.
    slots: Box<[Slot]>,
    /// Bucket `b` is `slots[starts[b]..starts[b + 1]]`; there are `1 << (64 - shift)` buckets.
    starts: Box<[u32]>,
    /// How far to shift a hash to the right to get its bucket, below 64.
    shift: u32,
}

impl Index {
    /// Checks every record, and sorts.
    pub(crate) fn build(records: &'static [Record]) -> Result<Index, RegistryError> {
        // Every problem is collected anew, so that this path does not pay for words.
        Index::sort(records).ok_or_else(|| RegistryError::of(records))
    }

    /// Nothing when a record has a defect, or two have one name.
    fn sort(records: &'static [Record]) -> Option<Index> {
        // At least two buckets, so that the shift stays below 64; about one record in each.
        let bits = usize::BITS - records.len().max(2).next_power_of_two().leading_zeros() - 1;
        let shift = u64::BITS - bits;
        let bucket = |hash: u64| (hash >> shift) as usize;

        // One pass over the section: each record, and its name, is brought into the cache once.
        let mut hashes = Vec::with_capacity(records.len());
        let mut starts = vec![0_u32; (1 << bits) + 1].into_boxed_slice();
        for record in records {
            let hash = record.hash_if_sound()?;
            starts[bucket(hash) + 1] += 1;
            hashes.push(hash);
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        // Filling a bucket from its end moves `ends[b]` down to the bucket's start.
        let mut slots = vec![0; records.len()].into_boxed_slice();
        for (slot, &hash) in hashes.iter().enumerate() {
            let end = &mut starts[bucket(hash) + 1];
            *end -= 1;
            slots[*end as usize] = slot as Slot;
        }
        // Every entry now holds the start of the bucket before it: shift them back by one.
        starts.copy_within(1.., 0);
        if let Some(last) = starts.last_mut() {
            *last = records.len() as u32;
        }
        let mut index = Index { records, slots, starts, shift };
        index.order_within_buckets(&hashes).then_some(index)
    }

    /// Whether all names are different: records of one name are neighbours in one bucket.
    fn order_within_buckets(&mut self, hashes: &[u64]) -> bool {
        let records = self.records;
        // Of hashes; most buckets hold one record or none, and nothing of theirs is looked at again.
        let key = |slot: Slot| hashes[slot as usize];
        let name = |slot: Slot| records[slot as usize].name();
        let mut start = 0;
        for &end in &self.starts[1..] {
            if end - start > 1 {
                let bucket = &mut self.slots[start as usize..end as usize];
                bucket.sort_unstable_by(|&a, &b| {
                    key(a).cmp(&key(b)).then_with(|| name(a).cmp(name(b))).then(a.cmp(&b))
                });
                if bucket
                    .windows(2)
                    .any(|pair| key(pair[0]) == key(pair[1]) && name(pair[0]) == name(pair[1]))
                {
                    return false;
                }
            }
            start = end;
        }
        true
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'static Record> {
        let wanted = hash(name.as_bytes());
        let bucket = (wanted >> self.shift) as usize;
        let bounds = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        self.slots[bounds].iter().map(|&slot| &self.records[slot as usize]).find(|record| {
            // Records from C carry no hash: their names decide alone.
            let stored = record.stored_hash();
            (stored == wanted || stored == 0) && record.name() == name
        })
    }

    /// All records, ordered by (hash, name).
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static Record> + '_ {
        self.slots.iter().map(|&slot| &self.records[slot as usize])
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }
}
