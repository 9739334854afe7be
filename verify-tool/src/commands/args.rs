//! Raw arguments: what clap understands, unchecked.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Reads Python extensions that linktab registered out of binaries.
#[derive(Debug, Parser)]
#[command(name = "linktab", version, about, disable_help_subcommand = true)]
#[command(after_help = "Examples:
  linktab list target/release/app
  linktab list --output-format json target/debug/deps/*.rlib")]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the records in executables, shared objects, object files and archives
    List(List),
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

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ListFormat {
    /// An aligned table
    Text,
    /// One JSON document
    Json,
}
