//! The command line: arguments in, exit code out. Each command is a file; none of them parses a
//! binary, judges a record or chooses words for a finding. What builds is in other crates, which `main` joins.

mod add;
mod adopt;
mod args;
mod build;
mod cargo;
mod changes;
mod check;
mod diff;
mod expectations;
mod explain;
mod files;
mod generate;
mod homes;
mod inputs;
mod install_sdk;
mod linked;
mod list;
mod lock;
mod needs;
mod options;
mod pack;
mod project;
mod python;
mod report;
mod streams;
mod topic;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Parser;
use clap::error::ErrorKind;

pub use adopt::{Adopt, Adopter};
use args::{Args, Command};
pub use build::{Build, Builder, Built};
use cargo::args::{CargoArgs, CargoCommand, CargoLinktab};
pub use install_sdk::{InstallSdk, SdkInstaller};
use options::Color;
pub use python::{Cpython, Searcher};
use streams::{Notes, Out};

/// Exit codes, the same for every command and output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Exit {
    /// Looked, and all is well.
    Clean = 0,
    /// Looked, and something is wrong.
    Findings = 1,
    /// The command line, the config or the lock file is wrong.
    Usage = 2,
    /// Could not look at something. Wins over findings.
    Unreadable = 3,
}

/// Why a command stopped before its end.
enum Stop {
    /// The user has to change something.
    Usage(String),
    /// A stream failed.
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Io(error)
    }
}

type Ended = Result<Exit, Stop>;

/// What other crates do, for commands of this one.
pub struct Builders<'a> {
    /// `linktab adopt`
    pub adopt: Adopter<'a>,
    /// `linktab build`
    pub build: Builder<'a>,
    /// `linktab install-sdk`
    pub install_sdk: SdkInstaller<'a>,
    /// `linktab python`
    pub python: Searcher<'a>,
}

/// Runs the command `linktab` with its arguments, the program's name first.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    builders: &Builders<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Exit {
    let (mut out, mut notes) = (Out::new(out), Notes::new(err));
    let ended = parsed(arguments, builders, &mut out, &mut notes);
    exit(ended, &mut notes)
}

fn parsed(
    arguments: impl IntoIterator<Item = OsString>,
    builders: &Builders<'_>,
    out: &mut Out<'_>,
    notes: &mut Notes<'_>,
) -> Ended {
    match Args::try_parse_from(arguments) {
        Ok(mut args) => command(&mut args.command, builders, out, notes),
        Err(error) => told_by_clap(&error, out, notes),
    }
}

fn command(
    command: &mut Command,
    builders: &Builders<'_>,
    out: &mut Out<'_>,
    notes: &mut Notes<'_>,
) -> Ended {
    match command {
        Command::Check(check) => check::run(check, out, notes),
        Command::List(list) => list::run(list, out, notes),
        Command::Diff(diff) => diff::run(diff, out, notes),
        Command::Report(page) => report::run(page, out, notes),
        Command::Lock(lock) => lock::run(lock, notes),
        Command::Explain(explain) => explain::run(explain, out),
        Command::Pack(pack) => pack::run(pack, out, notes),
        Command::Needs(needs) => needs::run(needs, out, notes),
        Command::Adopt(adopt) => adopt::run(adopt, builders.adopt, out, notes),
        Command::InstallSdk(sdk) => install_sdk::run(sdk, builders.install_sdk, out, notes),
        Command::Python(python) => python::run(python, builders.python, out, notes),
        Command::New(new) => project::new(new, out),
        Command::Init(init) => project::init(init, out),
        Command::Add(add) => add::run(add, out, notes),
        Command::Build(build) => build::run(build, builders, out, notes),
        Command::Completions { shell } => generate::completions(*shell, out),
        Command::Man => generate::man(out),
    }
}

/// Runs the command `cargo linktab` with its arguments, as cargo gives them.
pub fn run_cargo(
    arguments: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Exit {
    let (mut out, mut notes) = (Out::new(out), Notes::new(err));
    let ended = match CargoArgs::try_parse_from(arguments) {
        Ok(args) => {
            let CargoCommand::Linktab { command: CargoLinktab::Check(check) } = &args.command;
            cargo::run(check, &mut out, &mut notes)
        }
        Err(error) => told_by_clap(&error, &mut out, &mut notes),
    };
    exit(ended, &mut notes)
}

fn exit(ended: Ended, notes: &mut Notes<'_>) -> Exit {
    match ended {
        Ok(exit) => exit,
        Err(Stop::Usage(message)) => {
            notes.lines(&format!("error: {message}"));
            Exit::Usage
        }
        Err(Stop::Io(error)) => {
            notes.line(&format!("error: cannot write the report: {error}"));
            Exit::Unreadable
        }
    }
}

fn told_by_clap(error: &clap::Error, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let text = error.render();
    if error.use_stderr() {
        let text = text.to_string();
        notes.lines(&text);
        // The usage that clap shows has the binary behind the inputs.
        if error.kind() == ErrorKind::MissingRequiredArgument && text.contains("--inputs") {
            notes.line(
                "`--inputs` takes what follows it up to the next option: put the binary before it, or `--` between them",
            );
        }
        return Ok(Exit::Usage);
    }
    match streams::use_color(Color::Auto) {
        true => write!(out, "{}", text.ansi())?,
        false => write!(out, "{text}")?,
    }
    out.flush()?;
    Ok(Exit::Clean)
}
