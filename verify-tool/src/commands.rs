//! The command line: arguments in, exit code out. Each command is a file; none of them parses a
//! binary, judges a record or chooses words for a finding.

mod args;
mod cargo;
mod check;
mod diff;
mod expectations;
mod explain;
mod generate;
mod linked;
mod list;
mod lock;
mod pack;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Parser;

use args::{Args, Command};
use cargo::args::{CargoArgs, CargoCommand, CargoLinktab};

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

/// Runs the command `linktab` with its arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => return told_by_clap(&error, out, err),
    };
    let ended = match &args.command {
        Command::Check(check) => check::run(check, out, err),
        Command::List(list) => list::run(list, out, err),
        Command::Diff(diff) => diff::run(diff, out, err),
        Command::Lock(lock) => lock::run(lock, err),
        Command::Explain(explain) => explain::run(explain, out),
        Command::Pack(pack) => pack::run(pack, out, err),
        Command::Completions { shell } => generate::completions(*shell, out),
        Command::Man => generate::man(out),
    };
    exit(ended, err)
}

/// Runs the command `cargo linktab` with its arguments, as cargo gives them.
pub fn run_cargo(
    arguments: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Exit {
    let args = match CargoArgs::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => return told_by_clap(&error, out, err),
    };
    let CargoCommand::Linktab { command: CargoLinktab::Check(check) } = &args.command;
    exit(cargo::run(check, out, err), err)
}

/// Whoever closed the pipe has read what they wanted; the verdict stays what it is.
fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn exit(ended: Ended, err: &mut dyn Write) -> Exit {
    match ended {
        Ok(exit) => exit,
        Err(Stop::Usage(message)) => {
            let _ = writeln!(err, "error: {message}");
            Exit::Usage
        }
        // Whoever closed the pipe has read what they wanted.
        Err(Stop::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Clean,
        Err(Stop::Io(error)) => {
            let _ = writeln!(err, "error: cannot write the report: {error}");
            Exit::Unreadable
        }
    }
}

fn told_by_clap(error: &clap::Error, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
    let text = error.render();
    if error.use_stderr() {
        let _ = write!(err, "{text}");
        Exit::Usage
    } else {
        let _ = write!(out, "{text}");
        Exit::Clean
    }
}
