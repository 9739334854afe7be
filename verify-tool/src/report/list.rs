//! Inventories in, the words of `linktab list` out.

use std::io::{self, Write};

use serde::Serialize;

use super::{sorted, symbol};
use crate::{Init, Inventory, Outcome, Record};

const HEADINGS: [&str; 5] = ["MODULE", "PHASE", "PACKAGE", "INIT", "ORIGIN"];

/// An aligned table for each image.
pub fn text(inventories: &[Inventory], out: &mut dyn Write) -> io::Result<()> {
    for (index, inventory) in inventories.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let count = inventory.records.len() + inventory.markers.len();
        let plural = if count == 1 { "" } else { "s" };
        let (label, format, arch, kind) =
            (inventory.label(), inventory.format, &inventory.arch, inventory.kind);
        writeln!(out, "{label}: {count} module{plural} ({format} {arch} {kind})")?;
        if count > 0 {
            table(inventory, out)?;
        }
    }
    Ok(())
}

type Row = [String; 5];

/// The rows, made when they are asked for: a million of them would fill the memory.
fn rows(inventory: &Inventory) -> impl Iterator<Item = Row> {
    let markers = inventory.markers.iter().map(|name| {
        let unknown = || "?".to_owned();
        [name.clone(), unknown(), unknown(), unknown(), "bitcode, known by its marker only".to_owned()]
    });
    sorted(inventory).into_iter().map(row).chain(markers)
}

fn row(record: &Record) -> Row {
    [
        record.name.to_string(),
        record.phase.to_string(),
        if record.package { "yes" } else { "no" }.to_owned(),
        symbol::init(record),
        record.origin().to_string(),
    ]
}

fn table(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let mut widths = HEADINGS.map(str::len);
    for row in rows(inventory) {
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = cell.chars().count().max(*width);
        }
    }
    line(&HEADINGS, &widths, out)?;
    rows(inventory).try_for_each(|row| line(&row.each_ref().map(String::as_str), &widths, out))
}

fn line(cells: &[&str; 5], widths: &[usize; 5], out: &mut dyn Write) -> io::Result<()> {
    let mut line = String::from(" ");
    for (cell, &width) in cells.iter().zip(widths) {
        line.push(' ');
        // Names come from the file, and terminals obey control characters.
        line.extend(cell.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }));
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count()) + 1));
    }
    writeln!(out, "{}", line.trim_end())
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    schema_version: u32,
    inputs: Vec<Entry<'a>>,
    errors: Vec<String>,
}

#[derive(Serialize)]
struct Entry<'a> {
    path: &'a str,
    member: Option<&'a str>,
    format: &'static str,
    kind: &'static str,
    arch: &'a str,
    modules: Vec<Module<'a>>,
    /// Names that only a marker tells, see [`Inventory::markers`].
    markers: &'a [String],
    defects: Vec<Defect<'a>>,
}

#[derive(Serialize)]
struct Module<'a> {
    name: &'a str,
    phase: &'static str,
    package: bool,
    /// A string: JSON numbers lose the precision of 64-bit addresses.
    address: Option<String>,
    symbol: Option<&'a str>,
    origin: OriginFields<'a>,
}

#[derive(Serialize)]
struct OriginFields<'a> {
    package: &'a str,
    version: &'a str,
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct Defect<'a> {
    section: &'a str,
    offset: String,
    slot: usize,
    message: String,
}

/// One JSON document for all images.
pub fn json(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: "linktab-list",
        schema_version: 1,
        inputs: outcome.inventories.iter().map(entry).collect(),
        errors: outcome.errors.iter().map(ToString::to_string).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn entry(inventory: &Inventory) -> Entry<'_> {
    let defects = inventory.defects.iter().map(|defect| Defect {
        section: &defect.section,
        offset: format!("{:#x}", defect.offset),
        slot: defect.slot,
        message: defect.kind.to_string(),
    });
    Entry {
        path: &inventory.path,
        member: inventory.member.as_deref(),
        format: inventory.format.as_str(),
        kind: inventory.kind.as_str(),
        arch: &inventory.arch,
        modules: sorted(inventory).into_iter().map(module).collect(),
        markers: &inventory.markers,
        defects: defects.collect(),
    }
}

fn module(record: &Record) -> Module<'_> {
    let address = match record.init {
        Init::Address { address, .. } | Init::Resolver(address) => Some(format!("{address:#x}")),
        Init::Null | Init::Import(_) => None,
    };
    let origin = record.origin();
    Module {
        name: &record.name,
        phase: record.phase.as_str(),
        package: record.package,
        address,
        symbol: record.symbol.as_deref(),
        origin: OriginFields {
            package: origin.package,
            version: origin.version,
            file: origin.file,
            line: origin.line,
        },
    }
}
