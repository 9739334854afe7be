//! Tables, warm: `cargo bench -p linktab-bench --bench tables`.
//!
//! Names are looked for in an order that is not the table's. `build` runs on memory that the allocator
//! has handed out before; a fresh process pays for its pages too, which `cargo xtask bench` measures.

#![allow(missing_docs, reason = "criterion's macros make functions")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use linktab_bench::tables::{Input, Linear, Linktab, OpenAddressing, StdHashMap, Table, UnorderedMap};

const COUNTS: [usize; 4] = [100, 1_000, 10_000, 50_000];

fn measure<T: Table>(criterion: &mut Criterion) {
    for count in COUNTS {
        // Half a table per look-up: nothing new is learned from minutes of it.
        if T::NAME == Linear::NAME && count > 1_000 {
            continue;
        }
        let input = Input::new(count);
        let table = T::build(&input);
        let shuffled = |names: &[&'static str]| -> Vec<&'static str> {
            (0..count).map(|at| names[at * 7919 % count]).collect()
        };
        let mut group = criterion.benchmark_group("build");
        group.bench_function(BenchmarkId::new(T::NAME, count), |bench| {
            bench.iter_with_large_drop(|| T::build(black_box(&input)));
        });
        group.finish();
        for (what, names) in [("hit", shuffled(&input.names)), ("miss", shuffled(&input.others))] {
            let mut group = criterion.benchmark_group(what);
            group.throughput(Throughput::Elements(count as u64));
            group.bench_function(BenchmarkId::new(T::NAME, count), |bench| {
                bench.iter(|| names.iter().filter(|name| table.has(black_box(name))).count());
            });
            group.finish();
        }
    }
}

fn all(criterion: &mut Criterion) {
    measure::<Linktab>(criterion);
    measure::<UnorderedMap>(criterion);
    measure::<StdHashMap>(criterion);
    measure::<OpenAddressing>(criterion);
    measure::<Linear>(criterion);
}

criterion_group!(benches, all);
criterion_main!(benches);
