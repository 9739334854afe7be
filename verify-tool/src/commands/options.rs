//! Options that `linktab check` and `cargo linktab check` share, unchecked; and the colors of their help.

use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::Styles;
use clap::builder::styling::AnsiColor;

use crate::{Code, OutputFormat, Python};

/// Colors of the help.
pub const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

#[derive(Debug, clap::Args)]
pub struct CheckOptions {
    /// The lock file [default: linktab.lock beside the config, if it is there]
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,

    /// A module that is not locked is an error
    #[arg(long)]
    pub locked: bool,

    /// A module that has to be there
    #[arg(long, value_name = "NAME")]
    pub expect: Vec<String>,

    /// The Python that the binary is for, such as 3.15 or 3.15t
    #[arg(long, value_name = "VERSION")]
    pub python: Option<Python>,

    /// CPython has to be inside: to need a shared libpython is an error
    #[arg(long)]
    pub python_inside: bool,

    /// Do not tell a kind of finding
    #[arg(short = 'A', long = "allow", value_name = "CODE")]
    pub allow: Vec<Code>,

    /// Make a kind of finding a warning
    #[arg(short = 'W', long = "warn", value_name = "CODE")]
    pub warn: Vec<Code>,

    /// Make a kind of finding an error
    #[arg(short = 'D', long = "deny", value_name = "CODE")]
    pub deny: Vec<Code>,

    /// Exit with 0 whatever is found; what cannot be read still is 3
    #[arg(long)]
    pub exit_zero: bool,

    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub output_format: Format,

    /// Write the report to a file
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// When to color text
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,

    /// Print nothing when there is nothing to tell
    #[arg(short, long)]
    pub quiet: bool,

    /// Say on standard error what was read
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,

    /// Only this architecture of a universal file, such as aarch64
    #[arg(long)]
    pub arch: Option<String>,

    /// Largest file in bytes
    #[arg(long, value_name = "BYTES")]
    pub max_file_size: Option<u64>,

    /// Most records in an image
    #[arg(long, value_name = "COUNT")]
    pub max_records: Option<usize>,

    /// The config file [default: linktab.toml, if it is there]
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,

    /// Read no config file
    #[arg(long)]
    pub no_config: bool,
}

/// As [`OutputFormat`]. Without words of its own in the help: with them, clap prints a page and a half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Concise,
    Json,
    Sarif,
    Github,
    Html,
}

impl From<Format> for OutputFormat {
    fn from(format: Format) -> OutputFormat {
        match format {
            Format::Text => OutputFormat::Text,
            Format::Concise => OutputFormat::Concise,
            Format::Json => OutputFormat::Json,
            Format::Sarif => OutputFormat::Sarif,
            Format::Github => OutputFormat::Github,
            Format::Html => OutputFormat::Html,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}
