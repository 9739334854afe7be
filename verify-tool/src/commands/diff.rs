//! `linktab diff`: which modules two binaries differ in.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use super::args::Diff;
use super::streams::{Notes, Out};
use super::{Ended, Exit, linked};
use crate::plain::plain;
use crate::{Limits, Outcome, Record};

pub fn run(args: &Diff, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let read = |path: &Path| linked::read(path, &Limits::default());
    let (old, new) = (read(&args.old), read(&args.new));
    // What could not be read would look like removed.
    if !old.errors.is_empty() || !new.errors.is_empty() {
        for error in old.errors.iter().chain(&new.errors) {
            notes.error(error);
        }
        return Ok(Exit::Unreadable);
    }
    let (old, new) = (records(&old), records(&new));
    let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let (mut added, mut removed, mut changed) = (0, 0, 0);
    for name in names {
        match (old.get(name), new.get(name)) {
            (Some(record), None) => {
                writeln!(out, "- {} ({})", plain(name), about(record))?;
                removed += 1;
            }
            (None, Some(record)) => {
                writeln!(out, "+ {} ({})", plain(name), about(record))?;
                added += 1;
            }
            (Some(before), Some(after)) if about(before) != about(after) => {
                writeln!(out, "~ {} ({}) -> ({})", plain(name), about(before), about(after))?;
                changed += 1;
            }
            _ => {}
        }
    }
    writeln!(out, "{added} added, {removed} removed, {changed} changed")?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// Records by name, of all architectures.
fn records(outcome: &Outcome) -> BTreeMap<&str, &Record> {
    let all = outcome.inventories.iter().flat_map(|inventory| &inventory.records);
    all.map(|record| (&*record.name, record)).collect()
}

/// What a reviewer wants to know; no line, which changes with every edit above it.
fn about(record: &Record) -> String {
    let origin = record.origin();
    let mut words = vec![record.phase.to_string()];
    if record.package {
        words.push("package".to_owned());
    }
    if !origin.package.is_empty() {
        words.push(format!("{} {}", origin.package, origin.version).trim_end().to_owned());
    }
    plain(&words.join(", ")).into_owned()
}
