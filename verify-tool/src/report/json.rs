//! For machines: the document that `schema/report.json` describes.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::{Report, escaped, sorted};
use crate::findings::Level;
use crate::records::Inventory;

#[derive(Serialize)]
pub struct Document<'a> {
    schema: &'static str,
    schema_version: u32,
    tool: Tool,
    inputs: Vec<Input<'a>>,
    findings: Vec<Entry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Input<'a> {
    path: &'a str,
    member: Option<&'a str>,
    format: &'static str,
    kind: &'static str,
    arch: &'a str,
    /// The CPython inside, such as `3.13t`.
    python: Option<String>,
    #[serde(serialize_with = "names")]
    modules: &'a Inventory,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    slug: &'a str,
    level: &'a str,
    input: &'a str,
    message: String,
    modules: &'a [String],
    /// A string: JSON numbers lose the precision of 64-bit addresses.
    address: Option<String>,
    symbol: Option<&'a str>,
    locations: Vec<Place<'a>>,
    notes: &'a [String],
    help: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: u32,
    label: &'a str,
}

#[derive(Serialize)]
struct Summary {
    modules: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    unreadable: usize,
}

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    escaped::write(&document(report), out)
}

/// The document itself.
pub fn document(report: &Report) -> Document<'_> {
    Document {
        schema: "linktab-report",
        schema_version: 1,
        tool: Tool { name: "linktab", version: env!("CARGO_PKG_VERSION") },
        inputs: inputs(report),
        findings: findings(report),
        summary: Summary {
            modules: report.inventories.iter().map(|inventory| inventory.records.len()).sum(),
            errors: report.count(Level::Error),
            warnings: report.count(Level::Warning),
            notes: report.count(Level::Note),
            unreadable: report.errors.len(),
        },
    }
}

fn inputs(report: &Report) -> Vec<Input<'_>> {
    report
        .inventories
        .iter()
        .map(|inventory| Input {
            path: &inventory.path,
            member: inventory.member.as_deref(),
            format: inventory.format.as_str(),
            kind: inventory.kind.as_str(),
            arch: &inventory.arch,
            python: inventory.facts.python_name(),
            modules: inventory,
        })
        .collect()
}

fn names<S: Serializer>(inventory: &&Inventory, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(sorted(inventory).into_iter().map(|record| &*record.name))
}

fn findings(report: &Report) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = report
        .findings
        .iter()
        .map(|finding| Entry {
            code: finding.code.as_str(),
            slug: finding.code.slug(),
            level: finding.level.as_str(),
            input: &finding.input,
            message: finding.message.clone(),
            modules: &finding.modules,
            address: finding.address.map(|address| format!("{address:#x}")),
            symbol: finding.symbol.as_deref(),
            locations: finding
                .locations
                .iter()
                .map(|location| Place { file: &location.file, line: location.line, label: &location.label })
                .collect(),
            notes: &finding.notes,
            help: &finding.help,
        })
        .collect();
    entries.extend(report.errors.iter().map(|error| Entry {
        code: error.code(),
        slug: error.slug(),
        level: "error",
        input: error.path(),
        message: error.to_string(),
        modules: &[],
        address: None,
        symbol: None,
        locations: Vec::new(),
        notes: &[],
        help: "",
    }));
    entries
}
