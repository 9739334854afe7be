//! `linktab needs`: what a machine must have for a program to run, and the same at the end of `linktab pack`.

use std::io::Write as _;
use std::path::Path;

use super::args::{ListFormat, NeedsOf};
use super::streams::{Notes, Out};
use super::{Ended, Exit};
use crate::report::needs as report;
use crate::{Limits, needs};

pub fn run(args: &NeedsOf, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    for path in &args.paths {
        let (found, unread) = needs::read(path, &Limits::default());
        all.extend(found);
        errors.extend(unread);
    }
    match args.output_format {
        ListFormat::Text => report::text(&all, out)?,
        ListFormat::Json => report::json(&all, &errors, out)?,
    }
    out.flush()?;
    errors.iter().for_each(|error| notes.error(error));
    Ok(if errors.is_empty() { Exit::Clean } else { Exit::Unreadable })
}

/// The same for a file that was just written, whose bytes are known to be good.
pub fn tell(path: &Path, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Result<(), super::Stop> {
    let (found, errors) = needs::read(path, &Limits::default());
    errors.iter().for_each(|error| notes.error(error));
    found.iter().try_for_each(|needs| report::outside(needs, out))?;
    Ok(())
}
