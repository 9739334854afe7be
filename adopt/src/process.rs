//! Commands that are run to their end, with what they said.

use std::env;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines of a log that are shown when something failed.
const TAIL: usize = 20;

/// What a command printed, or why it failed, in its own last words.
pub fn output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("cannot start {program}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{program} ended with {}\n{}", output.status, tail(&String::from_utf8_lossy(&said))))
}

/// Runs a command that writes into a log, or returns the end of the log.
pub fn logged(command: &mut Command, log: &Path) -> Result<(), String> {
    let opened = File::options().create(true).truncate(true).read(true).write(true).open(log);
    let mut file = opened.map_err(|error| format!("cannot write {}: {error}", log.display()))?;
    let both = file.try_clone().and_then(|out| Ok((out, file.try_clone()?)));
    let (out, err) = both.map_err(|error| format!("cannot write {}: {error}", log.display()))?;
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.stdout(out).stderr(err).status();
    let status = status.map_err(|error| format!("cannot start {program}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut bytes));
    read.map_err(|error| format!("cannot read {}: {error}", log.display()))?;
    Err(tail(&String::from_utf8_lossy(&bytes)))
}

/// The program of a name, or of a path.
pub fn on_path(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| path.is_file());
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// The last lines. What pip adds behind a build's own words is left out: it is the same for every failure.
fn tail(text: &str) -> String {
    let text = text.rsplit_once("[end of output]").map_or(text, |(own, _)| own);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}
