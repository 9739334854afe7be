//! The command as a compiler's driver: what the build wanted is done by the real one, and of each link of
//! a shared object that holds a module, a twin is kept that is not linked to its end.
//!
//! The twin has to be made at once: builds delete their folders. It never makes a build fail: what went
//! wrong with it is written beside it, and said of the module later.

mod libraries;
mod line;
mod twin;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

pub use twin::{Link, links, of_object};

/// The variable for the folder of what builds call. Set for builds, and for nothing else.
pub const FOLDER: &str = "LINKTAB_ADOPT_FOLDER";

/// Below it: the names that a build may call, each a link to this command.
pub const SHIMS: &str = "shims";
/// Below it: under the same names, links to the real programs.
pub const REAL: &str = "real";
/// The variable for the folder in which a build's twins are kept.
pub const TWINS: &str = "LINKTAB_ADOPT_TWINS";

/// Does a driver's work if this command was called by a driver's name in a build of ours, and returns
/// how it ended.
#[must_use]
pub fn run(arguments: &[OsString]) -> Option<ExitCode> {
    let folder = PathBuf::from(env::var_os(FOLDER)?);
    let twins = PathBuf::from(env::var_os(TWINS)?);
    let name = Path::new(arguments.first()?).file_name()?;
    let real = fs::read_link(folder.join(REAL).join(name)).ok()?;
    Some(drive(&real, arguments.get(1..).unwrap_or_default(), &twins))
}

fn drive(real: &Path, arguments: &[OsString], twins: &Path) -> ExitCode {
    let line = line::Line::parse(arguments);
    let mut command = Command::new(real);
    command.args(arguments);
    if line.is_shared {
        // By which the file is found again in the wheel, whatever it is called there.
        command.arg("-Wl,--build-id=sha1");
    }
    let status = match command.status() {
        Ok(status) => status,
        Err(error) => {
            eprintln!("linktab adopt: cannot start {}: {error}", real.display());
            return ExitCode::FAILURE;
        }
    };
    if !status.success() {
        // A signal has no code; the driver said what there is to say.
        return ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1));
    }
    if line.is_shared {
        twin::keep(real, &line, twins);
    }
    ExitCode::SUCCESS
}
