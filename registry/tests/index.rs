//! The index over records of one's own, against a `BTreeMap`, and everything that it refuses.
//!
//! Runs under Miri too: nothing here touches the section.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::thread;

use linktab::hash::hash;
use linktab::layout::offset;
use linktab::{Phase, Record, Registry};
use proptest::prelude::*;
use proptest::string::string_regex;

unsafe extern "C" fn init() -> *mut c_void {
    std::ptr::null_mut()
}

fn record(name: &str, origin: &'static str) -> Record {
    Record::new(name.to_owned().leak(), init, Phase::Multi, false, origin)
}

fn records(names: &[String]) -> &'static [Record] {
    let records: Vec<Record> = names.iter().map(|name| record(name, "p\n1\nf.rs\n1")).collect();
    records.leak()
}

/// 100,000, or what `PROPTEST_CASES` says: slow tools look at fewer.
fn cases() -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let chosen = cfg!(not(miri)) && std::env::var_os("PROPTEST_CASES").is_some();
    let cases = if cfg!(miri) { 40 } else { 100_000 };
    if chosen { default } else { ProptestConfig { cases, ..default } }
}

/// One to three components of a small alphabet, so that prefixes, neighbours and repeats are common.
fn name() -> impl Strategy<Value = String> {
    // A pattern that is a plain string would be parsed for each component of each name.
    let parsed = |pattern| string_regex(pattern).expect("a pattern of this file");
    let component = prop_oneof![parsed("[ab]{1,3}"), parsed("[a-z_]{1,24}"), parsed("[a-zé語]{1,4}")];
    prop::collection::vec(component, 1..4).prop_map(|parts| parts.join("."))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn answers_as_a_map_does(names in prop::collection::vec(name(), 0..12), others in prop::collection::vec(name(), 4)) {
        let model: BTreeMap<&str, usize> =
            names.iter().enumerate().rev().map(|(slot, name)| (name.as_str(), slot)).collect();
        let slots = records(&names);
        let built = Registry::over(slots);
        if model.len() < names.len() {
            let error = built.expect_err("a name occurs twice");
            let told: Vec<String> = error.problems().iter().map(|problem| match problem {
                linktab::Problem::Duplicate { name, origins } => {
                    assert_eq!(origins.len(), names.iter().filter(|other| other == name).count());
                    (*name).to_owned()
                }
                other => panic!("unexpected problem: {other}"),
            }).collect();
            let repeated: Vec<&str> = model.keys().copied()
                .filter(|name| names.iter().filter(|other| other == name).count() > 1).collect();
            prop_assert_eq!(told, repeated);
            return Ok(());
        }
        let registry = built.expect("all names differ");
        prop_assert_eq!(registry.len(), names.len());
        for (name, &slot) in &model {
            let found = registry.get(name).expect("a registered name");
            prop_assert!(std::ptr::eq(found, &slots[slot]));
        }
        for name in &others {
            prop_assert_eq!(registry.get(name).is_some(), model.contains_key(name.as_str()));
            let below: Vec<&str> = registry.below(name).map(|record| record.name()).collect();
            let prefix = format!("{name}.");
            let expected: Vec<&str> = model.keys().copied().filter(|key| key.starts_with(&prefix)).collect();
            prop_assert_eq!(registry.has_below(name), !below.is_empty());
            prop_assert_eq!(below, expected);
        }
        assert_ordered(&registry, names.len());
        let listed: Vec<&str> = registry.iter_by_name().map(|record| record.name()).collect();
        let expected: Vec<&str> = model.keys().copied().collect();
        prop_assert_eq!(listed, expected);
    }
}

#[test]
fn ten_thousand_names_are_found_from_many_threads() {
    let count = if cfg!(miri) { 50 } else { 10_000 };
    let names: Vec<String> = (0..count).map(|n| format!("acme.package_{}._extension_{n}", n % 97)).collect();
    let registry = Registry::over(records(&names)).expect("all names differ");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for name in &names {
                    assert_eq!(registry.get(name).map(Record::name), Some(name.as_str()));
                    assert!(registry.get(&name[1..]).is_none());
                }
            });
        }
    });
}

/// Entries of four bytes count to 16,382.
#[test]
fn a_table_of_more_names_than_four_bytes_count_finds_each() {
    for count in [16_382, 16_383] {
        let names: Vec<String> = (0..count).map(|i| format!("acme.part{i}._native")).collect();
        let registry = Registry::over(records(&names)).expect("the names are all different");
        let wrong = names.iter().filter(|name| registry.get(name).is_none_or(|r| r.name() != **name));
        assert_eq!((registry.len(), wrong.count()), (count, 0));
        assert!(registry.get("acme.part16383._native").is_none());
        assert_ordered(&registry, count);
    }
}

