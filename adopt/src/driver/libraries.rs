//! A library's name in, the archive that a link of a shared object takes for it out, if it takes one.
//!
//! A linker that makes a relocatable object takes archives alone (ld's manual, `-r`), also where the real
//! link took a shared library: so each is looked up here, in the order of the real link.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The archive behind `-l`, or nothing where it is a shared library, or is not to be inside.
pub fn archive(driver: &Path, name: &str, only_archives: bool, folders: &[PathBuf]) -> Option<PathBuf> {
    // Every extension shares the executable's CPython.
    if name.starts_with("python3") || name.starts_with(":libpython3") {
        return None;
    }
    let names: Vec<(String, bool)> = match name.strip_prefix(':') {
        Some(file) => vec![(file.to_owned(), !file.ends_with(".a"))],
        None if only_archives => vec![(format!("lib{name}.a"), false)],
        None => vec![(format!("lib{name}.so"), true), (format!("lib{name}.a"), false)],
    };
    for folder in folders {
        for (file, is_shared) in &names {
            let path = folder.join(file);
            if path.is_file() {
                return (!is_shared).then_some(path);
            }
        }
    }
    for (file, is_shared) in &names {
        if let Some(path) = of_driver(driver, file) {
            return (!is_shared).then_some(path);
        }
    }
    None
}

/// Where the driver's linker would find a file. It answers with the name where it finds none (GCC's
/// manual, `-print-file-name`).
pub fn of_driver(driver: &Path, file: &str) -> Option<PathBuf> {
    let output = Command::new(driver).arg(format!("-print-file-name={file}")).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    (path.is_absolute() && path.is_file()).then_some(path)
}
