//! For an archive that only position-dependent programs take: a linker driver that makes them so.
//!
//! `RUSTFLAGS` would reach the shared objects of procedural macros too, where gcc takes `-no-pie` to
//! mean that a program is linked; and a library's build script cannot ask for link arguments of the
//! programs that use it.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::files;
use crate::process::{self, Variable, variable};

/// rustc tells from the name `cc` which arguments the driver takes.
const DRIVER: &str = r#"#!/bin/sh
# Links programs, but no shared objects, with -no-pie. Written by `cargo xtask`.
for word; do
    case "$word" in -shared|-static-pie) exec cc "$@" ;; esac
done
exec cc "$@" -no-pie
"#;

/// Writes the driver into `dir`; returns the variable that makes cargo use it.
///
/// # Errors
/// rustc does not run, or the file cannot be written.
pub fn driver(dir: &Path) -> Result<Variable> {
    let host = process::output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    files::create_dir(dir)?;
    let driver = dir.join("cc");
    process::write_executable(&driver, DRIVER)?;
    Ok(variable(&linker_of(&host), driver))
}

/// Cargo's reference, "Environment variables": `CARGO_TARGET_<triple>_LINKER`.
fn linker_of(host: &str) -> String {
    format!("CARGO_TARGET_{}_LINKER", host.trim().replace(['-', '.'], "_").to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_has_the_hosts_name_in_capitals() {
        assert_eq!(linker_of("x86_64-unknown-linux-gnu\n"), "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER");
    }
}
