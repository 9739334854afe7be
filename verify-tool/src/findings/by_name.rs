//! Records in, the same by name: every check that asks for names asks here, so that ten thousand
//! names are ordered once.

use crate::records::Record;

/// The records of an image, ordered by the hash of their names, then by name, then by slot.
///
/// Long names that begin alike, as names of packages do, cost much to compare and little to hash.
/// The hash is no secret; names that were made to collide are compared, as if there was none.
pub struct ByName<'a>(Vec<(u64, &'a Record)>);

impl<'a> ByName<'a> {
    pub fn new(records: &'a [Record]) -> ByName<'a> {
        let mut all: Vec<(u64, &Record)> =
            records.iter().map(|record| (hash(&record.name), record)).collect();
        let rest = |record: &'a Record| (&*record.name, record.slot);
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| rest(a.1).cmp(&rest(b.1))));
        ByName(all)
    }

    /// The records of one name, in the order of their slots, and where they are among all.
    pub fn group(&self, name: &str) -> (usize, &[(u64, &'a Record)]) {
        let (hash, all) = (hash(name), &self.0);
        // Names are looked at where the hashes are equal, which is once.
        let is_before = |other: u64, record: &Record| other < hash || other == hash && *record.name < *name;
        let start = all.partition_point(|(other, record)| is_before(*other, record));
        let rest = all.get(start..).unwrap_or_default();
        let is_other = |(other, record): &(u64, &Record)| *other != hash || *record.name != *name;
        (start, rest.get(..rest.iter().position(is_other).unwrap_or(rest.len())).unwrap_or_default())
    }

    /// The first record of a name.
    pub fn get(&self, name: &str) -> Option<&'a Record> {
        self.group(name).1.first().map(|(_, record)| *record)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Every name with its records, in the hashes' order.
    pub fn groups(&self) -> impl Iterator<Item = &[(u64, &'a Record)]> {
        self.0.chunk_by(|a, b| a.0 == b.0 && a.1.name == b.1.name)
    }
}

#[inline]
fn hash(name: &str) -> u64 {
    linktab::hash::hash(name.as_bytes())
}
