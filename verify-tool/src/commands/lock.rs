//! `linktab lock`: pins the modules of a binary for review.

use std::fs;
use std::io::{self, Write};

use super::args::Lock as Args;
use super::{Ended, Exit, Stop};
use crate::{Limits, Lock};

pub fn run(args: &Args, err: &mut dyn Write) -> Ended {
    let outcome = crate::read(&args.binary, &Limits::default());
    for error in &outcome.errors {
        writeln!(err, "error[{}]: {error}", error.code())?;
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
    let is_fresh = before.is_some_and(|before| before.replace("\r\n", "\n") == text);
    if args.check && !is_fresh {
        writeln!(err, "error: {path} is stale: run `linktab lock {}`", args.binary.display())?;
        return Ok(Exit::Findings);
    }
    if !args.check && !is_fresh {
        fs::write(&args.lock, text).map_err(|error| Stop::Usage(format!("{path}: {error}")))?;
        let count: usize = outcome.inventories.iter().map(|inventory| inventory.records.len()).sum();
        writeln!(err, "{path}: {count} modules locked")?;
    }
    Ok(Exit::Clean)
}
