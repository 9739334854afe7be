//! `linktab list`: the records of every image, sorted by name.

use std::io::Write;

use super::args::{List, ListFormat};
use super::{Ended, Exit, unless_closed};
use crate::plain::plain;
use crate::report::list;
use crate::{Limits, Outcome};

pub fn run(args: &List, out: &mut dyn Write, err: &mut dyn Write) -> Ended {
    let mut outcome = Outcome::default();
    for path in &args.paths {
        outcome.extend(crate::read(path, &Limits::default()));
    }
    // An archive's members without a record, which are most of them, would drown the others.
    outcome.inventories.retain(|inventory| !inventory.is_silent());
    let written = match args.output_format {
        ListFormat::Text => list::text(&outcome.inventories, out),
        ListFormat::Json => list::json(&outcome, out),
    };
    unless_closed(written.and_then(|()| out.flush()))?;
    let mut exit = Exit::Clean;
    for error in &outcome.errors {
        writeln!(err, "error[{}]: {}", error.code(), plain(&error.to_string()))?;
        exit = Exit::Unreadable;
    }
    for inventory in &outcome.inventories {
        for defect in &inventory.defects {
            let (label, section, offset) = (inventory.label(), &defect.section, defect.offset);
            let kind = defect.kind.to_string();
            writeln!(
                err,
                "error[LT008]: {}: section `{section}`, offset {offset:#x}: {}",
                plain(&label),
                plain(&kind)
            )?;
            exit = Exit::Unreadable;
        }
    }
    Ok(exit)
}
