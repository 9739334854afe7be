//! Raw arguments: what clap understands, unchecked. Completions and the man page come from here too.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::add::Add;
use super::adopt::Adopt;
use super::build::Build;
use super::install_sdk::InstallSdk;
use super::options::{CheckOptions, STYLES};
use super::pack::Pack;
use super::project::{Init, New};
use super::python::Cpython;
use super::topic::Topic;

/// Proves that a finished binary contains each of its Python extensions, once
#[derive(Debug, Parser)]
#[command(name = "linktab", version, about, disable_help_subcommand = true, styles = STYLES)]
#[command(after_help = "Examples:
  linktab check target/release/app
  linktab list target/debug/deps/*.rlib

Exit code: 0 clean, 1 findings, 2 wrong usage, 3 something could not be read")]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(alias = "verify")]
    Check(Box<Check>),
    List(List),
    Diff(Diff),
    Report(Box<Page>),
    Lock(Lock),
    Explain(Explain),
    Pack(Pack),
    Needs(NeedsOf),
    Adopt(Adopt),
    InstallSdk(InstallSdk),
    Python(Box<Cpython>),
    New(New),
    Init(Init),
    Add(Add),
    Build(Box<Build>),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

/// Verify final binaries
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab check target/release/app
  linktab check --locked --inputs @link.rsp --output-format sarif -o report.sarif app

Exit code: 0 clean, 1 findings, 2 wrong usage, 3 something could not be read")]
pub struct Check {
    /// Executable, .so, .dylib or .exe; `-` is standard input
    #[arg(required = true, value_name = "BIN")]
    pub binaries: Vec<PathBuf>,

    /// What went into the link: objects, archives, rlibs, or @FILE with a linker's arguments; `--` ends them
    #[arg(long, value_name = "PATH|@RSP", num_args = 1.., action = clap::ArgAction::Append)]
    pub inputs: Vec<OsString>,

    #[command(flatten)]
    pub options: CheckOptions,
}

/// Write a page for a browser: modules by package, their sizes, findings
#[derive(Debug, clap::Args)]
#[command(mut_arg("output_format", |format| format.hide(true)), mut_arg("exit_zero", |zero| zero.hide(true)))]
#[command(after_help = "Examples:
  linktab report --html -o report.html target/release/app
  linktab report --html --inputs @link.rsp -o report.html app

`linktab check` and `cargo linktab check` write the same page with `--output-format html`.

Exit code: 0 written, 2 wrong usage, 3 something could not be read")]
pub struct Page {
    /// As a page of HTML, which needs no other file and no network; there is no other form
    #[arg(long)]
    pub html: bool,

    #[command(flatten)]
    pub check: Check,
}

/// List the records in executables, shared objects, object files and archives
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab list target/release/app
  linktab list --output-format json target/debug/deps/*.rlib

Exit code: 0 listed, 2 wrong usage, 3 something could not be read")]
pub struct List {
    /// Executable, .so, .dylib, .exe, .o, .a or .rlib; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// How to print the list
    #[arg(long, value_enum, default_value_t = ListFormat::Text, value_name = "FORMAT")]
    pub output_format: ListFormat,
}

/// An aligned table, or one JSON document.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ListFormat {
    Text,
    Json,
}

/// Say what a machine must have for a program to run: libraries, their versions, and who asks for them
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab needs target/release/app
  linktab needs --output-format json app | jq '.inputs[].libraries[].name'

Of a packed program, the shared objects behind it count too.

Exit code: 0 told, 2 wrong usage, 3 something could not be read")]
pub struct NeedsOf {
    /// Executable, .so, .dylib, .exe or .dll; `-` is standard input
    #[arg(required = true, value_name = "BIN")]
    pub paths: Vec<PathBuf>,

    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Text, value_name = "FORMAT")]
    pub output_format: ListFormat,
}

/// Show which modules were added, removed or changed between two binaries
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab diff old/app new/app
  linktab diff app-1.0.0 app-1.1.0 | grep ^-")]
pub struct Diff {
    /// The binary before
    #[arg(value_name = "OLD")]
    pub old: PathBuf,

    /// The binary after
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
}

/// Write the modules of a binary to linktab.lock, for review
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab lock target/release/app
  linktab lock --check target/release/app")]
pub struct Lock {
    /// The binary
    #[arg(value_name = "BIN")]
    pub binary: PathBuf,

    /// The lock file
    #[arg(long, value_name = "FILE", default_value = "linktab.lock")]
    pub lock: PathBuf,

    /// Write nothing, and exit with 1 when the lock file is stale
    #[arg(long)]
    pub check: bool,
}

/// Say what a finding means, how it comes about and how to mend it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab explain
  linktab explain LT007
  linktab explain shared-init")]
pub struct Explain {
    /// A code, such as LT007 or 7, or its name; without one, the codes are listed
    #[arg(value_name = "CODE", conflicts_with = "all")]
    pub code: Option<Topic>,

    /// Explain all of them
    #[arg(long)]
    pub all: bool,
}
