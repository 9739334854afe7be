//! The guard against regressions that no clock can see: instructions, counted by callgrind.
//!
//! The package `linktab-bench` counts and compares with its `instructions.txt`; here its lines are read.

use anyhow::{Context as _, Result};
use linktab_cpython::Kind;

use super::run::Run;
use crate::bench;

/// What [`super::parts::PARTS`] runs.
pub fn check(run: &mut Run) -> Result<()> {
    let shared = run.environment.python().is_some_and(|python| python.link.kind == Kind::Shared);
    if shared {
        run.skip("a static libpython is not installed");
        return Ok(());
    }
    if std::process::Command::new("valgrind").arg("--version").output().is_err() {
        run.skip("valgrind is not installed");
        return Ok(());
    }
    let mut command = bench::command(run.environment)?;
    let output = command.arg("instructions").output().context("cannot start linktab-bench")?;
    let said = String::from_utf8_lossy(&output.stdout);
    eprint!("{said}{}", String::from_utf8_lossy(&output.stderr));
    let mut judged = false;
    for line in said.lines() {
        match line.split_once(": ") {
            Some(("skipped", reason)) => run.skip(reason),
            Some((verdict @ ("holds" | "failed"), what)) => run.judge(verdict == "holds", what),
            _ => continue,
        }
        judged = true;
    }
    // One that broke off said nothing.
    if !judged || (!output.status.success() && !said.contains("failed: ")) {
        run.judge(false, "linktab-bench instructions");
    }
    Ok(())
}
