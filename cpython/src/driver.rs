//! Words for the linker that only programs may get, in; a linker driver that adds them, out.
//!
//! `RUSTFLAGS` would reach the shared objects of procedural macros too, where gcc takes `-no-pie` to
//! mean that a program is linked, and would make cargo build every crate anew when they change; and a
//! library's build script cannot ask for link arguments of the programs that use it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Result};
use crate::files;
use crate::process::{self, Variable, variable};

/// The variable in which the driver finds the words of one libpython.
const WORDS: &str = "LINKTAB_LINK_WORDS";

/// rustc tells from the name `cc` which arguments the driver takes. One driver serves every libpython,
/// because its path is part of what cargo remembers about each crate.
const DRIVER: &str = r#"#!/bin/sh
# Links programs, but no shared objects, with the words that a libpython needs. Written by linktab.
for word; do
    case "$word" in -shared|-static-pie) exec cc "$@" ;; esac
done
[ -z "$LINKTAB_LINK_WORDS" ] || . "$LINKTAB_LINK_WORDS"
exec cc "$@"
"#;

/// What stands before and after the other arguments of the linker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// `--sysroot=…`
    pub before: Vec<String>,
    /// `-no-pie`, `-Wl,-rpath,…`
    pub after: Vec<String>,
}

impl Words {
    fn script(&self) -> String {
        let quoted = |words: &[String]| -> String {
            words.iter().map(|word| format!("{} ", process::quoted(word))).collect()
        };
        format!("set -- {}\"$@\" {}\n", quoted(&self.before), quoted(&self.after).trim_end())
    }
}

/// A linker driver that was written, and its words.
#[derive(Debug, Clone)]
pub struct Driver {
    /// rustc's name for this machine.
    pub host: String,
    /// The driver.
    pub program: PathBuf,
    /// The file of the words, which it reads.
    pub words: PathBuf,
}

impl Driver {
    /// The variable that tells the driver its words.
    pub fn setting(&self) -> Variable {
        variable(WORDS, &self.words)
    }

    /// The variables that make cargo, and C compilations of tests, use it.
    pub fn variables(&self) -> Vec<Variable> {
        vec![
            variable(&linker_of(&self.host), &self.program),
            self.setting(),
            // For those who link with a C compiler themselves.
            variable("LINKTAB_CC", &self.program),
        ]
    }
}

/// Writes the driver into `dir`, and the words beside it under the name `key`.
///
/// # Errors
/// rustc does not run, or a file cannot be written.
pub fn install(dir: &Path, key: &str, words: &Words) -> Result<Driver> {
    let host = process::output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    files::create_dir(dir)?;
    let driver = dir.join("cc");
    if fs::read_to_string(&driver).ok().as_deref() != Some(DRIVER) {
        process::write_executable(&driver, DRIVER)?;
    }
    let file = dir.join(key);
    fs::write(&file, words.script()).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(Driver { host: host.trim().to_owned(), program: driver, words: file })
}

/// Cargo's reference, "Environment variables": `CARGO_TARGET_<triple>_LINKER`.
fn linker_of(host: &str) -> String {
    format!("CARGO_TARGET_{}_LINKER", host.replace(['-', '.'], "_").to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_has_the_hosts_name_in_capitals() {
        assert_eq!(linker_of("x86_64-unknown-linux-gnu"), "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER");
    }

    #[test]
    fn words_stand_around_the_others() {
        let words =
            Words { before: vec!["--sysroot=a b".into()], after: vec!["-no-pie".into(), "-x".into()] };
        assert_eq!(words.script(), "set -- '--sysroot=a b' \"$@\" '-no-pie' '-x'\n");
    }
}
