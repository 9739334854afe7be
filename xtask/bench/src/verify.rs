//! What `linktab check` costs beside other readers of binaries: the benchmark of its own package, whose
//! verdicts become rows of the table.

use std::env;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::row::Row;

/// Runs that benchmark; what it prints goes to the terminal too.
///
/// # Errors
/// It does not build, or a reader fails.
pub fn measure() -> Result<String> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    cargo.args(["bench", "--quiet", "--package", "linktab-verify", "--bench", "against"]);
    let output = cargo.stderr(Stdio::inherit()).output().context("cannot start cargo")?;
    ensure!(output.status.success(), "{cargo:?}: {}", output.status);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    eprint!("{said}");
    Ok(said)
}

/// The lines with a verdict: `WHAT wanted LIMIT found NUMBER VERDICT`.
pub fn rows(said: &str) -> Vec<Row> {
    let row = |line: &str| {
        let (what, rest) = line.split_once(" wanted ")?;
        let (promise, rest) = rest.split_once(" found ")?;
        let (found, verdict) = rest.trim().split_once(' ')?;
        Some(Row {
            what: what.trim().replace(", times", ", processor time"),
            promise: promise.trim().to_owned(),
            found: found.to_owned(),
            holds: Some(verdict.trim() == "reached"),
        })
    };
    said.lines().filter_map(row).collect()
}
