//! A project's name in, its Python package out: it has to be a name for cargo and for `import`.

use crate::findings::{is_stdlib, name_fault};

/// Folders of cargo's that no program can have the name of (Cargo's reference, "Binaries"), crates that are there
/// already, and names of devices on Windows.
const TAKEN: [&str; 18] = [
    "alloc",
    "aux",
    "build",
    "con",
    "core",
    "deps",
    "examples",
    "incremental",
    "linktab",
    "linktab_build",
    "linktab_finder",
    "nul",
    "prn",
    "proc_macro",
    "pyo3",
    "pyo3_ffi",
    "std",
    "test",
];

/// # Errors
/// Why it cannot be the name of both, in a sentence.
pub fn module(name: &str) -> Result<String, String> {
    let shown = name.escape_debug();
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(is_letter) {
        return Err(format!(
            "expected a name of ASCII letters, digits, `-` and `_` that starts with a letter, found `{shown}`"
        ));
    }
    let module = name.replace('-', "_");
    if let Some(fault) = name_fault(&module) {
        return Err(format!("`{shown}` cannot be a Python package: {fault}"));
    }
    if TAKEN.contains(&&*module.to_ascii_lowercase()) {
        return Err(format!("`{shown}` cannot be a program: cargo, Rust or linktab have that name already"));
    }
    if is_stdlib(&module, None) {
        return Err(format!("`{shown}` cannot be a Python package: the standard library has a `{module}`"));
    }
    Ok(module)
}
