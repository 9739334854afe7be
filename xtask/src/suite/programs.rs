//! Test programs in, what each of them counted out: cargo compiles them at once, and as many run side by side as this
//! machine has processors.
//!
//! cargo would run one after the other, and most wait for a compiler, a linker or an interpreter of their own. What one
//! prints is shown when it has ended.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::{Instant, SystemTime};
use std::{io, thread};

use anyhow::{Context, Result, ensure};
use linktab_cpython::process::{self, Variable};
use serde_json::Value;

use super::covered;
use super::tally::{Outcome, Reader};

/// The packages that test linktab from outside, and the command. Always together: of which packages cargo builds decides which
/// features their dependencies have, and with others everything would be compiled once more.
pub const OUTSIDE: [&str; 3] = ["linktab-verify", "linktab-tests", "linktab-macro-tests"];

/// Arguments for some targets of [`OUTSIDE`].
pub fn outside<'a>(targets: &[&'a str]) -> Vec<&'a str> {
    OUTSIDE.iter().flat_map(|package| ["-p", package]).chain(targets.iter().copied()).collect()
}

/// A program that cargo made of tests.
#[derive(Clone, Debug)]
pub struct Program {
    /// The name of its target.
    pub name: String,
    path: PathBuf,
    manifest: PathBuf,
}

impl Program {
    /// Its command. It is told of its package as cargo would, for what its tests compile.
    pub fn command(&self, variables: &[Variable]) -> Command {
        let folder = self.manifest.parent().unwrap_or_else(|| Path::new("."));
        let mut command = Command::new(&self.path);
        command.arg("--show-output").current_dir(folder).env("CARGO_MANIFEST_DIR", folder);
        command.env(RUN, run()).envs(variables.iter().cloned());
        command
    }
}

/// By which test programs know that what one of them built is still what another would build
/// (`tests/src/import_build.rs`).
const RUN: &str = "LINKTAB_RUN";

/// What no other run has.
fn run() -> &'static str {
    static RUN: LazyLock<String> = LazyLock::new(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        format!("{}-{}", now.as_nanos(), std::process::id())
    });
    &RUN
}

