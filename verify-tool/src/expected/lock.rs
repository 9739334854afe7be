//! The lock file: text in, [`Lock`] out, and back.
//!
//! Sorted, one module in a block, without addresses or times, so that it shows what changed when it
//! is reviewed.

use std::fmt::Write as _;

use serde::Deserialize;
use toml::Spanned;

use super::place::{line, parse_error, quoted};
use crate::plain::{is_hidden, is_second_hash};
use crate::records::Inventory;

/// Locked modules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lock {
    /// The file, as it was given.
    pub path: String,
    /// In the file's order.
    pub modules: Vec<LockedModule>,
}

/// One locked module.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockedModule {
    /// The full dotted name.
    pub name: String,
    /// The word for its phase.
    pub phase: String,
    /// The line of its name.
    pub line: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: Spanned<u32>,
    #[serde(default)]
    module: Vec<Module>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Module {
    name: Spanned<String>,
    phase: String,
    #[serde(default, rename = "package")]
    _package: bool,
    #[serde(default, rename = "registered-by")]
    _registered_by: String,
}

/// The version of the file's format.
const VERSION: u32 = 1;

impl Lock {
    /// Parses a lock file.
    ///
    /// # Errors
    ///
    /// With file, line and what is wrong.
    pub fn parse(path: &str, text: &str) -> Result<Lock, String> {
        let file: File = toml::from_str(text).map_err(|error| parse_error(path, text, &error))?;
        if *file.version.get_ref() != VERSION {
            let found = file.version.get_ref();
            let message = format!("expected lock version {VERSION}, found {found}: run `linktab lock`");
            return Err(quoted(path, text, file.version.span(), &message));
        }
        let module = |module: Module| LockedModule {
            line: line(text, &module.name.span()),
            name: module.name.into_inner(),
            phase: module.phase,
        };
        Ok(Lock { path: path.to_owned(), modules: file.module.into_iter().map(module).collect() })
    }

    /// Writes the lock file of what images hold.
    #[must_use]
    pub fn render(inventories: &[Inventory]) -> String {
        let mut records: Vec<_> = inventories.iter().flat_map(|inventory| &inventory.records).collect();
        records.sort_by(|a, b| (&a.name, a.phase, &a.origin).cmp(&(&b.name, b.phase, &b.origin)));
        records.dedup_by(|a, b| a.name == b.name);
        let mut text = format!("# Made by `linktab lock`: commit it.\nversion = {VERSION}\n");
        for record in records {
            let name = basic_string(&record.name);
            let _ = write!(text, "\n[[module]]\nname = {name}\nphase = \"{}\"\n", record.phase);
            if record.package {
                text.push_str("package = true\n");
            }
            let by = record.origin().package;
            if !by.is_empty() {
                let _ = writeln!(text, "registered-by = {}", basic_string(by));
            }
        }
        text
    }
}

/// A string on one line (TOML, "Basic strings"), with everything escaped that a reviewer would not see.
fn basic_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut before = None;
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_hidden(c) || is_second_hash(before, c) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
        before = Some(c);
    }
    quoted.push('"');
    quoted
}
