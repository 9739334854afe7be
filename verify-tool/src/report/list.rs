//! Inventories in, the words of `linktab list` out.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::iter;

use serde::{Serialize, Serializer};
use unicode_width::UnicodeWidthStr as _;

use super::{document, sorted, symbol};
use crate::plain::plain;
use crate::{Init, Inventory, Outcome, Record};

const HEADINGS: [&str; 5] = ["MODULE", "PHASE", "PACKAGE", "INIT", "ORIGIN"];

/// An aligned table for each image; where a table is wider than `columns`, each record takes a line for a cell or two.
pub fn text(inventories: &[Inventory], columns: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    for (index, inventory) in inventories.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let count = inventory.records.len() + inventory.markers.len();
        let plural = if count == 1 { "" } else { "s" };
        let (label, format, arch, kind) =
            (inventory.label(), inventory.format, &inventory.arch, inventory.kind);
        writeln!(out, "{}: {count} module{plural} ({format} {arch} {kind})", plain(&label))?;
        if count > 0 {
            table(inventory, columns, out)?;
        }
    }
    Ok(())
}

/// One row of the table.
#[derive(Default)]
struct Row {
    text: String,
    /// Where each cell ends in the text.
    ends: Vec<usize>,
}

impl Row {
    fn record(&mut self, record: &Record) {
        let package = if record.package { "yes" } else { "no" };
        self.words(&[&record.name, record.phase.as_str(), package]);
        symbol::push_init(&mut self.text, record);
        self.ends.push(self.text.len());
        let _ = write!(self.text, "{}", record.origin());
        self.ends.push(self.text.len());
    }

    /// What only a marker symbol tells of.
    fn marker(&mut self, name: &str) {
        self.words(&[name, "?", "?", "?", "known by its marker only: the linker compiles it"]);
    }

    /// Begins a new row with these cells.
    fn words(&mut self, words: &[&str]) {
        self.text.clear();
        self.ends.clear();
        for word in words {
            self.text.push_str(word);
            self.ends.push(self.text.len());
        }
    }

    fn cells(&self) -> impl Iterator<Item = &str> {
        let starts = iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| self.text.get(start..end).unwrap_or_default())
    }
}

fn table(inventory: &Inventory, at_most: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let mut row = Row::default();
    row.words(&HEADINGS);
    let mut widths = [0; HEADINGS.len()];
    let records = sorted(inventory);
    // Every row is made twice, in the same memory: a million of them would fill it.
    let mut widen = |row: &Row| {
        for (width, cell) in widths.iter_mut().zip(row.cells()) {
            *width = columns(cell).max(*width);
        }
    };
    widen(&row);
    for record in &records {
        row.record(record);
        widen(&row);
    }
    for name in &inventory.markers {
        row.marker(name);
        widen(&row);
    }
    let mut line = String::new();
    // Two spaces before each cell.
    let is_narrow = at_most.is_some_and(|most| widths.iter().map(|width| width + 2).sum::<usize>() > most);
    let mut write = |row: &Row| match at_most.filter(|_| is_narrow) {
        Some(most) => write_block(row, most, &mut line, out),
        None => write_row(row, &widths, &mut line, out),
    };
    if !is_narrow {
        row.words(&HEADINGS);
        write(&row)?;
    }
    for record in records {
        row.record(record);
        write(&row)?;
    }
    inventory.markers.iter().try_for_each(|name| {
        row.marker(name);
        write(&row)
    })
}

/// A row below each other, with the words that the headings would have been.
fn write_block(row: &Row, at_most: usize, line: &mut String, out: &mut dyn Write) -> io::Result<()> {
    line.clear();
    let cells: Vec<_> = row.cells().map(plain).collect();
    let [name, phase, package, init, origin] = &*cells else { return Ok(()) };
    let kind = match &**package {
        "yes" => "package",
        "no" => "module",
        _ => "?",
    };
    // Writing to a string cannot fail.
    let _ = write!(line, "  {name}");
    fold(line, &format!("{phase} {kind}, init {init}"), at_most);
    fold(line, origin, at_most);
    line.push('\n');
    out.write_all(line.as_bytes())
}

/// More lines, of so many columns where blanks let them: each word is kept whole, so that it can be copied.
pub fn fold(lines: &mut String, text: &str, at_most: usize) {
    let mut used = usize::MAX;
    let mut indent = "\n    ";
    for word in text.split(' ') {
        let long = columns(word);
        if used.saturating_add(long) >= at_most {
            lines.push_str(indent);
            used = indent.len() - 1;
            indent = "\n      ";
        } else {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += long;
    }
}

fn write_row(row: &Row, widths: &[usize], line: &mut String, out: &mut dyn Write) -> io::Result<()> {
    line.clear();
    line.push(' ');
    for (cell, &width) in row.cells().zip(widths) {
        line.push(' ');
        line.push_str(&plain(cell));
        line.extend(iter::repeat_n(' ', width.saturating_sub(columns(cell)) + 1));
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    out.write_all(line.as_bytes())
}

pub fn columns(cell: &str) -> usize {
    // A terminal gives some letters two columns, and accents of their own none (Unicode Standard Annex #11).
    if cell.is_ascii() { cell.len() } else { cell.width() }
}

#[derive(Serialize)]
struct Entry<'a> {
    path: &'a str,
    member: Option<&'a str>,
    format: &'static str,
    kind: &'static str,
    arch: &'a str,
    #[serde(serialize_with = "modules")]
    modules: &'a Inventory,
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
    document::write("linktab-list", outcome.inventories.iter().map(entry), &outcome.errors, out)
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
        modules: inventory,
        markers: &inventory.markers,
        defects: defects.collect(),
    }
}

/// One after the other: a million of them would fill the memory.
fn modules<S: Serializer>(inventory: &&Inventory, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(sorted(inventory).into_iter().map(module))
}

fn module(record: &Record) -> Module<'_> {
    let address = match record.init {
        Init::Address { address, .. } | Init::Resolver(address) => Some(format!("{address:#x}")),
        Init::Null | Init::Import { .. } => None,
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

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn columns_are_those_of_a_terminal() {
        assert_eq!(["a.b", "größe", "日本", "e\u{301}"].map(columns), [3, 5, 4, 1]);
    }
}
