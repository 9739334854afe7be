//! `python`, with the extensions inside: command line and environment in, exit code out.
//!
//! Does what `Py_BytesMain` does (`pymain_init` and `pymain_main`, Modules/main.c), and installs the
//! finders between the interpreter's initialisation and `site`. There is one way that works on every
//! version: initialise without `site`, install, then import `site` if it was wanted, after `sys.flags`
//! and the interpreter's configuration have been made to say again what the user said.

use core::ffi::{CStr, c_int};
use std::process::ExitCode;

use pyo3_ffi as ffi;

use super::configuration::Config;
use super::{ahead, attachment, directory, shared_objects, signals, site, standard_streams};
use crate::find::subinterpreters;
use crate::install;
use crate::object::{Attached, Result};

/// Runs Python as the command line says, with the extensions of this executable importable.
///
/// Command line, standard input, signals, `PYTHON*` variables, exit codes and `sys.executable` are as in
/// `python`. A table with duplicates, unreadable records or extensions for another Python ends the
/// program with its report before anything runs.
///
/// When the standard library is not where libpython was configured to find it, as with a CPython
/// that was unpacked somewhere, build with the environment variable `LINKTAB_PYTHON_HOME` set to the
/// prefix that has it. At run time `PYTHONHOME` comes first, then that prefix if it is still there,
/// then CPython's own search.
///
/// # Examples
///
/// ```no_run
/// use std::process::ExitCode;
///
/// // use ext_geo as _; // each extension crate, named once
///
/// fn main() -> ExitCode {
///     linktab_finder::main()
/// }
/// ```
#[must_use]
pub fn main() -> ExitCode {
    standard_streams::close_again();
    signals::restore();
    if let Err(why) = attachment::require() {
        eprintln!("{why}");
        return ExitCode::FAILURE;
    }
    if let Some(attachment) = attachment::find() {
        ahead::ask(attachment);
    }
    if let Err(error) = install::prepare() {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    if let Err(status) = start() {
        return leave(status);
    }
    // SAFETY: Python is initialised, by this thread. Finalises it.
    exit_code(unsafe { ffi::Py_RunMain() })
}

/// Initialises Python without `site`, installs the finders, and imports `site` if it was wanted.
fn start() -> core::result::Result<(), ffi::PyStatus> {
    let (config, wishes) = Config::from_environment()?;
    config.initialise()?;
    // SAFETY: initialisation leaves this thread attached.
    let at = unsafe { Attached::new() };
    let failed = |what: &'static CStr| {
        // SAFETY: the text is static.
        move |_| unsafe { ffi::PyStatus_Error(what.as_ptr()) }
    };
    directory::complete(at).map_err(failed(c"linktab: the archive behind the executable is incomplete"))?;
    subinterpreters::install_by(|at| install::into_current(at).and_then(|()| from_archive(at)));
    install::into_current(at).map_err(failed(c"linktab: failed to install the finders"))?;
    from_archive(at).map_err(failed(c"linktab: the archive behind the executable is incomplete"))?;
    if wishes.site {
        site::import(at, wishes).map_err(failed(c"Failed to import the site module"))?;
    }
    Ok(())
}

/// What `linktab pack` wrote for the start, and the finder of shared extensions that are in the archive too.
fn from_archive(at: Attached<'_>) -> Result<()> {
    if attachment::find().is_none() {
        return Ok(());
    }
    at.import(c"_linktab_start")?;
    shared_objects::install(at)
}

/// `pymain_exit_error` (Modules/main.c): `--help` and `--version` ask to exit, all else is fatal.
fn leave(status: ffi::PyStatus) -> ExitCode {
    // SAFETY: reads the structure.
    if unsafe { ffi::PyStatus_IsExit(status) } != 0 {
        return exit_code(status.exitcode);
    }
    // SAFETY: an exception is what it is for: prints and exits.
    unsafe { ffi::Py_ExitStatusException(status) }
}

/// As `exit()` cuts it down.
fn exit_code(code: c_int) -> ExitCode {
    ExitCode::from(code as u8)
}
