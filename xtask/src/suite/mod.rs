//! `cargo xtask test`: the wished parts in, a table and an exit code out.

mod aside;
mod book;
mod checkers;
mod covered;
mod demo;
mod dist;
mod install;
mod instructions;
mod memory;
mod msrv;
mod parts;
mod programs;
mod pythons;
mod run;
mod schemas;
mod selection;
mod skips;
mod table;
mod tally;

use std::env;
use std::time::Instant;

use anyhow::{Result, bail, ensure};

use crate::cli::Options;
use crate::environment::Environment;
use aside::Aside;
use parts::{PARTS, Part};
use run::Run;
use table::Row;
use tally::Tally;

/// Runs the parts that `options` name, all when they name none.
///
/// # Errors
/// A part is unknown, or anything failed.
pub fn test(options: &Options) -> Result<()> {
    if options.list {
        print!("{}", parts::list());
        return Ok(());
    }
    let parts = chosen(&options.only)?;
    let strict = env::var("CI").is_ok_and(|ci| ci == "true");
    install::install(&parts)?;
    let mut environment = Environment::new(options);
    let is_whole = parts.len() == PARTS.len();
    if is_whole {
        covered::forget()?;
    }
    let (mut rows, mut beside): (Vec<Row>, Vec<Aside>) = (Vec::new(), Vec::new());
    for &part in &parts {
        beside.extend(Aside::start(part, &parts)?);
        if !beside.iter().any(|aside| aside.runs(part)) {
            rows.push(run_part(part, &mut environment, &options.packages, strict));
        }
    }
    rows.extend(beside.into_iter().flat_map(Aside::rows));
    rows.sort_by_key(|row| parts.iter().position(|part| part.name == row.name));
    // A part that failed, or was skipped where that is allowed, may not have come to its tests.
    if is_whole && strict && rows.iter().all(|row| row.tally.failed == 0) {
        rows.push(nothing_is_left_out()?);
    }
    let failed = rows.iter().any(|row| row.tally.failed > 0);
    print!("\n{}", table::render(&rows));
    // The count is the last word: the reason to exit 1 is in it.
    if failed {
        std::process::exit(1);
    }
    Ok(())
}

/// Of a whole run: whether all tests of the workspace were in it.
///
/// # Errors
/// cargo does not tell of the workspace.
fn nothing_is_left_out() -> Result<Row> {
    let start = Instant::now();
    let mut tally = Tally::default();
    for program in covered::left_out()? {
        eprintln!("failed: no part runs the tests of {program} (xtask/src/suite/parts.rs)");
        tally.failed += 1;
    }
    tally.passed += usize::from(tally.failed == 0);
    Ok(Row { name: "nothing left", tally, time: start.elapsed(), processors: None })
}

fn chosen(only: &[String]) -> Result<Vec<&'static Part>> {
    if let Some(name) = only.iter().find(|name| PARTS.iter().all(|part| part.name != *name)) {
        let names: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        bail!("`{name}` is no part: expected one of {}", names.join(", "));
    }
    let parts: Vec<&Part> =
        PARTS.iter().filter(|part| only.is_empty() || only.iter().any(|name| name == part.name)).collect();
    ensure!(!parts.is_empty(), "there is no part to run");
    Ok(parts)
}

fn run_part(part: &'static Part, environment: &mut Environment, packages: &[String], strict: bool) -> Row {
    eprintln!("\n=== {}: {}", part.name, part.about);
    let (start, before) = (Instant::now(), table::processors());
    let mut tally = Tally::default();
    match environment.provide(part.needs) {
        Ok(()) => {
            if environment.python().is_some() {
                eprintln!("with {}", environment.summary());
            }
            let mut run = Run { environment, packages, tally: Tally::default(), strict };
            let outcome = (part.run)(&mut run);
            tally = run.tally;
            if let Err(error) = outcome {
                eprintln!("failed: {error:#}");
                tally.failed += 1;
            }
        }
        Err(error) => {
            eprintln!("failed: {error:#}");
            tally.failed += 1;
        }
    }
    let processors = table::processors().zip(before).and_then(|(now, before)| now.checked_sub(before));
    Row { name: part.name, tally, time: start.elapsed(), processors }
}
