//! Tables from a name to something, behind one trait: linktab's registry, and what else one would use.
//!
//! The criterion benchmark measures them warm; [`in_fresh_process`] builds one where no page has been
//! touched, as a program that starts does.

use std::collections::HashMap;
use std::ffi::c_void;
use std::time::Instant;

use linktab::hash::hash;
use linktab::{Phase, Record, Registry};

use crate::names::names;

/// A name as C++ takes it.
#[repr(C)]
#[derive(Clone, Copy)]
struct Name {
    text: *const u8,
    len: usize,
}

unsafe extern "C" {
    fn bench_map_new(names: *const Name, count: usize) -> *mut c_void;
    fn bench_map_get(map: *const c_void, name: Name) -> *const c_void;
    fn bench_map_delete(map: *mut c_void);
}

/// Names to look for: those in the table, and as many that are not, of the same kind.
pub struct Input {
    /// In the table.
    pub names: Vec<&'static str>,
    /// Not in the table.
    pub others: Vec<&'static str>,
    records: &'static [Record],
    views: Vec<Name>,
}

impl Input {
    /// `count` of each.
    pub fn new(count: usize) -> Self {
        let names: Vec<&'static str> = names(count).into_iter().map(|name| &*name.leak()).collect();
        let others = names.iter().map(|name| &*format!("{name}_no").leak()).collect();
        let record =
            |name: &&'static str| Record::new(name, nothing, Phase::Multi, false, "bench\n1\nbench.c\n1");
        let views = names.iter().map(|name| Name { text: name.as_ptr(), len: name.len() }).collect();
        Self { records: names.iter().map(record).collect::<Vec<_>>().leak(), names, others, views }
    }
}

unsafe extern "C" fn nothing() -> *mut c_void {
    std::ptr::null_mut()
}

/// One of the tables.
pub trait Table: Sized {
    /// What the results call it.
    const NAME: &'static str;
    /// Fills it.
    fn build(input: &Input) -> Self;
    /// Whether a name is in it.
    fn has(&self, name: &str) -> bool;
}

/// linktab's.
pub struct Linktab(Registry);

impl Table for Linktab {
    const NAME: &'static str = "linktab";
    fn build(input: &Input) -> Self {
        Self(Registry::over(input.records).expect("the names are all different"))
    }
    fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some()
    }
}

/// `std::unordered_map<std::string_view, …>`, reserved.
pub struct UnorderedMap(*mut c_void);

impl Table for UnorderedMap {
    const NAME: &'static str = "unordered_map";
    fn build(input: &Input) -> Self {
        // SAFETY: as many names, which outlive the map.
        Self(unsafe { bench_map_new(input.views.as_ptr(), input.views.len()) })
    }
    fn has(&self, name: &str) -> bool {
        let name = Name { text: name.as_ptr(), len: name.len() };
        // SAFETY: a live map, and a name that outlives the call.
        !unsafe { bench_map_get(self.0, name) }.is_null()
    }
}

impl Drop for UnorderedMap {
    fn drop(&mut self) {
        // SAFETY: made by `bench_map_new`, and not used afterwards.
        unsafe { bench_map_delete(self.0) };
    }
}

/// Rust's own, reserved.
pub struct StdHashMap(HashMap<&'static str, usize>);

impl Table for StdHashMap {
    const NAME: &'static str = "HashMap";
    fn build(input: &Input) -> Self {
        let mut map = HashMap::with_capacity(input.names.len());
        map.extend(input.names.iter().copied().zip(0..));
        Self(map)
    }
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// Open addressing, linear probing, half full, with linktab's hash: slot and fingerprint in 8 bytes.
pub struct OpenAddressing {
    slots: Box<[(u32, u32)]>,
    names: Box<[&'static str]>,
    /// To the right, for a hash: its upper bits are the position.
    shift: u32,
}

impl Table for OpenAddressing {
    const NAME: &'static str = "open addressing";
    fn build(input: &Input) -> Self {
        let len = (input.names.len() * 2).next_power_of_two();
        let mut table = Self {
            slots: vec![(0, 0); len].into(),
            names: input.names.clone().into(),
            shift: u64::BITS - len.trailing_zeros(),
        };
        for (slot, name) in input.names.iter().enumerate() {
            let hash = hash(name.as_bytes());
            let mut at = (hash >> table.shift) as usize;
            while table.slots[at].0 != 0 {
                at = (at + 1) & (len - 1);
            }
            table.slots[at] = (slot as u32 + 1, (hash >> 16) as u32);
        }
        table
    }
    fn has(&self, name: &str) -> bool {
        let hash = hash(name.as_bytes());
        let mut at = (hash >> self.shift) as usize;
        loop {
            let (slot, fingerprint) = self.slots[at];
            if slot == 0 {
                return false;
            }
            if fingerprint == (hash >> 16) as u32 && self.names[slot as usize - 1] == name {
                return true;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

/// What the inittab does: one after the other.
pub struct Linear(Box<[&'static str]>);

impl Table for Linear {
    const NAME: &'static str = "linear";
    fn build(input: &Input) -> Self {
        Self(input.names.clone().into())
    }
    fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }
}

/// Nanoseconds to build the table of a name, and then, if `cold`, for one look-up of each of 1,000
/// names whose memory has not been touched since. Meant for a process of its own.
pub fn in_fresh_process(table: &str, count: usize) -> Option<(f64, f64)> {
    let input = Input::new(count);
    match table {
        Linktab::NAME => Some(once::<Linktab>(&input)),
        UnorderedMap::NAME => Some(once::<UnorderedMap>(&input)),
        StdHashMap::NAME => Some(once::<StdHashMap>(&input)),
        OpenAddressing::NAME => Some(once::<OpenAddressing>(&input)),
        _ => None,
    }
}

fn once<T: Table>(input: &Input) -> (f64, f64) {
    let start = Instant::now();
    let table = T::build(input);
    let built = start.elapsed();
    // Names that the build has read are in the caches; 64 MiB of something else are in the way.
    let waste = vec![1_u8; 64 << 20];
    std::hint::black_box(waste.iter().step_by(64).map(|byte| u64::from(*byte)).sum::<u64>());
    // In an order that is not the table's, as programs import.
    let (count, wanted) = (input.names.len(), input.names.len().min(1_000));
    let wanted: Vec<String> = (0..wanted).map(|at| input.names[at * 7919 % count].to_owned()).collect();
    let start = Instant::now();
    let found = wanted.iter().filter(|name| table.has(name)).count();
    let cold = start.elapsed();
    assert_eq!(found, wanted.len());
    (built.as_nanos() as f64, cold.as_nanos() as f64 / found as f64)
}

/// Nanoseconds for a hit and for a miss, warm: the median of rounds, each over all names in an order
/// that is not the table's.
pub fn warm<T: Table>(count: usize) -> (f64, f64) {
    let input = Input::new(count);
    let table = T::build(&input);
    let rounds = (2_000_000 / count).clamp(5, 2_000);
    let time = |names: &[&'static str]| {
        let names: Vec<&str> = (0..count).map(|at| names[at * 7919 % count]).collect();
        let mut times: Vec<f64> = (0..rounds)
            .map(|_| {
                let start = Instant::now();
                std::hint::black_box(
                    names.iter().filter(|name| table.has(std::hint::black_box(name))).count(),
                );
                start.elapsed().as_nanos() as f64 / count as f64
            })
            .collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    (time(&input.names), time(&input.others))
}
