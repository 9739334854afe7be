//! Files and lines in, quoted lines out.
//!
//! The file names come out of a binary that may be hostile, and what is quoted ends up in public
//! logs: only source files below the given folders are read. Config and lock files hold secrets at
//! times; they are quoted where a finding is about them, and never because a binary names them.

use std::cell::RefCell;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::findings::Location;
use crate::limits::Limits;
use crate::plain::plain;

/// What source code is called.
const CODE: [&str; 18] = [
    "rs", "c", "cc", "cpp", "cxx", "c++", "C", "h", "hh", "hpp", "hxx", "inc", "ipp", "m", "mm", "pyx",
    "pxd", "pxi",
];

/// What the files are called in which a user says what is expected.
const EXPECTATIONS: [&str; 2] = ["toml", "lock"];

/// Longest line that is quoted, in bytes: a generated file may be one.
const MAX_LINE: usize = 1000;

/// The folders that file names count from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    roots: Vec<PathBuf>,
    /// Folders that only full paths lead into.
    allowed: Vec<PathBuf>,
    /// The file that was read last, as many findings are about one; `None` when it is not quoted.
    last: RefCell<Option<(PathBuf, Option<String>)>>,
}

impl Sources {
    /// Quotes files below these folders.
    #[must_use]
    pub fn new(roots: impl IntoIterator<Item = PathBuf>) -> Sources {
        let roots = roots.into_iter().filter_map(|root| root.canonicalize().ok()).collect();
        Sources { roots, ..Sources::default() }
    }

    /// Quotes files below these folders, too, where their full paths are named: what counts from one of
    /// them must not be taken for what counts from another.
    #[must_use]
    pub fn allowing(mut self, folders: impl IntoIterator<Item = PathBuf>) -> Sources {
        self.allowed.extend(folders.into_iter().filter_map(|folder| folder.canonicalize().ok()));
        self
    }

    /// The text of a line.
    #[must_use]
    pub fn line(&self, location: &Location) -> Option<String> {
        let path = self.find(location)?;
        let mut last = self.last.borrow_mut();
        let kept = match last.take() {
            Some((kept, text)) if kept == path => (kept, text),
            _ => {
                let text = read(&path);
                (path, text)
            }
        };
        let (_, text) = last.insert(kept);
        let line = text.as_ref()?.lines().nth((location.line as usize).checked_sub(1)?)?;
        if line.len() > MAX_LINE {
            return None;
        }
        let clean = plain(&line.replace('\t', " ")).into_owned();
        (!clean.trim().is_empty()).then_some(clean)
    }

    /// The file itself: what its name says counts as little as where a link lies.
    fn find(&self, location: &Location) -> Option<PathBuf> {
        let suffixes: &[&str] = if location.is_expectation { &EXPECTATIONS } else { &CODE };
        let is_named = |path: &Path| {
            let suffix = path.extension().and_then(|suffix| suffix.to_str());
            suffix.is_some_and(|suffix| suffixes.contains(&suffix))
        };
        let file = Path::new(&location.file);
        if !is_named(file) {
            return None;
        }
        let quoted = |path: PathBuf, root: &Path| {
            let path = path.canonicalize().ok()?;
            (path.starts_with(root) && is_named(&path)).then_some(path)
        };
        let allowed = self.allowed.iter().filter(|_| file.is_absolute());
        self.roots.iter().chain(allowed).find_map(|root| quoted(root.join(file), root))
    }
}

/// The text of a regular file: opening a pipe would wait for whoever writes into it.
fn read(path: &Path) -> Option<String> {
    let metadata = fs::metadata(path).ok()?;
    let limit = Limits::default().config;
    if !metadata.is_file() || metadata.len() > limit {
        return None;
    }
    let mut text = String::new();
    fs::File::open(path).ok()?.take(limit).read_to_string(&mut text).ok()?;
    Some(text)
}
