//! `linktab lock`: pins the modules of a binary for review.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::args::Lock as Args;
use super::streams::Notes;
use super::{Ended, Exit, Stop, files, linked};
use crate::plain;
use crate::{Limits, Lock};

pub fn run(args: &Args, notes: &mut Notes<'_>) -> Ended {
    let outcome = linked::read(&args.binary, &Limits::default());
    for error in &outcome.errors {
        notes.error(error);
    }
    let defects: usize = outcome.inventories.iter().map(|inventory| inventory.defects.len()).sum();
    if defects > 0 {
        notes.line(&format!("error[LT008]: {}: run `linktab check` first", args.binary.display()));
    }
    if !outcome.errors.is_empty() || defects > 0 {
        return Ok(Exit::Unreadable);
    }
    let text = Lock::render(&outcome.inventories);
    let path = plain::path(&args.lock);
    let before = files::optional_text(&args.lock, Limits::default().lock)?;
    // Git may have given the file other line ends.
    let is_fresh = before.as_ref().is_some_and(|before| before.replace("\r\n", "\n") == text);
    if args.check && !is_fresh {
        let state = if before.is_some() { "is stale" } else { "does not exist" };
        notes.line(&format!("error: {path} {state}: run `linktab lock {}`", args.binary.display()));
        let before = before.and_then(|before| Lock::parse(&path.to_string(), &before).ok());
        let after = Lock::parse("", &text).map_err(Stop::Usage)?;
        differences(&before.unwrap_or_default(), &after, notes);
        return Ok(Exit::Findings);
    }
    if !args.check && !is_fresh {
        fs::write(&args.lock, text).map_err(|error| Stop::Usage(format!("{path}: {error}")))?;
        let count: usize = outcome.inventories.iter().map(|inventory| inventory.records.len()).sum();
        notes.line(&format!("{path}: {count} modules locked"));
    }
    Ok(Exit::Clean)
}

/// What a reviewer would see in the file, in the signs of `linktab diff`.
fn differences(before: &Lock, after: &Lock, notes: &mut Notes<'_>) {
    let phases = |lock: &'_ Lock| -> BTreeMap<String, String> {
        lock.modules.iter().map(|module| (module.name.clone(), module.phase.clone())).collect()
    };
    let (before, after) = (phases(before), phases(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        match (before.get(name), after.get(name)) {
            (Some(_), None) => notes.line(&format!("- {name}")),
            (None, Some(_)) => notes.line(&format!("+ {name}")),
            (Some(old), Some(new)) if old != new => notes.line(&format!("~ {name} ({old}) -> ({new})")),
            _ => {}
        }
    }
}
