//! `linktab check` and `linktab list` against other readers, on one binary with 10,000 modules and on
//! the same padded to 4 GiB. `cargo bench -p linktab-verify --bench against`.
//!
//! Each reader is a process of its own; they take turns, each on both files, so that a busy machine slows all of them
//! down. Told are medians of the processor time (user and system), which is what a busy machine changes least, of which
//! ratios are medians of those in the same turn; and the most memory that was in use at a time.

mod modules;
mod readers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use readers::{Reader, readers};
use wait4::Wait4;

/// Turns.
const RUNS: usize = 31;

/// Whoever takes longer is asked in the first of them only.
const SLOW: Duration = Duration::from_millis(500);
const SLOW_RUNS: usize = 5;
/// And this one once.
const SLOWEST: Duration = Duration::from_secs(4);

/// Where a reader is stopped, by the clock: LIEF reads four gigabytes of zeros, and pyelftools takes seconds for
/// the small file, on a busy machine half a minute.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a reader took.
#[derive(Clone, Copy)]
struct Cost {
    time: Duration,
    bytes: u64,
}

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let small = modules::build(&folder);
    let padded = folder.join("modules-4-gib");
    fs::copy(&small, &padded).expect("the target folder is writable");
    let file = fs::OpenOptions::new().write(true).open(&padded).expect("it was just written");
    file.set_len(4 << 30).expect("sparse files are allowed");
    let size = fs::metadata(&small).map_or(0, |metadata| metadata.len());
    println!("{} modules in {} KiB, and the same padded to 4 GiB", modules::COUNT, size >> 10);
    println!("processor time and peak memory, medians of {RUNS} runs that take turns\n");
    let readers = readers(&folder, &small);
    let costs = measure(&readers, [&small, &padded]);
    fs::remove_file(padded).expect("it can be removed");
    table(&readers, &costs);
    let cost = |name: &str, file: usize| {
        readers.iter().zip(&costs).find(|(reader, _)| reader.name == name).map(|(_, costs)| &*costs[file])
    };
    verdicts(|name| cost(name, 0).unwrap_or_default(), |name| cost(name, 1).unwrap_or_default());
}

fn table(readers: &[Reader], costs: &[[Vec<Cost>; 2]]) {
    println!("{:<16}{:>11}{:>10}{:>14}{:>10}", "reader", "small", "peak", "4 GiB", "peak");
    for (reader, [small, padded]) in readers.iter().zip(costs) {
        println!("{:<16}{} {}", reader.name, cell(median(small)), cell(median(padded)));
    }
    println!();
}

fn cell(cost: Option<Cost>) -> String {
    cost.map_or_else(
        || format!("{:>11}{:>12}", "gave up", ""),
        |cost| format!("{:>8.1} ms{:>8.1} MB", milliseconds(cost.time), cost.bytes as f64 / 1e6),
    )
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The promises of the README, each with what came out.
fn verdicts<'a>(small: impl Fn(&str) -> &'a [Cost], padded: impl Fn(&str) -> &'a [Cost]) {
    let say = |what: &str, wanted: &str, found: Option<f64>, is_reached: &dyn Fn(f64) -> bool| match found {
        Some(found) => {
            let verdict = if is_reached(found) { "reached" } else { "MISSED" };
            println!("{what:<52} wanted {wanted:<14} found {found:>6.2}  {verdict}");
        }
        None => println!("{what:<52} wanted {wanted:<14} not measured"),
    };
    let at_least = |limit: f64| move |found: f64| found >= limit;
    let at_most = |limit: f64| move |found: f64| found <= limit;
    let check = small("linktab check");
    say(
        "`check` against `readelf -r` and `nm`, times",
        "at least 5",
        times(small("readelf -r"), check).zip(times(small("nm"), check)).map(|(one, other)| one + other),
        &at_least(5.0),
    );
    say(
        "`check` against pyelftools, times",
        "at least 50",
        times(small("pyelftools"), check),
        &at_least(50.0),
    );
    say("`check` against LIEF, times", "ahead", times(small("LIEF"), check), &at_least(1.0));
    say(
        "`list` against `readelf -r`, times",
        "ahead",
        times(small("readelf -r"), small("linktab list")),
        &at_least(1.0),
    );
    say(
        "`check` of 4 GiB against the small file, times",
        "at most 1.1",
        times(padded("linktab check"), check),
        &at_most(1.1),
    );
    for (what, name) in [
        ("`check` with a lock against without, times", "check --lock"),
        ("`check` with inputs against without, times", "check --inputs"),
    ] {
        say(what, "at most 1.3", times(small(name), check), &at_most(1.3));
    }
    let memory = median(padded("linktab check")).map(|cost| cost.bytes as f64 / f64::from(1 << 20));
    say("`check` of 4 GiB, peak memory in MiB", "at most 64", memory, &at_most(64.0));
}

/// The one in the middle by its time.
fn median(costs: &[Cost]) -> Option<Cost> {
    let mut costs = costs.to_vec();
    costs.sort_by_key(|cost| cost.time);
    costs.get(costs.len() / 2).copied()
}

/// So many times another's, of those in the same turn the median: what else the machine did has slowed down both.
fn times(ours: &[Cost], theirs: &[Cost]) -> Option<f64> {
    let ratio = |(ours, theirs): (&Cost, &Cost)| ours.time.as_secs_f64() / theirs.time.as_secs_f64();
    let mut ratios: Vec<f64> = ours.iter().zip(theirs).map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied()
}

/// What each reader took on each of the files, turn by turn; nothing, where it failed or gave up.
fn measure(readers: &[Reader], files: [&Path; 2]) -> Vec<[Vec<Cost>; 2]> {
    let mut all: Vec<[Vec<Cost>; 2]> = readers.iter().map(|_| Default::default()).collect();
    let mut is_out = vec![[false; 2]; readers.len()];
    for turn in 0..RUNS {
        for (reader, (costs, is_out)) in readers.iter().zip(all.iter_mut().zip(&mut is_out)) {
            for ((path, costs), is_out) in files.iter().zip(costs).zip(is_out) {
                let took = costs.first().map_or(Duration::ZERO, |cost| cost.time);
                let is_done = took > SLOWEST || took > SLOW && turn >= SLOW_RUNS;
                if !*is_out && !is_done {
                    let cost = run(&mut reader.command(path, PATIENCE));
                    *is_out = cost.is_none();
                    costs.extend(cost);
                }
            }
        }
    }
    for (costs, is_out) in all.iter_mut().flatten().zip(is_out.iter().flatten()) {
        if *is_out {
            costs.clear();
        }
    }
    all
}

fn run(command: &mut Command) -> Option<Cost> {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
    let used = child.wait4().ok()?;
    used.status
        .success()
        .then_some(Cost { time: used.rusage.utime + used.rusage.stime, bytes: used.rusage.maxrss })
}
