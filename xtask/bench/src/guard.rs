//! The guard against regressions that noise cannot hide: instructions per import, held against the
//! figures in `instructions.txt`.
//!
//! A figure belongs to one build of CPython and one C library; a machine with others has none, and says so.

use anyhow::Result;

use crate::build::Peers;
use crate::machine;
use crate::measure;
use crate::run::Action;

/// `key<TAB>what<TAB>instructions` lines; `#` begins a comment.
const FIGURES: &str = include_str!("../instructions.txt");
/// How far a count may be from its figure.
const TOLERANCE: f64 = 0.02;
/// What a start takes is counted in these, before and after CPython's own. Of whole processes, with and without
/// linktab, the difference would be chance: by where `malloc` puts things, CPython clears 130,000 bytes' worth
/// of memory that is clear elsewhere.
const START: [&str; 2] = ["bench_before_python", "bench_with_python"];
/// The index is built in the first of them, and nothing else that takes long is done there.
const INDEX: [&str; 1] = ["bench_before_python"];

/// Counts, and compares. Prints a line for each; true when nothing is out of bounds.
///
/// # Errors
/// valgrind is not installed, or a peer fails.
pub fn check(peers: &Peers) -> Result<bool> {
    let key = key();
    let picked = peers.count;
    let action = |what| Action { program: &peers.linktab, how: "linktab", what, picked, count: picked };
    // The first run writes bytecode, if it may.
    action("import").cpu()?;
    let start = action("start").instructions_in(&START)?;
    let index = action("start").instructions_in(&INDEX)?;
    let least = Action { program: &peers.inittab, how: "none", ..action("least") };
    let counts = [
        ("import", measure::per_use(&action("import"))?),
        ("importlib's least", measure::per_use(&least)?),
        ("preload", measure::per_use(&action("preload"))?),
        ("preload behind another finder", measure::per_use(&action("behind"))?),
        ("miss", measure::per_use(&Action { count: 2_000, ..action("miss") })?),
        ("failing import in the namespace", measure::optional(peers)?[0]),
        ("start", start),
        ("index", index),
    ];
    let mut good = true;
    for (what, count) in counts {
        match figure(&key, what) {
            None => println!("skipped: no figure for {key}: {what} takes {count:.0} instructions"),
            Some(figure) => {
                let off = count / figure - 1.0;
                let holds = off.abs() <= TOLERANCE;
                good &= holds;
                let verdict = if holds { "holds" } else { "failed" };
                println!(
                    "{verdict}: {what} takes {count:.0} instructions, figure {figure:.0} ({:+.1} %)",
                    off * 100.0
                );
            }
        }
    }
    good &= optional(peers)?;
    if !good {
        println!("if that is meant, change xtask/bench/instructions.txt and say why in the commit");
    }
    Ok(good)
}

/// Whether an optional module that is not there costs no more in a package of the table than in any other.
fn optional(peers: &Peers) -> Result<bool> {
    let [ours, others] = measure::optional(peers)?;
    let allowed = measure::OPTIONAL;
    let holds = ours <= others * allowed;
    println!(
        "{}: an optional module that is not there takes {ours:.0} instructions in a package of the table, {:.2} of \
         {others:.0} elsewhere, at most {allowed} allowed",
        if holds { "holds" } else { "failed" },
        ours / others
    );
    Ok(holds)
}

/// What a count depends on: the build of CPython, the compilers, the C library, and which of its
/// functions for strings valgrind lets it choose.
fn key() -> String {
    let last_word = |tool| {
        let line = machine::first_line(tool, "--version");
        line.rsplit(' ').next().unwrap_or_default().to_owned()
    };
    let rustc = machine::first_line("rustc", "--version");
    let rustc = rustc.split(' ').nth(1).unwrap_or_default();
    let avx2 = std::fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains(" avx2"));
    format!(
        "{}, gcc {}, rustc {rustc}, libc {}, {}",
        machine::python(),
        last_word("cc"),
        // `ldd (Debian GLIBC 2.36-9+deb12u10) 2.36`: a point release may bring other code.
        machine::first_line("ldd", "--version").trim_start_matches("ldd "),
        if avx2 { "avx2" } else { "no avx2" }
    )
}

fn figure(key: &str, what: &str) -> Option<f64> {
    FIGURES.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = line.split('\t');
        let found = (fields.next()?, fields.next()?) == (key, what);
        found.then(|| fields.next()?.trim().parse().ok()).flatten()
    })
}
