//! `linktab lock`: pins the modules of a binary for review.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};

use super::args::Lock as Args;
use super::{Ended, Exit, Stop, linked};
use crate::plain::plain;
use crate::{Limits, Lock};

pub fn run(args: &Args, err: &mut dyn Write) -> Ended {
    let outcome = linked::read(&args.binary, &Limits::default());
    for error in &outcome.errors {
        writeln!(err, "error[{}]: {}", error.code(), plain(&error.to_string()))?;
    }
    let defects: usize = outcome.inventories.iter().map(|inventory| inventory.defects.len()).sum();
    if defects > 0 {
        writeln!(err, "error[LT008]: {}: run `linktab check` first", args.binary.display())?;
    }
    if !outcome.errors.is_empty() || defects > 0 {
        return Ok(Exit::Unreadable);
    }
    let text = Lock::render(&outcome.inventories);
    let path = args.lock.display();
    let before = match fs::read_to_string(&args.lock) {
        Ok(before) => Some(before),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Stop::Usage(format!("{path}: {error}"))),
    };
    // Git may have given the file other line ends.
    let is_fresh = before.as_ref().is_some_and(|before| before.replace("\r\n", "\n") == text);
    if args.check && !is_fresh {
        let state = if before.is_some() { "is stale" } else { "does not exist" };
        writeln!(err, "error: {path} {state}: run `linktab lock {}`", args.binary.display())?;
        let before = before.and_then(|before| Lock::parse(&path.to_string(), &before).ok());
        let after = Lock::parse("", &text).map_err(Stop::Usage)?;
        return differences(&before.unwrap_or_default(), &after, err).map(|()| Exit::Findings);
    }
    if !args.check && !is_fresh {
        fs::write(&args.lock, text).map_err(|error| Stop::Usage(format!("{path}: {error}")))?;
        let count: usize = outcome.inventories.iter().map(|inventory| inventory.records.len()).sum();
        writeln!(err, "{path}: {count} modules locked")?;
    }
    Ok(Exit::Clean)
}

/// What a reviewer would see in the file, in the signs of `linktab diff`.
fn differences(before: &Lock, after: &Lock, err: &mut dyn Write) -> Result<(), Stop> {
    let phases = |lock: &'_ Lock| -> BTreeMap<String, String> {
        lock.modules.iter().map(|module| (module.name.clone(), module.phase.clone())).collect()
    };
    let (before, after) = (phases(before), phases(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        match (before.get(name), after.get(name)) {
            (Some(_), None) => writeln!(err, "- {}", plain(name))?,
            (None, Some(_)) => writeln!(err, "+ {}", plain(name))?,
            (Some(old), Some(new)) if old != new => writeln!(err, "~ {} ({old}) -> ({new})", plain(name))?,
            _ => {}
        }
    }
    Ok(())
}
