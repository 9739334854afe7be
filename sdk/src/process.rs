//! Commands that are run to their end, with what they printed.

use std::process::{Command, Output, Stdio};

use crate::error::Error;

/// What a command printed, while its errors go to ours: a build shows how far it is.
///
/// # Errors
/// It does not start or fails: `fix` then follows.
pub fn shown(command: &mut Command, fix: &str) -> Result<String, Error> {
    text(command.stderr(Stdio::inherit()).output(), command, fix)
}

/// What a command printed.
///
/// # Errors
/// As [`shown`], with what it said.
pub fn output(command: &mut Command, fix: &str) -> Result<String, Error> {
    text(command.output(), command, fix)
}

fn text(ended: std::io::Result<Output>, command: &Command, fix: &str) -> Result<String, Error> {
    let program = command.get_program().to_string_lossy();
    let output = ended.map_err(|error| Error::new(format!("cannot start {program}: {error}: {fix}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::new(format!("{program} ended with {}: {fix}\n{}", output.status, said.trim_end())))
}
