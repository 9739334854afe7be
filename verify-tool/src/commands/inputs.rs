//! `--inputs` in, what went into a link out: paths, and files of linkers' arguments behind an `@`.
//!
//! Arguments are taken as a linker takes them. What they name and cannot be found or read is an error:
//! it is never left out in silence. Nothing here knows what a record is.

mod line;
mod places;
mod texts;
mod words;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Stop;
use crate::{Error, ImageKind, Inventory, Kind, Limits, Outcome, plain};
use line::{Line, Named};
use words::Words;

/// How deep files may name others: response files, libtool's files and linker scripts.
const DEPTH: usize = 16;

/// Text files that are followed; each may name many.
const TEXTS: usize = 2000;

/// Reads what went into a link.
pub fn read(arguments: &[OsString], limits: &Limits) -> Result<Outcome, Stop> {
    let mut words = Words::new(limits);
    for argument in arguments {
        words.argument(argument)?;
    }
    let mut reader = Reader { limits, outcome: Outcome::default(), seen: BTreeSet::new(), texts_left: TEXTS };
    reader.outcome.errors = words.errors;
    reader.refuse_empty(&words.all, &words.files);
    let line = Line::parse(&words.all);
    reader.take(&line, 0);
    reader.outcome.inventories.retain(may_be_lost);
    Ok(reader.outcome)
}

/// A shared library keeps its records to itself: with a runtime of its own it finds them, and without one
/// nobody does.
fn may_be_lost(inventory: &Inventory) -> bool {
    match inventory.kind {
        ImageKind::Object => !inventory.is_of_no_interest(),
        _ => !inventory.records.is_empty() && !inventory.facts.has_runtime,
    }
}

struct Reader<'l> {
    limits: &'l Limits,
    outcome: Outcome,
    /// What was read: groups and libraries name others again and again.
    seen: BTreeSet<PathBuf>,
    texts_left: usize,
}

impl Reader<'_> {
    /// Refuses response files that name nothing: linkers refuse to link nothing, so that such a file was
    /// made for something else.
    fn refuse_empty(&mut self, words: &[OsString], files: &[(PathBuf, Range<usize>)]) {
        for (file, of_file) in files {
            let names_nothing = Line::parse(words.get(of_file.clone()).unwrap_or_default()).named.is_empty();
            if names_nothing && self.outcome.errors.is_empty() {
                self.refuse(format!(
                    "@{}: expected the arguments of a link, found none that names an input, so that nothing was looked at",
                    plain::path(file)
                ));
            }
        }
    }

    fn take(&mut self, line: &Line, depth: usize) {
        for named in &line.named {
            match named {
                Named::File(path) => self.file(path, line, depth),
                Named::Library { name, is_static } => match places::library(name, *is_static, &line.folders) {
                    Some(path) => self.file(&path, line, depth),
                    None if places::is_of_the_system(name) => {}
                    None => self.refuse(format!(
                        "-l{}: expected such a library in a folder of `-L` or of the system, found none, so that it was \
                         not looked at: give the path of the file",
                        plain::plain(name)
                    )),
                },
                Named::List { path, folder } => match texts::list(path, folder, self.limits) {
                    Ok(files) => files.iter().for_each(|path| self.file(path, line, depth)),
                    Err(message) => self.refuse(message),
                },
                Named::Beside { path, file } => match places::beside(path, file, &line.folders) {
                    Some(path) => self.file(&path, line, depth),
                    None => self.refuse(format!(
                        "{}: named in {}, and found neither beside it nor in a folder of `-L`, so that it was not looked at",
                        plain::path(path),
                        plain::path(file)
                    )),
                },
            }
        }
    }

    fn file(&mut self, path: &Path, line: &Line, depth: usize) {
        if path.as_os_str() != "-" && !self.seen.insert(path.to_owned()) {
            return;
        }
        let Some(text) = texts::text(path, self.limits) else {
            self.outcome.extend(crate::read(path, self.limits));
            return;
        };
        if depth >= DEPTH || self.texts_left == 0 {
            return self.refuse(format!(
                "{}: limit exceeded: more than {DEPTH} levels of files that name others, or {TEXTS} of them",
                plain::path(path)
            ));
        }
        self.texts_left -= 1;
        match text.and_then(|text| texts::named(path, &text)) {
            Ok(mut inner) => {
                inner.folders.extend(line.folders.iter().cloned());
                self.take(&inner, depth + 1);
            }
            Err(message) => self.refuse(message),
        }
    }

    fn refuse(&mut self, message: String) {
        self.outcome.errors.push(Error::new(Kind::Unsupported(message)));
    }
}
