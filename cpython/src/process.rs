//! Commands in, their output out; a failure carries the command line and its last words.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Error, Result};

/// As many lines of a failing command as help to see why.
const LAST_LINES: usize = 15;

/// An environment variable for the commands to come.
pub type Variable = (String, OsString);

/// Makes one.
pub fn variable(name: &str, value: impl Into<OsString>) -> Variable {
    (name.to_owned(), value.into())
}

/// Runs to the end and returns what was printed.
///
/// # Errors
/// It does not start, or it fails: the message has the command and its last lines.
pub fn output(command: &mut Command) -> Result<String> {
    let line = line(command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        let mut words = String::from_utf8_lossy(&output.stdout).into_owned();
        words.push_str(&String::from_utf8_lossy(&output.stderr));
        return Err(Error::new(format!("`{line}` failed ({})\n{}", output.status, last_lines(&words))));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as one would type it.
pub fn line(command: &Command) -> String {
    // Cargo hands down its own path, which nobody types.
    let program = command.get_program();
    let program =
        if Path::new(program).file_name() == Some("cargo".as_ref()) { "cargo".as_ref() } else { program };
    let words = std::iter::once(program).chain(command.get_args());
    let quoted = words.map(|word| {
        let word = word.to_string_lossy();
        if word.is_empty() || word.contains([' ', '\'', '"', '*', '$', '\n']) {
            quoted(&word)
        } else {
            word.into_owned()
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// The command as one would type it, so that a person can repeat it.
pub fn announce(command: &Command) {
    let _ = Write::flush(&mut io::stdout());
    eprintln!("$ {}", line(command));
}

/// The end of a long output, indented.
pub fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let start = lines.len().saturating_sub(LAST_LINES);
    lines[start..].iter().map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
}

/// How a script starts a program.
#[derive(Debug)]
pub struct Start {
    program: PathBuf,
    exports: String,
}

impl Start {
    /// Starts `program` with the arguments of the script.
    pub fn new(program: &Path) -> Self {
        Self { program: program.to_owned(), exports: String::new() }
    }

    /// Puts `dirs` at the front of the path list `variable`.
    #[must_use]
    pub fn path(mut self, variable: &str, dirs: &[PathBuf]) -> Self {
        let dirs: Vec<String> = dirs.iter().map(|dir| dir.display().to_string()).collect();
        let dirs = quoted(&dirs.join(":"));
        self.exports.push_str(&format!("export {variable}={dirs}\"${{{variable}:+:${variable}}}\"\n"));
        self
    }
}

/// Writes an executable script; `what` explains it to its reader.
///
/// # Errors
/// The file cannot be written.
pub fn write_script(path: &Path, start: &Start, what: &str) -> Result<()> {
    let program = quoted(&start.program.display().to_string());
    let text = format!("#!/bin/sh\n# {what}. Written by linktab.\n{}exec {program} \"$@\"\n", start.exports);
    write_executable(path, &text)
}

/// Writes `text` into an executable file, unless it is there: another process may be running it.
///
/// # Errors
/// The file cannot be written.
pub fn write_executable(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("cannot make {} executable", path.display()))?;
    }
    Ok(())
}

/// As a word of a shell.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
