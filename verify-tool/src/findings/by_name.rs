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

    /// The records of one name, in the order of their slots.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &'a Record> {
        let key = (hash(name), name);
        let start = self.0.partition_point(|(hash, record)| (*hash, &*record.name) < key);
        let rest = self.0.get(start..).unwrap_or_default().iter();
        rest.map(|(_, record)| *record).take_while(move |record| &*record.name == name)
    }

    /// The first record of a name.
    pub fn get(&self, name: &str) -> Option<&'a Record> {
        self.all(name).next()
    }

    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Every name with its records, in the hashes' order.
    pub fn groups(&self) -> impl Iterator<Item = &[(u64, &'a Record)]> {
        self.0.chunk_by(|a, b| a.0 == b.0 && a.1.name == b.1.name)
    }
}

fn hash(name: &str) -> u64 {
    linktab::hash::hash(name.as_bytes())
}
