//! Records in, a table of their slots in order of hash: what the index looks into, and walks.
//!
//! An ordered hash table (Amble and Knuth, "Ordered hash tables", The Computer Journal 17(2), 1974). A
//! record's home is given by the upper bits of its hash; it stands there or, behind others, in the run
//! that begins there, and whoever sorts before is in front. Homes grow with hashes, so that the table as
//! a whole is sorted, with gaps: each record finds its place as it comes, nothing has to be sorted
//! afterwards, and equal names meet when the second one comes.
//!
//! An entry holds the upper bits of the hash above the slot. A record is read again only when it shares
//! all of these with another one, and by a look-up only when it is the one that is wanted, or nearly so.

use core::cmp::Ordering;
use core::mem;

use crate::record::Record;

/// Slots in order of hash, then name.
pub(crate) struct Ordered<E> {
    /// Invariant: the entries that are no gaps are sorted by hash, then name, of their records; none is
    /// in front of its home, and there is no gap from an entry's home to the entry.
    entries: Box<[E]>,
    /// How far to shift a hash to the right to get a home, below 64.
    shift: u32,
}

/// The upper bits of a hash, and below them a slot.
pub(crate) trait Entry: Copy + Ord {
    /// No record. It sorts behind all others, so that whoever looks for the end of a run finds it in the
    /// comparison that he makes anyway. It is not 0, so that the table is written before it is read: a page
    /// that the allocator left to the kernel to clear takes two faults otherwise. Nor is it one byte
    /// repeated, which glibc fills in with `rep stosb`: valgrind counts an instruction for each byte.
    const GAP: Self;
    /// How many records an entry can tell apart.
    const SLOTS: u64;
    /// Keeps the lower bits of the slot: the caller has compared with [`Entry::SLOTS`].
    fn new(hash: u64, slot: usize) -> Self;
    /// The upper bits alone: entries that are less have lower hashes.
    fn least(self) -> Self;
    /// Whether the upper bits of two hashes are equal, as far as entries hold them.
    fn is_near(self, other: Self) -> bool;
    /// Which record it is; of a gap, none.
    fn slot(self) -> usize;
}

macro_rules! entry {
    ($word:ty, $slot_bits:literal) => {
        impl Entry for $word {
            const GAP: $word = <$word>::MAX - 1;
            const SLOTS: u64 = (1 << $slot_bits) - 2;
            #[inline]
            fn new(hash: u64, slot: usize) -> Self {
                let upper = (hash >> (u64::BITS - <$word>::BITS)) as $word;
                upper >> $slot_bits << $slot_bits | slot as $word
            }
            #[inline]
            fn least(self) -> Self {
                self >> $slot_bits << $slot_bits
            }
            #[inline]
            fn is_near(self, other: Self) -> bool {
                (self ^ other) >> $slot_bits == 0
            }
            #[inline]
            fn slot(self) -> usize {
                (self & ((1 << $slot_bits) - 1)) as usize
            }
        }
    };
}

// 18 bits of hash for 16,382 records: one record in sixteen has a neighbour that it must be held against.
entry!(u32, 14);
entry!(u64, 32);

impl<E: Entry> Ordered<E> {
    /// The table, and all versions of Python that the records name, one over the other; nothing when a
    /// record has a defect, or two have one name.
    pub(crate) fn place(records: &'static [Record]) -> Option<(Self, u32)> {
        debug_assert!(records.len() as u64 <= E::SLOTS, "the width was chosen for the number of records");
        // Half full at most: a record that finds its home taken costs more than the memory of a gap. And at
        // least two homes, so that the shift stays below 64.
        let homes = (records.len() * 2).max(2).next_power_of_two();
        let shift = u64::BITS - homes.trailing_zeros();
        // The last run may go on behind the last home, seldom by more than this.
        let mut behind = 16;
        loop {
            let mut entries = vec![E::GAP; homes + behind].into_boxed_slice();
            match fill(&mut entries, records, shift) {
                Ok(versions) => return Some((Ordered { entries, shift }, versions)),
                Err(Unplaced::Defect) => return None,
                Err(Unplaced::NoRoom) => behind = records.len(),
            }
        }
    }

