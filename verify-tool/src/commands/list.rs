//! `linktab list`: the records of every image, sorted by name.

use std::io::Write;
use std::path::Path;

use super::args::{List, ListFormat};
use super::streams::{self, Notes, Out};
use super::{Ended, Exit, homes};
use crate::report::list;
use crate::{Limits, Outcome};

pub fn run(args: &List, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let mut outcome = Outcome::default();
    for path in &args.paths {
        outcome.extend(crate::read(path, &Limits::default()));
    }
    // An archive's members without a record, which are most of them, would drown the others.
    outcome.inventories.retain(|inventory| !inventory.is_silent());
    homes::call_from(Path::new("."), &mut outcome.inventories);
    match args.output_format {
        ListFormat::Text => list::text(&outcome.inventories, streams::columns(), out)?,
        ListFormat::Json => list::json(&outcome, out)?,
    }
    out.flush()?;
    let mut exit = Exit::Clean;
    for error in &outcome.errors {
        notes.error(error);
        exit = Exit::Unreadable;
    }
    for inventory in &outcome.inventories {
        for defect in &inventory.defects {
            let (label, section, offset) = (inventory.label(), &defect.section, defect.offset);
            let kind = &defect.kind;
            notes.line(&format!("error[LT008]: {label}: section `{section}`, offset {offset:#x}: {kind}"));
            exit = Exit::Unreadable;
        }
    }
    Ok(exit)
}
