//! The demo from beginning to end, and what its executable does with memory.

use std::process::Command;

use anyhow::Result;

use super::run::Run;
use crate::demo;
use crate::environment::Environment;
use crate::workspace;

/// What [`super::parts::PARTS`] runs.
pub fn check(run: &mut Run) -> Result<()> {
    if holds(run, "cargo xtask demo", demo::demo) {
        under_valgrind(run)?;
    }
    holds(run, "cargo xtask demo --one-file", demo::one_file);
    Ok(())
}

fn holds(run: &mut Run, name: &str, demo: fn(&mut Environment) -> Result<()>) -> bool {
    let held = demo(run.environment);
    if let Err(error) = &held {
        eprintln!("{error:#}");
    }
    run.judge(held.is_ok(), name);
    held.is_ok()
}

/// Every extension imported and used: nothing is read, written or freed that may not be. What CPython
/// does not free at its end counts for nothing, and its uses of uninitialised values are hundreds
/// (`tests/tests/memory_valgrind.rs`).
fn under_valgrind(run: &mut Run) -> Result<()> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        run.skip("valgrind is not installed");
        return Ok(());
    }
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["-q", "--undef-value-errors=no", "--error-exitcode=99"]);
    valgrind.arg(demo::executable()).arg(demo::SCRIPT).current_dir(workspace::root());
    valgrind.envs(run.environment.variables());
    // CPython's own allocator would hide its blocks from valgrind. Free-threaded builds have no other.
    if run.environment.python().is_some_and(|python| !python.interpreter.free_threaded) {
        valgrind.env("PYTHONMALLOC", "malloc");
    }
    run.check(&mut valgrind)
}
