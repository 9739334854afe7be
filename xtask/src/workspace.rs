//! Where this repository and its build folder are.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of the root `Cargo.toml`.
pub fn root() -> &'static Path {
    // xtask always runs from the sources that it was built from: cargo builds it on each call.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Cargo's build folder; everything that is downloaded or made goes below it too.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}
