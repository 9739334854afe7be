//! `linktab install-sdk`: its arguments, and what it says. The work is that of another crate, which `main` joins.

use std::io::Write;
use std::path::PathBuf;

use super::streams::{Notes, Out};
use super::{Ended, Exit, Stop};

/// Install a static library, headers and files for CMake, Meson and make, for hosts in C and C++
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab install-sdk --prefix ~/.local
  linktab install-sdk --prefix sdk --python /opt/python3.13/bin/python3 --source ~/linktab

cargo builds the library, from the release that is as old as this command, or from a checkout. It is for one CPython,
and a host with another one is told so when it is configured. The prefix may be moved.

Exit code: 0 installed, 2 nothing was done")]
#[non_exhaustive]
pub struct InstallSdk {
    /// Where to install: bin/, include/, lib/ and share/ are made in it
    #[arg(long, value_name = "FOLDER")]
    pub prefix: PathBuf,

    /// The CPython that hosts link [default: $LINKTAB_PYTHON, else python3]
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,

    /// A checkout of linktab, instead of its release
    #[arg(long, value_name = "FOLDER")]
    pub source: Option<PathBuf>,

    /// Hosts have CPython inside, or nothing is installed
    #[arg(long = "static", conflicts_with = "is_shared")]
    pub is_static: bool,

    /// Hosts load a libpython that is a file of its own
    #[arg(long = "shared")]
    pub is_shared: bool,
}

/// `linktab install-sdk`, which this crate does not do: progress goes to the stream, and what comes back is what
/// was installed, or why nothing was.
pub type SdkInstaller<'a> = &'a dyn Fn(&InstallSdk, &mut dyn Write) -> Result<String, String>;

pub fn run(sdk: &InstallSdk, installer: SdkInstaller<'_>, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let installed = installer(sdk, notes.stream()).map_err(Stop::Usage)?;
    out.write_all(installed.as_bytes())?;
    out.flush()?;
    Ok(Exit::Clean)
}
