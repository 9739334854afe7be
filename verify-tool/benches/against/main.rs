//! `linktab check` and `linktab list` against other readers, on one binary with 10,000 modules and on
//! the same padded to 4 GiB. `cargo bench -p linktab-verify --bench against`.
//!
//! Each reader is a process of its own; they take turns, so that a busy machine slows all of them
//! down. Told are medians of the processor time (user and system), which is what a busy machine
//! changes least, and the most memory that was in use at a time.

mod modules;
mod readers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use readers::{Reader, readers};
use wait4::Wait4;

const RUNS: usize = 9;

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
    let on_small = measure(&readers, &small);
    let on_padded = measure(&readers, &padded);
    fs::remove_file(padded).expect("it can be removed");
    table(&readers, &on_small, &on_padded);
    let cost = |name: &str, costs: &[Option<Cost>]| {
        readers.iter().zip(costs).find(|(reader, _)| reader.name == name).and_then(|(_, cost)| *cost)
    };
    verdicts(|name| cost(name, &on_small), |name| cost(name, &on_padded));
}

fn table(readers: &[Reader], small: &[Option<Cost>], padded: &[Option<Cost>]) {
    println!("{:<16}{:>11}{:>10}{:>14}{:>10}", "reader", "small", "peak", "4 GiB", "peak");
    for ((reader, small), padded) in readers.iter().zip(small).zip(padded) {
        println!("{:<16}{} {}", reader.name, cell(*small), cell(*padded));
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
fn verdicts(small: impl Fn(&str) -> Option<Cost>, padded: impl Fn(&str) -> Option<Cost>) {
    let time = |name: &str| small(name).map(|cost| cost.time.as_secs_f64());
    let say = |what: &str, wanted: &str, found: Option<(f64, bool)>| match found {
        Some((found, is_reached)) => {
            let verdict = if is_reached { "reached" } else { "MISSED" };
            println!("{what:<52} wanted {wanted:<14} found {found:>6.2}  {verdict}");
        }
        None => println!("{what:<52} wanted {wanted:<14} not measured"),
    };
    let ratio = |slow: Option<f64>, fast: Option<f64>| Some(slow? / fast?);
    let check = time("linktab check");
    let both = || Some(time("readelf -r")? + time("nm")?);
    let at_least = |limit: f64| move |found: f64| (found, found >= limit);
    let at_most = |limit: f64| move |found: f64| (found, found <= limit);
    say(
        "`check` against `readelf -r` and `nm`, times",
        "at least 5",
        ratio(both(), check).map(at_least(5.0)),
    );
    say(
        "`check` against pyelftools, times",
        "at least 50",
        ratio(time("pyelftools"), check).map(at_least(50.0)),
    );
    say("`check` against LIEF, times", "ahead", ratio(time("LIEF"), check).map(at_least(1.0)));
    say(
        "`list` against `readelf -r`, times",
        "ahead",
        ratio(time("readelf -r"), time("linktab list")).map(at_least(1.0)),
    );
    let large = padded("linktab check").map(|cost| cost.time.as_secs_f64());
    say(
        "`check` of 4 GiB against the small file, times",
        "at most 1.1",
        ratio(large, check).map(at_most(1.1)),
    );
    for (what, name) in [
        ("`check` with a lock against without, times", "check --lock"),
        ("`check` with inputs against without, times", "check --inputs"),
    ] {
        say(what, "at most 1.3", ratio(time(name), check).map(at_most(1.3)));
    }
    let memory = padded("linktab check").map(|cost| cost.bytes as f64 / f64::from(1 << 20));
    say("`check` of 4 GiB, peak memory in MiB", "at most 64", memory.map(at_most(64.0)));
}

/// The medians of each reader, `None` where it failed or gave up.
fn measure(readers: &[Reader], path: &Path) -> Vec<Option<Cost>> {
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); readers.len()];
    let mut is_out = vec![false; readers.len()];
    for _ in 0..RUNS {
        for ((reader, costs), is_out) in readers.iter().zip(&mut costs).zip(&mut is_out) {
            // Whoever takes seconds is not asked nine times.
            let is_slow = costs.first().is_some_and(|cost| cost.time > Duration::from_secs(4));
            if !*is_out && !is_slow {
                let cost = run(&mut reader.command(path, PATIENCE));
                *is_out = cost.is_none();
                costs.extend(cost);
            }
        }
    }
    let medians = costs.into_iter().zip(is_out).map(|(mut costs, is_out)| {
        costs.sort_by_key(|cost| cost.time);
        costs.get(costs.len() / 2).copied().filter(|_| !is_out)
    });
    medians.collect()
}

fn run(command: &mut Command) -> Option<Cost> {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
    let used = child.wait4().ok()?;
    used.status
        .success()
        .then_some(Cost { time: used.rusage.utime + used.rusage.stime, bytes: used.rusage.maxrss })
}
