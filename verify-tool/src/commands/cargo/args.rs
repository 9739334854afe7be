//! Raw arguments of `cargo linktab`: what clap understands, unchecked.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands::options::CheckOptions;

/// The arguments that cargo gives to `cargo-linktab`.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo", version, disable_help_subcommand = true)]
pub struct CargoArgs {
    #[command(subcommand)]
    pub command: CargoCommand,
}

#[derive(Debug, Subcommand)]
pub enum CargoCommand {
    /// Proves that a finished binary contains each of its Python extensions, once
    #[command(
        name = "linktab",
        version,
        disable_help_subcommand = true,
        after_help = "Examples:
  cargo linktab check
  cargo linktab check -p app --release -- --features gui"
    )]
    Linktab {
        #[command(subcommand)]
        command: CargoLinktab,
    },
}

#[derive(Debug, Subcommand)]
pub enum CargoLinktab {
    #[command(alias = "verify")]
    Check(CargoCheck),
}

/// Build programs, learn from cargo what went into them, and verify them
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo linktab check
  cargo linktab check -p app --release -- --features gui
  cargo linktab check -- --workspace --examples --tests

Programs, examples, tests, benches, and libraries for other linkers (cdylib, staticlib) that hold a table are checked.

Exit code: 0 clean, 1 findings, 2 wrong usage or a failed build, 3 something could not be read")]
pub struct CargoCheck {
    /// The package to build
    #[arg(short, long, value_name = "PKG")]
    pub package: Vec<String>,

    /// The program to build
    #[arg(long, value_name = "NAME")]
    pub bin: Vec<String>,

    /// Build with the profile release
    #[arg(short, long)]
    pub release: bool,

    /// Build with this profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Build for this target
    #[arg(long, value_name = "TRIPLE")]
    pub target: Option<String>,

    /// The manifest of the package
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,

    #[command(flatten)]
    pub options: CheckOptions,

    /// More arguments for `cargo build`
    #[arg(last = true, value_name = "CARGO FLAGS")]
    pub cargo: Vec<String>,
}
