//! Cargo's side of a build script: variables in, lines out.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process;

/// A variable, and the script runs again when it changes.
pub fn variable(name: &str) -> Option<OsString> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var_os(name).filter(|value| !value.is_empty())
}

/// The same, where it has to be text.
pub fn text(name: &str) -> Option<String> {
    variable(name).map(|value| match value.into_string() {
        Ok(text) => text,
        Err(value) => fail(&format!("expected UTF-8 in {name}, found {}", value.display())),
    })
}

/// What cargo tells every build script.
pub fn given(name: &str) -> String {
    env::var(name)
        .unwrap_or_else(|_| fail(&format!("expected {name}, which cargo tells build scripts; found none")))
}

/// The script runs again when the file changes, or something in the folder.
pub fn watch(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

/// Ends the build with a sentence.
pub fn fail(why: &str) -> ! {
    for line in why.lines() {
        println!("cargo::error={line}");
    }
    process::exit(1)
}

/// A file in the folder that cargo gives this build script.
pub fn out(name: &str) -> PathBuf {
    Path::new(&given("OUT_DIR")).join(name)
}
