//! One registry, eight threads that want it at once. ThreadSanitizer watches where
//! `cargo xtask test --only memory` can compile for it.

use std::ffi::c_void;
use std::sync::Barrier;
use std::thread;

use linktab::{Phase, Record, Registry};

/// Stands for Python's.
type PyObject = c_void;

const THREADS: usize = 8;

#[linktab::extension_module("acme.geo._core")]
unsafe extern "C" fn geo() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.net._core", phase = "single")]
unsafe extern "C" fn net() -> *mut PyObject {
    std::ptr::null_mut()
}

/// Runs `work` in all threads at once; what they return is the same everywhere.
fn at_once<R: PartialEq + std::fmt::Debug + Send>(work: impl Fn(usize) -> R + Sync) -> R {
    let barrier = Barrier::new(THREADS);
    let run = |thread| {
        barrier.wait();
        work(thread)
    };
    let mut results: Vec<R> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || run(thread))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
    });
    let first = results.swap_remove(0);
    results.iter().for_each(|result| assert_eq!(*result, first));
    first
}

#[test]
fn the_registry_of_the_executable_is_built_once() {
    let names = at_once(|_| {
        let registry = Registry::global().expect("the table is sound");
        let names: Vec<&str> = registry.iter_by_name().map(Record::name).collect();
        assert!(names.iter().all(|name| registry.get(name).is_some_and(|record| record.name() == *name)));
        (std::ptr::from_ref(registry) as usize, names, registry.names_python())
    });
    assert_eq!((names.1, names.2), (vec!["acme.geo._core", "acme.net._core"], false));
}

#[test]
fn every_thread_finds_every_name() {
    let names: Vec<String> = (0..10_000).map(|n| format!("acme.package_{}._e{n}", n % 97)).collect();
    let record = |name: &String| Record::new(name.clone().leak(), geo, Phase::Multi, false, "");
    let records: Vec<Record> = names.iter().map(record).collect();
    let registry = Registry::over(records.leak()).expect("all names differ");
    let found = at_once(|thread| {
        // Each begins elsewhere, and the listing is made by whoever comes first.
        let (later, earlier) = names.split_at(thread * names.len() / THREADS);
        for name in earlier.iter().chain(later) {
            assert_eq!(registry.get(name).map(Record::name), Some(name.as_str()));
            assert!(registry.get(&name[1..]).is_none());
        }
        (registry.iter_by_name().len(), registry.below("acme.package_96").count())
    });
    assert_eq!(found, (10_000, 103));
}
