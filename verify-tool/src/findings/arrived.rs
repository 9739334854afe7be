//! What went into a link and an image in, whether a record of the one is in the other out.
//!
//! A record is copied as it is, so that it has its name and its origin in both. A name alone tells
//! nothing: another package may have registered it too.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::by_name::ByName;
use crate::expected::Expected;
use crate::records::{Inventory, Phase, Record};

/// What a linker changes nothing of. What it was compiled for is left out: cargo compiles a crate for the
/// program and for build scripts.
type Key<'a> = (&'a str, &'a str, Phase, bool);

fn key(record: &Record) -> Key<'_> {
    (&record.name, &record.origin, record.phase, record.package)
}

/// The records of an image, against what went into its link.
pub struct Arrived<'a> {
    image: &'a ByName<'a>,
    /// All of them, for an image that has many of one name.
    counts: OnceCell<HashMap<Key<'a>, usize>>,
    /// Records of inputs whose names a marker of another input has too.
    rivals: HashSet<Key<'a>>,
}

/// As many records of one name are looked at one by one.
const FEW: usize = 8;

impl<'a> Arrived<'a> {
    pub fn new(image: &'a ByName<'a>, inputs: &'a [Inventory]) -> Arrived<'a> {
        let markers: HashSet<&str> =
            inputs.iter().flat_map(|input| &input.markers).map(String::as_str).collect();
        // Of a crate there may be both: what the linker compiles, and what build scripts use.
        let others = inputs.iter().filter(|input| !input.path.ends_with(".rlib"));
        let records = others.flat_map(|input| &input.records);
        let rivals = records.filter(|record| !markers.is_empty() && markers.contains(&*record.name));
        Arrived { image, counts: OnceCell::new(), rivals: rivals.map(key).collect() }
    }

    /// How often a record of an input is in the image.
    pub fn count(&self, record: &Record) -> usize {
        let (_, group) = self.image.group(&record.name);
        if group.len() <= FEW {
            return group.iter().filter(|(_, other)| key(other) == key(record)).count();
        }
        let count_all = || {
            let mut counts = HashMap::new();
            for (_, record) in self.image.groups().flatten() {
                *counts.entry(key(record)).or_default() += 1;
            }
            counts
        };
        self.counts.get_or_init(count_all).get(&key(record)).copied().unwrap_or(0)
    }

    /// Records that are in the image less often than packages registered them, each with those packages:
    /// nothing in the record says which one it is.
    pub fn shared(&self, expected: &'a Expected) -> Vec<(&'a Record, BTreeSet<&'a str>)> {
        let mut packages: BTreeMap<Key<'_>, (&Record, BTreeSet<&str>)> = BTreeMap::new();
        for input in &expected.inputs {
            let Some(package) = expected.input_packages.get(&input.path) else { continue };
            for record in &input.records {
                packages.entry(key(record)).or_insert((record, BTreeSet::new())).1.insert(package);
            }
        }
        let is_fewer = |(record, packages): &(&Record, BTreeSet<&str>)| {
            packages.len() > 1 && (1..packages.len()).contains(&self.count(record))
        };
        packages.into_values().filter(is_fewer).collect()
    }

    /// Whether a record that only a marker tells of is in the image: one of its name is, and is not known
    /// to be another input's.
    pub fn has_marker(&self, name: &str) -> bool {
        let (_, group) = self.image.group(name);
        group.iter().any(|(_, record)| !self.rivals.contains(&key(record)))
    }
}