fn assert_ordered(registry: &Registry, count: usize) {
    let keys: Vec<_> =
        registry.iter().map(|record| (hash(record.name().as_bytes()), record.name())).collect();
    assert_eq!(keys.len(), count);
    if let Some(pair) = keys.windows(2).find(|pair| pair[0] >= pair[1]) {
        panic!("not in order: {pair:x?}");
    }
}

/// A run that begins at the last home goes on behind it, however long it is.
#[test]
fn names_whose_hashes_are_all_alike_find_their_places() {
    let is_at_the_end = |name: &String| hash(name.as_bytes()) >> 56 == 0xff;
    let count = if cfg!(miri) { 20 } else { 60 };
    let mut names: Vec<String> =
        (0..).map(|i| format!("acme.part{i}")).filter(is_at_the_end).take(count).collect();
    assert_ordered(&Registry::over(records(&names)).expect("all names differ"), count);
    let stranger = (0..).map(|i| format!("other{i}")).find(is_at_the_end).expect("there is no end of them");
    let registry = Registry::over(records(&names)).expect("all names differ");
    assert!(names.iter().all(|name| registry.get(name).is_some()));
    assert!(registry.get(&stranger).is_none());
    names.push(names[0].clone());
    let error = Registry::over(records(&names)).expect_err("one name, two records");
    assert_eq!(error.problems().len(), 1);
}

#[test]
fn an_empty_table_finds_nothing() {
    let registry = Registry::over(&[]).expect("nothing can be wrong");
    assert!(registry.is_empty());
    assert!(registry.get("acme").is_none());
    assert_eq!(registry.iter_by_name().len(), 0);
}

#[test]
fn every_duplicate_is_named_with_every_origin() {
    let records = vec![
        record("acme.net._core", "acme-net\n2.0.0\nnet/src/lib.rs\n9"),
        record("acme.geo._core", "acme-geo\n0.3.1\ngeo/src/lib.rs\n4"),
        record("acme.fine", "acme\n1.0.0\nsrc/lib.rs\n1"),
        record("acme.geo._core", "other-geo\n\nvendor/geo.c\n17"),
        record("acme.net._core", ""),
        broken(&[(offset::PHASE, &[0])]),
        record("acme.geo._core", "acme-geo\n0.2.9\ngeo/src/lib.rs\n4"),
    ];
    let error = Registry::over(records.leak()).expect_err("two names occur more than once");
    insta::assert_snapshot!(error);
}

/// Writes over the fields of a good record, as C without the header could; C computes no hash.
fn broken(changes: &[(usize, &[u8])]) -> Record {
    let mut record = record("acme.broken", "acme\n1.0.0\nsrc/native.c\n12");
    let bytes = (&raw mut record).cast::<u8>();
    for (offset, new) in [(offset::HASH, &[0; 8][..])].iter().chain(changes) {
        assert!(offset + new.len() <= linktab::layout::RECORD_SIZE);
        // SAFETY: the offset lies in the record, as the line before asserts.
        let field = unsafe { bytes.add(*offset) };
        // SAFETY: so does the end; every field takes any bits, and null is a valid `Option` of a function.
        unsafe { field.copy_from_nonoverlapping(new.as_ptr(), new.len()) };
    }
    record
}

/// The index takes a record with a hash at its word.
#[test]
fn no_record_is_made_of_a_name_with_an_empty_part() {
    for name in ["", ".", "acme.", ".acme", "acme..geo"] {
        std::panic::catch_unwind(|| record(name, "")).expect_err(name);
    }
    assert_eq!(record("acme.geo", "").name(), "acme.geo");
}

#[test]
fn every_record_that_cannot_be_used_is_named() {
    let huge = 70_000_u32.to_ne_bytes();
    let records = vec![
        broken(&[]),
        broken(&[(offset::MAGIC, &[0; 4])]),
        broken(&[(offset::ABI, &7_u16.to_ne_bytes())]),
        broken(&[(offset::PHASE, &[9])]),
        broken(&[(offset::NAME, &[0; size_of::<usize>()])]),
        broken(&[(offset::NAME_LEN, &huge)]),
        broken(&[(offset::NAME_LEN, &[0; 4])]),
        broken(&[(offset::NAME_LEN, &5_u32.to_ne_bytes())]),
        broken(&[(offset::INIT, &[0; size_of::<usize>()])]),
        broken(&[(offset::ORIGIN_LEN, &huge)]),
    ];
    let error = Registry::over(records.leak()).expect_err("most records are broken");
    insta::assert_snapshot!(error);
}

#[test]
fn records_without_a_hash_are_found_and_their_duplicates_too() {
    let records = vec![broken(&[]), record("acme.rust._native", "")];
    let registry = Registry::over(records.leak()).expect("all names differ");
    assert!(registry.get("acme.broken").is_some());
    assert!(registry.get("acme.rust._native").is_some());

    let records = vec![broken(&[]), record("acme.broken", "rust\n1\nlib.rs\n2")];
    let error = Registry::over(records.leak()).expect_err("one name, two records");
    insta::assert_snapshot!(error);
}
