//! Records in, a set of the packages around them out: whether any extension is inside of a package.
//!
//! Each failing import below a package of the table asks. A list ordered by name answers too, and more, but to sort
//! 10,000 names takes seven million instructions, and this a fifth: one pass in the order in which records are
//! linked, in which neighbours mostly are of one package.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use crate::hash::hash;
use crate::record::Record;

pub(crate) struct Packages {
    /// By the hash of the name.
    by_hash: HashMap<u64, &'static str, BuildHasherDefault<Spread>>,
    /// Those whose hash another one has.
    others: Vec<&'static str>,
}

/// A hash as it is, with its better half where a hash map looks first.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash ^ hash.rotate_left(32);
    }
}

impl Packages {
    pub(crate) fn around(records: &'static [Record]) -> Packages {
        let mut packages = Packages { by_hash: HashMap::default(), others: Vec::new() };
        let mut last = "";
        for record in records {
            let Some(mut package) = parent(record.name()) else { continue };
            if package == last {
                continue;
            }
            last = package;
            // Where one is known, those around it are.
            while packages.enter(package) {
                let Some(around) = parent(package) else { break };
                package = around;
            }
        }
        packages
    }

    /// Whether an extension is in the package, or in one inside of it.
    pub(crate) fn contains(&self, name: &str) -> bool {
        match self.by_hash.get(&hash(name.as_bytes())) {
            Some(known) => *known == name || self.others.contains(&name),
            None => false,
        }
    }

    /// Whether it is new.
    fn enter(&mut self, name: &'static str) -> bool {
        let known = match self.by_hash.entry(hash(name.as_bytes())) {
            Entry::Vacant(place) => {
                place.insert(name);
                return true;
            }
            Entry::Occupied(known) => *known.get(),
        };
        if known == name || self.others.contains(&name) {
            return false;
        }
        self.others.push(name);
        true
    }
}

/// The package around a name.
fn parent(name: &str) -> Option<&str> {
    let dot = name.bytes().rposition(|byte| byte == b'.')?;
    Some(&name[..dot])
}
