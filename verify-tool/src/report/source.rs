//! Files and lines in, quoted lines out.
//!
//! The file names come out of a binary that may be hostile, and what is quoted ends up in public
//! logs: only source files below the given folders are read.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::plain::plain;

/// Largest source file that is quoted.
const MAX_FILE: u64 = 8 << 20;

/// What sources are called.
const EXTENSIONS: [&str; 12] =
    ["rs", "c", "cc", "cpp", "cxx", "h", "hh", "hpp", "pyx", "toml", "lock", "inc"];

/// The folders that file names count from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    roots: Vec<PathBuf>,
}

impl Sources {
    /// Quotes files below these folders.
    #[must_use]
    pub fn new(roots: impl IntoIterator<Item = PathBuf>) -> Sources {
        Sources { roots: roots.into_iter().filter_map(|root| root.canonicalize().ok()).collect() }
    }

    /// The text of a line.
    #[must_use]
    pub fn line(&self, file: &str, line: u32) -> Option<String> {
        let text = self.read(Path::new(file))?;
        let line = text.lines().nth((line as usize).checked_sub(1)?)?;
        let clean = plain(&line.replace('\t', " ")).into_owned();
        (!clean.trim().is_empty()).then_some(clean)
    }

    fn read(&self, file: &Path) -> Option<String> {
        let extension = file.extension()?.to_str()?;
        if !EXTENSIONS.contains(&extension) {
            return None;
        }
        let found = self.roots.iter().find_map(|root| {
            let path = root.join(file).canonicalize().ok()?;
            path.starts_with(root).then_some(path)
        })?;
        let mut text = String::new();
        fs::File::open(found).ok()?.take(MAX_FILE).read_to_string(&mut text).ok()?;
        Some(text)
    }
}
