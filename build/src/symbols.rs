//! A program's own symbols, for what it loads.

use std::env;

/// Keeps CPython's symbols visible in the programs of this package, its examples and tests among them. Extensions that
/// are files take the C API from the program: those of the standard library (`_ssl`, `_ctypes` and others, depending on
/// how CPython was built), and those that pip installs. Without it their import says `undefined symbol`.
///
/// It is `-rdynamic` where there is such a thing: for ELF, GNU's `--export-dynamic`; for macOS, `-export_dynamic`, with
/// which the linker's `-dead_strip` leaves them alone too. On Windows extensions name the DLL of CPython instead, and
/// nothing has to be said.
///
/// # Examples
///
/// ```no_run
/// // build.rs
/// linktab_build::export_symbols();
/// ```
pub fn export_symbols() {
    // Also where nothing is said: a script that names no file runs again whenever any file changes.
    println!("cargo::rerun-if-changed=build.rs");
    // Cargo's reference, "Build scripts": set for targets of that family.
    if env::var_os("CARGO_CFG_UNIX").is_some() {
        // For all that is linked, as examples and tests start CPython too: cargo refuses a line for a kind of which the
        // package has none. A shared object exports no more for it than before.
        println!("cargo::rustc-link-arg=-rdynamic");
    }
}
