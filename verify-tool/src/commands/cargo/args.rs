//! Raw arguments of `cargo linktab`: what clap understands, unchecked.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands::options::{CheckOptions, STYLES};

/// The arguments that cargo gives to `cargo-linktab`.
#[derive(Debug, Parser)]
#[command(name = "cargo", display_name = "cargo-linktab", bin_name = "cargo", version, disable_help_subcommand = true, styles = STYLES)]
pub struct CargoArgs {
    #[command(subcommand)]
    pub command: CargoCommand,
}

#[derive(Debug, Subcommand)]
pub enum CargoCommand {
    /// Proves that a finished binary contains each of its Python extensions, once
    #[command(
        name = "linktab",
        display_name = "cargo-linktab",
        version,
        disable_help_subcommand = true,
        after_help = "Examples:
  cargo linktab check
  cargo linktab check -p app --release --features gui"
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
  cargo linktab check -p app --release --features gui
  cargo linktab check --workspace --locked -- --examples --tests

Programs, examples, tests, benches, and libraries for other linkers (cdylib, staticlib) that hold a table are checked.

--locked is cargo's too: neither Cargo.lock nor, where there is one, linktab.lock may be out of date.

Exit code: 0 clean, 1 findings, 2 wrong usage or a failed build, 3 something could not be read")]
pub struct CargoCheck {
    #[command(flatten)]
    pub build: BuildFlags,

    #[command(flatten)]
    pub options: CheckOptions,

    /// More arguments for `cargo build`
    #[arg(last = true, value_name = "CARGO FLAGS")]
    pub cargo: Vec<String>,
}

/// Flags of `cargo build`, with its words and its meaning.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Options of cargo build")]
pub struct BuildFlags {
    /// The package to build
    #[arg(short, long, value_name = "PKG")]
    pub package: Vec<String>,

    /// Build every package of the workspace
    #[arg(long)]
    pub workspace: bool,

    /// But this one
    #[arg(long, value_name = "PKG", requires = "workspace")]
    pub exclude: Vec<String>,

    /// The program to build
    #[arg(long, value_name = "NAME")]
    pub bin: Vec<String>,

    /// The example to build
    #[arg(long, value_name = "NAME")]
    pub example: Vec<String>,

    /// Features to turn on
    #[arg(short = 'F', long, value_name = "FEATURES")]
    pub features: Vec<String>,

    /// Turn all features on
    #[arg(long)]
    pub all_features: bool,

    /// Turn the default features off
    #[arg(long)]
    pub no_default_features: bool,

    /// Build with the profile release
    #[arg(short, long)]
    pub release: bool,

    /// Build with this profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Build for this target
    #[arg(long, value_name = "TRIPLE")]
    pub target: Option<String>,

    /// Where cargo builds
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<PathBuf>,

    /// The manifest of the package
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,

    /// Use no network
    #[arg(long)]
    pub offline: bool,

    /// As --locked and --offline
    #[arg(long)]
    pub frozen: bool,

    /// Jobs to build with
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<String>,
}

impl CargoCheck {
    /// Everything that `cargo build` is told.
    pub fn flags(&self) -> Vec<OsString> {
        let build = &self.build;
        let mut flags: Vec<OsString> = Vec::new();
        for (flag, values) in [
            ("--package", &build.package),
            ("--exclude", &build.exclude),
            ("--bin", &build.bin),
            ("--example", &build.example),
            ("--features", &build.features),
        ] {
            flags.extend(values.iter().flat_map(|value| [flag.into(), value.into()]));
        }
        for (flag, value) in
            [("--profile", &build.profile), ("--target", &build.target), ("--jobs", &build.jobs)]
        {
            flags.extend(value.iter().flat_map(|value| [flag.into(), value.into()]));
        }
        for (flag, path) in [("--target-dir", &build.target_dir), ("--manifest-path", &build.manifest_path)] {
            flags.extend(path.iter().flat_map(|path| [flag.into(), path.into()]));
        }
        for (flag, is_set) in [
            ("--workspace", build.workspace),
            ("--all-features", build.all_features),
            ("--no-default-features", build.no_default_features),
            ("--release", build.release),
            ("--locked", self.options.locked),
            ("--offline", build.offline),
            ("--frozen", build.frozen),
        ] {
            flags.extend(is_set.then(|| flag.into()));
        }
        flags.extend(self.cargo.iter().map(OsString::from));
        flags
    }
}
