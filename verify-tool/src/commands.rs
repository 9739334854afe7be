//! The command line: arguments in, exit code out. Each command is a file; none of them parses a
//! binary or judges a record.

mod args;
mod list;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Parser;

use args::{Args, Command};

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

/// Runs the command `linktab` with its arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => return told_by_clap(&error, out, err),
    };
    let result = match args.command {
        Command::List(list) => list::run(&list, out, err),
    };
    match result {
        Ok(exit) => exit,
        // Whoever closed the pipe has read what they wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Clean,
        Err(error) => {
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