/// Has cargo compile what `cargo test` with `args` would run, documentation left aside.
///
/// # Errors
/// cargo does not start, or they do not compile.
pub fn compile(mut cargo: Command, args: &[&str]) -> Result<Vec<Program>> {
    cargo.args(["test", "--no-run", "--message-format=json-render-diagnostics"]).args(args);
    process::announce(&cargo);
    let line = process::line(&cargo);
    let mut child = cargo.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let messages = child.stdout.take().context("the pipe was asked for above")?;
    let mut programs = Vec::new();
    for message in BufReader::new(messages).lines() {
        let message = message.with_context(|| format!("cannot read from `{line}`"))?;
        programs.extend(program(&message).with_context(|| format!("`{line}` wrote {message}"))?);
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{line}`"))?;
    ensure!(status.success(), "`{line}` failed ({status})");
    ensure!(!programs.is_empty(), "`{line}` compiled no test");
    programs.sort_by(|one, other| one.name.cmp(&other.name));
    covered::compiled(programs.iter().map(|program| (&*program.manifest, &*program.name)))?;
    Ok(programs)
}

/// The program that one of cargo's messages tells of, if it does.
fn program(message: &str) -> Result<Option<Program>> {
    let message: Value = serde_json::from_str(message).context("no JSON")?;
    if message["profile"]["test"] != true {
        return Ok(None);
    }
    let Some(path) = message["executable"].as_str() else { return Ok(None) };
    let name = message["target"]["name"].as_str().context("its target has no name")?.to_owned();
    let manifest = message["manifest_path"].as_str().context("its package has no manifest")?.into();
    Ok(Some(Program { name, path: path.into(), manifest }))
}

/// Runs commands, shows what each printed in one go, under a heading that tells its time too, and returns how each
/// ended, in their order.
///
/// # Errors
/// One does not start.
pub fn side_by_side(
    commands: Vec<(String, Command)>,
    show: impl Fn(&str, &Command, &Output) + Sync,
) -> Result<Vec<Outcome>> {
    let outcomes = Mutex::new(commands.iter().map(|_| None).collect::<Vec<_>>());
    let queue = Mutex::new(commands.into_iter().enumerate());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    // The lock is given back before the program starts.
                    let next = queue.lock().ok().and_then(|mut queue| queue.next());
                    let Some((number, (mut heading, mut command))) = next else { return };
                    let start = Instant::now();
                    let output = command.output();
                    // Where a run's time goes: two or more share the processors.
                    heading.push_str(&format!(" ({:.1} s)", start.elapsed().as_secs_f64()));
                    if let Ok(mut outcomes) = outcomes.lock() {
                        output.iter().for_each(|output| show(&heading, &command, output));
                        outcomes[number] = Some(outcome(&command, output));
                    }
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().ok().context("a thread broke off")?;
    outcomes.into_iter().map(|outcome| outcome.context("a program was not run")?).collect()
}

fn outcome(command: &Command, output: io::Result<Output>) -> Result<Outcome> {
    let line = process::line(command);
    let output = output.with_context(|| format!("cannot start `{line}`"))?;
    let mut reader = Reader::default();
    String::from_utf8_lossy(&output.stdout).lines().for_each(|line| reader.line(line));
    Ok(Outcome { tally: reader.finish(), success: output.status.success(), line })
}

/// Prints all that a program wrote.
pub fn print(heading: &str, command: &Command, output: &Output) {
    println!("{heading}");
    process::announce(command);
    // Nobody reads on when this cannot be written.
    let _ = io::stdout().write_all(&output.stdout);
    let _ = io::stderr().write_all(&output.stderr);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_cargo_tells_where_a_test_program_is() {
        let message = |test: bool, executable: &str| {
            let path = "/w/tests/Cargo.toml";
            format!(
                r#"{{"manifest_path": "{path}", "target": {{"name": "import_x"}}, "profile": {{"test": {test}}},
                    "executable": {executable}}}"#
            )
        };
        let name =
            |text: &str| program(text).map(|program| program.map(|program| program.name)).ok().flatten();
        assert_eq!(name(&message(true, r#""/w/target/import_x""#)), Some("import_x".to_owned()));
        assert_eq!(name(&message(false, r#""/w/target/tool""#)), None);
        assert_eq!(name(&message(true, "null")), None);
        assert!(program("warning: words").is_err());
    }

    /// What the shell prints is libtest's.
    #[test]
    fn outcomes_come_in_the_order_of_the_commands_and_one_that_breaks_off_has_failed() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            (script.to_owned(), command)
        };
        let commands = vec![
            shell("sleep 0.2; echo 'test result: ok. 3 passed; 0 failed; 0 ignored'"),
            shell("echo 'test result: FAILED. 1 passed; 2 failed; 0 ignored'; exit 1"),
            shell("echo 'running 3 tests'; kill -9 $$"),
        ];
        let shown = Mutex::new(Vec::new());
        let outcomes = side_by_side(commands, |heading, _, output| {
            if let Ok(mut shown) = shown.lock() {
                shown.push((heading.to_owned(), output.stdout.is_empty()));
            }
        });
        let shown = shown.into_inner().expect("no thread broke off");
        assert!(shown.len() == 3 && shown.iter().all(|(_, empty)| !empty), "{shown:?}");
        assert!(shown.iter().all(|(heading, _)| heading.ends_with(" s)")), "{shown:?}");
        let counts = |Outcome { tally, success, .. }: Outcome| (tally.passed, tally.failed, success);
        let counts: Vec<_> = outcomes.expect("all start").into_iter().map(counts).collect();
        assert_eq!(counts, [(3, 0, true), (1, 2, false), (0, 0, false)]);
    }
}
