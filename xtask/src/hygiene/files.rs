//! A folder in, its text files out: what a commit could hold, as far as can be told without git.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::File;

/// What builds and tools leave behind, as `.gitignore` has it.
const LEFT_OUT: [&str; 4] = [".git", "target", "__pycache__", ".venv"];

/// Every text file below `root`, in the order of their paths.
///
/// # Errors
/// A folder or a file cannot be read.
pub fn below(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    walk(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(dir: &Path, prefix: &str, files: &mut Vec<File>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let entry = entry.with_context(|| format!("cannot read {}", dir.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        let (path, relative) = (entry.path(), format!("{prefix}{name}"));
        let kind = entry.file_type().with_context(|| format!("cannot look at {}", path.display()))?;
        if kind.is_dir() {
            walk(&path, &format!("{relative}/"), files)?;
        } else if kind.is_file() {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            // What is not UTF-8 is a fixture of another kind, with nothing to read for people.
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(File { path: relative, text });
            }
        }
    }
    Ok(())
}
