//! `linktab python`: its arguments, and the variables that it prints. The work is that of another crate, which
//! `main` joins.

use std::io::Write;
use std::path::PathBuf;

use super::streams::{Notes, Out};
use super::{Ended, Exit, Stop};
use crate::plain;

/// Find a CPython to link, prove that it links and starts, and tell builds of this project
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab python
  linktab python --version 3.12 --static
  eval \"$(linktab python --no-write)\"

Looks at PATH, the system, and what pyenv, uv and conda keep; where nothing links, fetches packages of Debian or
Ubuntu, without root. In a cargo project it writes .cargo/config.toml, where other settings stay, and files below
.cargo/linktab; it prints the same variables for a shell.

Exit code: 0 found, 1 with --list if nothing links, 2 nothing links or nothing could be written")]
#[non_exhaustive]
pub struct Cpython {
    /// This interpreter and no other
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,

    /// This version and no other, such as 3.12 or 3.14t
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,

    /// A library that goes into the executable
    #[arg(long = "static", conflicts_with = "shared")]
    pub is_static: bool,

    /// A library that the executable loads
    #[arg(long)]
    pub shared: bool,

    /// Fetch packages even where something is installed
    #[arg(long, conflicts_with_all = ["python", "offline", "list"])]
    pub fetch: bool,

    /// Fetch nothing
    #[arg(long)]
    pub offline: bool,

    /// Try everything that is installed, and say of each why it does not link; write nothing
    #[arg(long)]
    pub list: bool,

    /// Print the variables and leave the project as it is
    #[arg(long)]
    pub no_write: bool,

    /// Say what is tried, as it is tried
    #[arg(short, long)]
    pub verbose: bool,
}

/// `linktab python`, which this crate does not do: progress goes to the stream, and what comes back is what to print
/// and whether there is a CPython, or why nothing was done.
pub type Searcher<'a> = &'a dyn Fn(&Cpython, &mut dyn Write) -> Result<(String, bool), String>;

pub fn run(cpython: &Cpython, searcher: Searcher<'_>, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let (text, is_found) = searcher(cpython, notes.stream()).map_err(Stop::Usage)?;
    for line in text.lines() {
        writeln!(out, "{}", plain::plain(line))?;
    }
    out.flush()?;
    Ok(if is_found { Exit::Clean } else { Exit::Findings })
}
