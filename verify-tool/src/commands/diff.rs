//! `linktab diff`: which modules two binaries differ in, each architecture against its own.

use std::io::Write;
use std::path::Path;

use super::args::Diff;
use super::changes::{Change, Changes, Described, Kind};
use super::streams::{self, Notes, Out};
use super::{Ended, Exit, Stop, linked};
use crate::plain::plain;
use crate::report::list::{columns, fold};
use crate::{Inventory, Limits, Outcome, Phase, Text, registered_by};

pub fn run(args: &Diff, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let read = |path: &Path, notes: &mut Notes<'_>| {
        let Outcome { inventories, errors } = linked::read(path, &Limits::default());
        errors.iter().for_each(|error| notes.error(error));
        // What could not be read would look like removed.
        errors.is_empty().then(|| inventories.into_iter().map(Image::new).collect::<Vec<_>>())
    };
    let (Some(old), Some(new)) = (read(&args.old, notes), read(&args.new, notes)) else {
        return Ok(Exit::Unreadable);
    };
    let mut counts = Counts { columns: streams::columns(), ..Counts::default() };
    match (&*old, &*new) {
        // Two builds for two machines are compared, too.
        ([old], [new]) => {
            for change in Changes::between(old.modules.iter(), new.modules.iter()) {
                counts.tell(&change, "", out)?;
            }
        }
        _ => several(&old, &new, &mut counts, out)?,
    }
    let Counts { added, removed, changed, .. } = counts;
    writeln!(out, "{added} added, {removed} removed, {changed} changed")?;
    out.flush()?;
    Ok(Exit::Clean)
}

#[derive(Default)]
struct Counts {
    added: usize,
    removed: usize,
    changed: usize,
    /// Of the terminal, if it is one: what is longer takes a second line.
    columns: Option<usize>,
}

impl Counts {
    fn tell(&mut self, change: &Change, of: &str, out: &mut Out<'_>) -> Result<(), Stop> {
        let (name, about) = change.parts();
        let (name, about) = (plain(&name), format!("{about}{of}"));
        let mut line = name.into_owned();
        match self.columns {
            Some(most) if columns(&line) + 1 + columns(&about) > most => {
                fold(&mut line, &plain(&about), most);
            }
            _ => {
                line.push(' ');
                line.push_str(&plain(&about));
            }
        }
        writeln!(out, "{line}")?;
        match change.kind {
            Kind::Added => self.added += 1,
            Kind::Removed => self.removed += 1,
            Kind::Changed => self.changed += 1,
        }
        Ok(())
    }
}

/// Compares files of which one at least holds several images. What all of them share is told once.
fn several(old: &[Image], new: &[Image], counts: &mut Counts, out: &mut Out<'_>) -> Result<(), Stop> {
    let of = |image: &Image| format!("{} ({} modules)", image.part, image.modules.len());
    let is_in = |image: &Image, others: &[Image]| others.iter().any(|other| other.part == image.part);
    let mut changes: Vec<(Change, usize)> = Vec::new();
    let mut compared = Vec::new();
    for image in old {
        let Some(after) = new.iter().find(|after| after.part == image.part) else {
            writeln!(out, "{}", plain(&format!("- architecture {}", of(image))))?;
            continue;
        };
        let index = compared.len();
        compared.push(&*image.part);
        let between = Changes::between(image.modules.iter(), after.modules.iter());
        changes.extend(between.map(|change| (change, index)));
    }
    for image in new.iter().filter(|image| !is_in(image, old)) {
        writeln!(out, "{}", plain(&format!("+ architecture {}", of(image))))?;
    }
    changes.sort_unstable();
    for group in changes.chunk_by(|a, b| a.0 == b.0) {
        let parts: Vec<&str> = group.iter().filter_map(|(_, index)| compared.get(*index).copied()).collect();
        let of =
            if parts.len() == compared.len() { String::new() } else { format!(" [{}]", parts.join(", ")) };
        if let Some((change, _)) = group.first() {
            counts.tell(change, &of, out)?;
        }
    }
    Ok(())
}

/// One architecture of a file.
struct Image {
    part: String,
    /// By name.
    modules: Vec<Module>,
}

/// What a reviewer wants to know; no line, which changes with every edit above it. All that is kept of
/// the file that is read first.
struct Module {
    name: Text,
    origin: Text,
    phase: Phase,
    package: bool,
}

impl Image {
    fn new(inventory: Inventory) -> Image {
        let part = inventory.part().to_owned();
        let records = inventory.records.into_iter();
        let mut modules: Vec<Module> = records
            .map(|record| Module {
                name: record.name,
                origin: record.origin,
                phase: record.phase,
                package: record.package,
            })
            .collect();
        // The records' memory is used again, and is more than these need.
        modules.shrink_to_fit();
        modules.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Image { part, modules }
    }
}

impl Described for &Module {
    fn name(&self) -> &str {
        &self.name
    }

    fn describe(&self) -> String {
        let mut words = vec![self.phase.to_string()];
        if self.package {
            words.push("package".to_owned());
        }
        let origin = linktab::Origin::parse(&self.origin);
        let by = format!("{} {}", registered_by(&self.origin), origin.version);
        if !by.trim().is_empty() {
            words.push(by.trim().to_owned());
        }
        words.join(", ")
    }
}
