//! [`Finding`]: plain data. Every renderer reads it, none changes it.

use crate::code::{Code, Level};
use crate::plain::plain;
use crate::records::{Init, Inventory, Record};

/// Something that was looked at and is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind.
    pub code: Code,
    /// How much it weighs, after config and command line.
    pub level: Level,
    /// The image, as [`Inventory::label`] gives it; empty when the finding is about no image.
    pub input: String,
    /// One sentence: the thing, what was expected, what was found.
    pub message: String,
    /// The modules that it is about.
    pub modules: Vec<String>,
    /// The address that it is about.
    pub address: Option<u64>,
    /// The symbol at that address.
    pub symbol: Option<String>,
    /// Sources, lock files or config files, the first one being the place to look.
    pub locations: Vec<Location>,
    /// What else is known.
    pub notes: Vec<String>,
    /// How to mend it.
    pub help: String,
}

/// A line of a text file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The file, as the compiler or the user gave it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// What is there.
    pub label: String,
    /// Whether the user says there what is expected. Else the file's name comes out of the image.
    pub is_expectation: bool,
}

/// Most records that one finding names.
pub(super) const MAX_NAMED: usize = 16;

impl Finding {
    pub(super) fn new(code: Code, inventory: &Inventory, message: impl Into<String>) -> Finding {
        Finding { input: inventory.label(), ..Finding::without_input(code, message) }
    }

    pub(super) fn without_input(code: Code, message: impl Into<String>) -> Finding {
        Finding {
            code,
            level: code.default_level(),
            input: String::new(),
            message: plain(&message.into()).into_owned(),
            modules: Vec::new(),
            address: None,
            symbol: None,
            locations: Vec::new(),
            notes: Vec::new(),
            help: String::new(),
        }
    }

    /// Names modules and the places that registered them, as many as a reader can use.
    pub(super) fn records(mut self, records: &[&Record]) -> Finding {
        for record in records.iter().take(MAX_NAMED) {
            self = self.record(record);
        }
        match records.len().checked_sub(MAX_NAMED) {
            None | Some(0) => self,
            Some(more) => self.note(format!("and {more} more")),
        }
    }

    /// Names a module and the place that registered it.
    pub(super) fn record(mut self, record: &Record) -> Finding {
        if !self.modules.iter().any(|module| **module == *record.name) {
            self.modules.push(record.name.to_string());
        }
        let origin = record.origin();
        if !origin.file.is_empty() && origin.line > 0 {
            let by =
                if origin.package.is_empty() { String::new() } else { format!(" by {}", origin.package) };
            let label = format!("`{}` is registered here{by}", record.name);
            self.location(origin.file, origin.line, label, false)
        } else {
            self.note(format!("`{}` is registered by {origin}", record.name))
        }
    }

    /// Names the init function.
    pub(super) fn init(mut self, record: &Record) -> Finding {
        self.symbol = record.symbol.as_deref().map(str::to_owned);
        self.address = match record.init {
            Init::Address { address, .. } | Init::Resolver(address) => Some(address),
            Init::Null | Init::Import { .. } => None,
        };
        self
    }

    pub(super) fn module(mut self, name: &str) -> Finding {
        self.modules.push(name.to_owned());
        self
    }

    /// Names the line of a config or lock file.
    pub(super) fn expectation(self, file: &str, line: u32, label: impl Into<String>) -> Finding {
        self.location(file, line, label, true)
    }

    fn location(mut self, file: &str, line: u32, label: impl Into<String>, is_expectation: bool) -> Finding {
        let (file, label) = (plain(file).into_owned(), plain(&label.into()).into_owned());
        self.locations.push(Location { file, line, label, is_expectation });
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Finding {
        self.notes.push(plain(&note.into()).into_owned());
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = plain(&help.into()).into_owned();
        self
    }

    pub(super) fn level(mut self, level: Level) -> Finding {
        self.level = level;
        self
    }
}
