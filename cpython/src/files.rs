//! Folders: listed, made, emptied. Errors name the folder.

use std::fs;
use std::path::Path;

use crate::error::{Context, Result};

/// File names in `dir`, sorted; nothing when it cannot be read.
pub fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().to_str().map(str::to_owned)).collect();
    names.sort_unstable();
    names
}

/// Makes `dir` and what is above it.
///
/// # Errors
/// It cannot be made.
pub fn create_dir(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))
}

/// Makes `dir` anew.
///
/// # Errors
/// It cannot be removed or made.
pub fn empty_dir(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("cannot empty {}", dir.display()))?;
    }
    create_dir(dir)
}
