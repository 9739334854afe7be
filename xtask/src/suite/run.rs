//! What a part can do: run checks and test runners, and have them counted.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use linktab_cpython::process::{self, Variable};

use super::programs::{self, Program};
use super::skips;
use super::table;
use super::tally::{Outcome, Reader, Tally};
use crate::environment::Environment;
use crate::workspace;

/// Tells build scripts that nobody will link: linktab-build.
pub const ONLY_CHECKED: &str = "LINKTAB_ONLY_CHECKED";

/// One part under way.
#[derive(Debug)]
pub struct Run<'a> {
    /// Python and its tools, as far as the part needs them.
    pub environment: &'a mut Environment,
    /// What the part `adopt` is asked for.
    pub packages: &'a [String],
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
        process::announce(command);
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

    /// What `cargo test` with `args` runs, but for examples in documentation: every test counts. Goes on to the end
    /// when one fails.
    ///
    /// # Errors
    /// cargo or a test program does not start, or they do not compile.
    pub fn tests(&mut self, args: &[&str]) -> Result<()> {
        self.tests_with(args, &[])
    }

    /// [`Run::tests`], with more variables for the programs.
    ///
    /// # Errors
    /// As [`Run::tests`].
    pub fn tests_with(&mut self, args: &[&str], variables: &[Variable]) -> Result<()> {
        let programs = programs::compile(self.cargo(&[]), args)?;
        let variables = [self.environment.variables(), variables.to_vec()].concat();
        let command = |program: Program| (format!("\n--- {}", program.name), program.command(&variables));
        let outcomes = programs::side_by_side(programs.into_iter().map(command).collect(), programs::print)?;
        let mut whole = Outcome { tally: Tally::default(), success: true, line: args.join(" ") };
        for outcome in outcomes {
            whole += outcome;
        }
        self.conclude(whole);
        Ok(())
    }

    /// The examples in the documentation of packages.
    ///
    /// # Errors
    /// cargo does not start.
    pub fn examples(&mut self, packages: &[&str]) -> Result<()> {
        let mut cargo = self.cargo(&["test", "--no-fail-fast", "--doc"]);
        cargo.args(packages.iter().flat_map(|package| ["-p", package]));
        self.runner(cargo.args(["--", "--show-output"]))
    }

    /// A command that prints libtest's summary.
    ///
    /// # Errors
    /// The command does not start, or its output cannot be read.
    pub fn runner(&mut self, command: &mut Command) -> Result<()> {
        process::announce(command);
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
        self.conclude(Outcome { tally, success: status.success(), line });
        Ok(())
    }

    /// Something could not run.
    pub fn skip(&mut self, reason: &str) {
        println!("skipped: {reason}");
        let tally = self.allowed(Tally { skipped: vec![reason.to_owned()], ..Tally::default() });
        self.tally += tally;
    }

    /// Counts what came out, and returns it.
    pub fn conclude(&mut self, outcome: Outcome) -> Tally {
        let Outcome { mut tally, line, .. } = outcome.judged();
        if tally.passed == 0 && tally.failed == 0 && tally.skipped.is_empty() {
            eprintln!("failed: `{line}` ran no test");
            tally.failed += 1;
        }
        let tally = self.allowed(tally);
        self.tally += tally.clone();
        tally
    }

    /// Skips that are not on the list are failures.
    fn allowed(&self, mut tally: Tally) -> Tally {
        let is_allowed = |skip: &String| !self.strict || skips::reason_to_allow(skip).is_some();
        let (allowed, refused): (Vec<String>, Vec<String>) = tally.skipped.into_iter().partition(is_allowed);
        for (reason, times) in table::counted(&refused) {
            eprintln!("failed: {times} skipped where nothing may be (CI=true): {reason}");
        }
        tally.failed += refused.len();
        tally.skipped = allowed;
        tally
    }
}
