//! Findings in, words out. One file for each format, all over the same [`Report`]; nothing here
//! judges.

mod concise;
mod document;
mod escaped;
mod github;
mod html;
mod json;
pub mod list;
pub mod needs;
mod sarif;
mod source;
pub mod symbol;
mod text;

use std::io::{self, Write};

use crate::error::Error;
use crate::findings::{Finding, Level};
use crate::limits::Limits;
use crate::plain::plain;
use crate::records::{Inventory, Record};
use crate::sizes::{self, PackageSize};

pub use source::Sources;

/// Everything that a renderer needs.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// The images that were looked at.
    pub inventories: Vec<Inventory>,
    /// What is wrong with them.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub errors: Vec<Error>,
    /// How large the packages of each image are, for the page alone ([`Report::measure`]).
    pub sizes: Vec<Vec<PackageSize>>,
    /// Where quoted lines come from.
    pub sources: Sources,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputFormat {
    /// Blocks with quoted source lines.
    Text,
    /// A line for each finding.
    Concise,
    /// `schema/report.json` describes it.
    Json,
    /// For code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// A page for a browser.
    Html,
}

impl Report {
    /// How many findings have a level, errors that kept the tool from looking included.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        let unread = if level == Level::Error { self.errors.len() } else { 0 };
        self.findings.iter().filter(|finding| finding.level == level).count() + unread
    }

    /// Reads the images once more, for how large their packages are.
    pub fn measure(&mut self, limits: &Limits) {
        self.sizes = self.inventories.iter().map(|inventory| sizes::of(inventory, limits)).collect();
    }

    /// Writes the report. `color` only concerns text.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    pub fn render(&self, format: OutputFormat, color: bool, out: &mut dyn Write) -> io::Result<()> {
        match format {
            OutputFormat::Text => text::render(self, color, out),
            OutputFormat::Concise => concise::render(self, out),
            OutputFormat::Json => json::render(self, out),
            OutputFormat::Sarif => sarif::render(self, out),
            OutputFormat::Github => github::render(self, out),
            OutputFormat::Html => html::render(self, out),
        }
    }

    /// One line for each image: `app: 214 modules, 1 error, 0 warnings`.
    fn summaries(&self) -> Vec<String> {
        let plural =
            |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let line = |label: &str, modules: Option<usize>, report: &Report, all: bool| {
            let of = |level| {
                let unread = if all && level == Level::Error { report.errors.len() } else { 0 };
                let told = |finding: &&Finding| finding.level == level && (all || finding.input == label);
                report.findings.iter().filter(told).count() + unread
            };
            let modules = modules.map_or_else(String::new, |count| plural(count, "module") + ", ");
            let (errors, warnings) =
                (plural(of(Level::Error), "error"), plural(of(Level::Warning), "warning"));
            format!("{}: {modules}{errors}, {warnings}", plain(label))
        };
        // With one image, what is about no image counts as its own; an error in another file does not.
        let is_one = match &*self.inventories {
            [only] => self.errors.iter().all(|error| error.path() == only.path),
            _ => false,
        };
        let images = self.inventories.iter();
        let mut lines: Vec<String> = images
            .map(|inventory| line(&inventory.label(), Some(inventory.records.len()), self, is_one))
            .collect();
        if !is_one {
            lines.push(line("total", None, self, true));
        }
        lines
    }
}

/// The records of an image, ordered by name.
fn sorted(inventory: &Inventory) -> Vec<&Record> {
    let mut records: Vec<&Record> = inventory.records.iter().collect();
    records.sort_unstable_by_key(|record| (&record.name, record.slot));
    records
}