    /// The record of a name, which has this hash.
    #[inline]
    pub(crate) fn get(&self, records: &'static [Record], hash: u64, name: &str) -> Option<&'static Record> {
        let least = E::new(hash, 0).least();
        let run = self.entries[(hash >> self.shift) as usize..].iter();
        let near = run.skip_while(|entry| **entry < least).take_while(|entry| entry.is_near(least));
        near.filter_map(|entry| records.get(entry.slot())).find(|record| record.name() == name)
    }

    /// The slots, in order.
    pub(crate) fn slots(&self) -> impl Iterator<Item = usize> + '_ {
        self.entries.iter().filter(|entry| **entry != E::GAP).map(|entry| entry.slot())
    }
}

/// Why records are not placed.
enum Unplaced {
    /// One has a defect, or two have one name.
    Defect,
    /// There is no gap from a home to the end of the table.
    NoRoom,
}

/// Places the records in a table of gaps, and tells all versions of Python that they name.
fn fill<E: Entry>(entries: &mut [E], records: &[Record], shift: u32) -> Result<u32, Unplaced> {
    let mut versions = 0;
    for (slot, record) in records.iter().enumerate() {
        let hash = record.hash_if_sound().ok_or(Unplaced::Defect)?;
        let entry = E::new(hash, slot);
        let home = (hash >> shift) as usize;
        match entries.get_mut(home) {
            Some(place) if *place == E::GAP => *place = entry,
            _ => join(&mut entries[home..], entry, records)?,
        }
        versions |= record.python_version();
    }
    Ok(versions)
}

/// Puts an entry into the run of its home.
///
/// Apart, so that the loop over records that find their homes empty keeps its variables in registers.
#[inline(never)]
fn join<E: Entry>(run: &mut [E], new: E, records: &[Record]) -> Result<(), Unplaced> {
    match run {
        // Most find one record, and a gap behind it.
        [first, second, ..] if *second == E::GAP && !first.is_near(new) => {
            (*first, *second) = (new.min(*first), new.max(*first));
            Ok(())
        }
        _ => insert(run, new, records),
    }
}

/// Puts an entry where it belongs in a run, and moves those behind it.
fn insert<E: Entry>(run: &mut [E], new: E, records: &[Record]) -> Result<(), Unplaced> {
    let least = new.least();
    match run.iter().position(|there| *there >= least) {
        Some(at) if !run[at].is_near(least) => shift(&mut run[at..], new),
        Some(at) => insert_by_record(&mut run[at..], new, records),
        None => Err(Unplaced::NoRoom),
    }
}

/// Puts an entry in front of all others, which move up to the first gap.
#[inline]
fn shift<E: Entry>(run: &mut [E], new: E) -> Result<(), Unplaced> {
    let mut moved = new;
    for place in run {
        mem::swap(place, &mut moved);
        if moved == E::GAP {
            return Ok(());
        }
    }
    Err(Unplaced::NoRoom)
}

/// [`insert`] in front of or behind entries that look alike: their records tell the order.
#[cold]
#[inline(never)]
fn insert_by_record<E: Entry>(run: &mut [E], new: E, records: &[Record]) -> Result<(), Unplaced> {
    let record = &records[new.slot()];
    let hash = record.hash();
    for at in 0..run.len() {
        let Some(other) = records.get(run[at].slot()) else { return shift(&mut run[at..], new) };
        match hash.cmp(&other.hash()).then_with(|| record.name().cmp(other.name())) {
            Ordering::Less => return shift(&mut run[at..], new),
            Ordering::Equal => return Err(Unplaced::Defect),
            Ordering::Greater => {}
        }
    }
    Err(Unplaced::NoRoom)
}
