//! A request in, an installed prefix out: the straight line.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::cpython::{Cpython, Kind};
use crate::error::Error;
use crate::{library, prefix, proof};

/// What is to be installed, and where.
#[derive(Debug)]
#[non_exhaustive]
pub struct Request {
    /// The folder, which may be there.
    pub prefix: PathBuf,
    /// The CPython that hosts will link.
    pub python: PathBuf,
    /// How they will link it; without a wish, statically if it can be.
    pub kind: Option<Kind>,
    /// A checkout of linktab, instead of the release that is as old as this crate.
    pub checkout: Option<PathBuf>,
    /// The command `linktab`, for checks after a link.
    pub command: PathBuf,
}

impl Request {
    /// A request for this CPython.
    #[must_use]
    pub fn new(prefix: PathBuf, python: PathBuf, command: PathBuf) -> Request {
        Request { prefix, python, kind: None, checkout: None, command }
    }
}

/// Builds the library, installs it and proves that a host with it starts. Progress goes to `notes`; what comes
/// back is what to tell the person.
///
/// # Errors
///
/// The CPython cannot be linked, cargo fails, or the prefix cannot be written. What was installed before is then
/// as it was, unless the last step failed.
pub fn install(request: &Request, notes: &mut dyn Write) -> Result<String, Error> {
    let scratch = Scratch::new()?;
    let mut cpython = Cpython::probe(&request.python, request.kind)?;
    // Where nobody listens, there is nobody to tell.
    let _ = writeln!(notes, "building for {cpython}, {}", cpython.library.display());
    let mut library = library::build(&scratch.folder("library")?, request.checkout.as_deref(), &cpython)?;
    let staged = scratch.folder("staged")?;
    prefix::write(&staged, &library, &cpython, &request.command)?;
    let proven = proof::link_and_start(&scratch.folder("proof")?, &staged, &library, &cpython);
    // An archive that only takes part in executables of a fixed address, or lacks a library of its own.
    if let (Err(error), None, Kind::Static) = (&proven, request.kind, cpython.kind) {
        let _ = writeln!(notes, "{cpython} cannot be linked, and the shared one is tried: {error}");
        cpython = Cpython::probe(&request.python, Some(Kind::Shared))?;
        library = library::build(&scratch.folder("shared")?, request.checkout.as_deref(), &cpython)?;
        prefix::write(&staged, &library, &cpython, &request.command)?;
        proof::link_and_start(&scratch.folder("proof-shared")?, &staged, &library, &cpython)?;
    } else {
        proven?;
    }
    let files = prefix::copy(&staged, &request.prefix)?;
    // A build system starts somewhere else.
    let prefix = request.prefix.canonicalize();
    Ok(told(&prefix.map_err(|error| Error::at(&request.prefix, "find", error))?, &cpython, &files))
}

fn told(prefix: &Path, cpython: &Cpython, files: &[PathBuf]) -> String {
    let mut text = format!("installed for hosts of {cpython}, in {}:\n", prefix.display());
    for file in files {
        text += &format!("  {}\n", file.display());
    }
    text + &format!(
        "CMake: -DCMAKE_PREFIX_PATH={}, then find_package(linktab)\n\
         Meson, make: PKG_CONFIG_PATH={}, then the package `linktab`\n",
        word(prefix),
        word(&prefix.join("lib/pkgconfig"))
    )
}

/// As one types it.
fn word(path: &Path) -> String {
    let text = path.display().to_string();
    if text.contains(' ') { format!("'{text}'") } else { text }
}

/// A folder that is gone when the work is done.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, Error> {
        let process = std::process::id();
        for number in 0..100 {
            let folder = std::env::temp_dir().join(format!("linktab-sdk-{process}-{number}"));
            // One that is there is somebody else's.
            match fs::create_dir(&folder) {
                Ok(()) => return Ok(Scratch(folder)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::at(&folder, "make", error)),
            }
        }
        Err(Error::new("cannot make a folder for the build: a hundred of the name are there"))
    }

    fn folder(&self, name: &str) -> Result<PathBuf, Error> {
        let folder = self.0.join(name);
        fs::create_dir(&folder).map_err(|error| Error::at(&folder, "make", error))?;
        Ok(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Whoever cleans the folder of temporary files takes what stays.
        let _ = fs::remove_dir_all(&self.0);
    }
}
