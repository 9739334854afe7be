//! What a part can do: run checks and test runners, and have them counted.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::{env, io};

use anyhow::{Context, Result};

use super::skips;
use super::table;
use super::tally::{Reader, Tally};
use crate::environment::Environment;
use crate::process;
use crate::workspace;

/// Tells build scripts that nobody will link: examples/demo/python-for-build.
pub const ONLY_CHECKED: &str = "LINKTAB_ONLY_CHECKED";

/// One part under way.
#[derive(Debug)]
pub struct Run<'a> {
    /// Python and its tools, as far as the part needs them.
    pub environment: &'a mut Environment,
    /// Counted so far.
    pub tally: Tally,
    /// A skip that is not on the list counts as a failure.
    pub strict: bool,
}

impl Run<'_> {
    /// `cargo` with the environment of the part.
    pub fn cargo(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(args).current_dir(workspace::root()).envs(self.environment.variables());
        command
    }

    /// [`Run::cargo`], for what looks at Rust code and links nothing: build scripts compile no C++ then.
    pub fn looking(&self, args: &[&str]) -> Command {
        let mut command = self.cargo(args);
        command.env(ONLY_CHECKED, "1");
        command
    }

    /// A command that holds when it exits 0. Counts as one.
    ///
    /// # Errors
    /// The command does not start.
    pub fn check(&mut self, command: &mut Command) -> Result<()> {
        announce(command);
        let status =
            command.status().with_context(|| format!("cannot start `{}`", process::line(command)))?;
        self.judge(status.success(), &process::line(command));
        Ok(())
    }

    /// clippy with all of its warnings, and its lint on what is younger than the declared Rust. Counts as one.
    ///
    /// # Errors
    /// cargo does not start.
    pub fn clippy(&mut self) -> Result<()> {
        let lints = ["-D", "warnings", "-D", "clippy::incompatible_msrv"];
        let mut clippy = self.looking(&["clippy", "--workspace", "--all-targets", "--"]);
        self.check(clippy.args(lints))
    }

    /// A judgement made here. Counts as one.
    pub fn judge(&mut self, holds: bool, what: &str) {
        if holds {
            self.tally.passed += 1;
        } else {
            eprintln!("failed: {what}");
            self.tally.failed += 1;
        }
    }

    /// `cargo test` with `args`: every test counts. Goes on to the end when one fails.
    ///
    /// # Errors
    /// cargo does not start.
    pub fn tests(&mut self, args: &[&str]) -> Result<()> {
        let mut command = self.cargo(&["test", "--no-fail-fast"]);
        command.args(args).args(["--", "--show-output"]);
        self.runner(&mut command)
    }

    /// A command that prints libtest's summary.
    ///
    /// # Errors
    /// The command does not start, or its output cannot be read.
    pub fn runner(&mut self, command: &mut Command) -> Result<()> {
        announce(command);
        let line = process::line(command);
        let mut child =
            command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
        let mut reader = Reader::default();
        let stdout = child.stdout.take().context("the pipe was asked for above")?;
        for text in BufReader::new(stdout).split(b'\n') {
            let text = text.with_context(|| format!("cannot read from `{line}`"))?;
            let text = String::from_utf8_lossy(&text);
            println!("{text}");
            reader.line(&text);
        }
        let status = child.wait().with_context(|| format!("cannot wait for `{line}`"))?;
        let tally = reader.finish();
        self.conclude(tally, status.success(), &line);
        Ok(())
    }

    /// Something could not run.
    pub fn skip(&mut self, reason: &str) {
        println!("skipped: {reason}");
        self.count_skips(vec![reason.to_owned()]);
    }

    fn conclude(&mut self, mut tally: Tally, success: bool, line: &str) {
        let skips = std::mem::take(&mut tally.skipped);
        // A runner that breaks off, or finds nothing to run, prints no count of its own.
        if (!success && tally.failed == 0) || (tally.passed == 0 && tally.failed == 0 && skips.is_empty()) {
            let why = if success { "ran no test" } else { "broke off" };
            eprintln!("failed: `{line}` {why}");
            tally.failed += 1;
        }
        self.tally += tally;
        self.count_skips(skips);
    }

    fn count_skips(&mut self, reasons: Vec<String>) {
        let (allowed, refused): (Vec<String>, Vec<String>) =
            reasons.into_iter().partition(|reason| !self.strict || skips::reason_to_allow(reason).is_some());
        for (reason, times) in table::counted(&refused) {
            eprintln!("failed: {times} skipped where nothing may be (CI=true): {reason}");
        }
        self.tally.failed += refused.len();
        self.tally.skipped.extend(allowed);
    }
}

/// The command as one would type it, so that a person can repeat it.
fn announce(command: &Command) {
    let _ = io::Write::flush(&mut io::stdout());
    eprintln!("$ {}", process::line(command));
}
