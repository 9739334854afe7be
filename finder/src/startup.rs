//! `python`, with the extensions inside: command line and environment in, exit code out.
//!
//! Does what `Py_BytesMain` does (`pymain_init` and `pymain_main`, Modules/main.c), and installs the
//! finders between the interpreter's initialisation and `site`. There is one way that works on every
//! version: initialise without `site`, install, then import `site` if it was wanted, after `sys.flags`
//! and the interpreter's configuration have been made to say again what the user said.

use core::ffi::{CStr, c_int};
use std::process::ExitCode;

use pyo3_ffi as ffi;

use crate::configuration::Config;
use crate::install;
use crate::object::{Attached, Result};

/// Runs Python as the command line says, with the extensions of this executable importable.
///
/// Command line, standard input, `PYTHON*` variables, exit codes and `sys.executable` are as in
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
    let mut config = Config::from_environment()?;
    let site = config.take_site();
    config.initialise()?;
    // SAFETY: initialisation leaves this thread attached.
    let at = unsafe { Attached::new() };
    let failed = |what: &'static CStr| {
        // SAFETY: the text is static.
        move |_| unsafe { ffi::PyStatus_Error(what.as_ptr()) }
    };
    install::into_current(at).map_err(failed(c"linktab: failed to install the finders"))?;
    if site {
        import_site(at).map_err(failed(c"Failed to import the site module"))?;
    }
    Ok(())
}

/// `init_import_site` (Python/pylifecycle.c): importing the module runs it, unless `sys.flags.no_site`
/// is set.
fn import_site(at: Attached<'_>) -> Result<()> {
    site_was_wanted(at)?;
    at.import(c"site").map(drop)
}

/// Undoes the traces of `site_import = 0`: in `sys.flags`, from which `subprocess` and
/// `multiprocessing` make the command line of children, and in the configuration that
/// subinterpreters inherit.
fn site_was_wanted(at: Attached<'_>) -> Result<()> {
    // Index of `no_site` in `flags_fields` (Python/sysmodule.c), 3.9 to 3.15.
    const NO_SITE: ffi::Py_ssize_t = 6;
    let flags = at.sys(c"flags")?;
    let zero = at.int(0)?;
    // SAFETY: `sys.flags` is a struct sequence that nobody else has seen: no Python code has run that
    // could keep it. The reference that was there is a small integer's.
    unsafe { ffi::PyStructSequence_SetItem(flags.borrow().as_pointer(), NO_SITE, zero.into_pointer()) };
    inherit_site();
    Ok(())
}

/// From 3.13 on a shared libpython keeps its configuration to itself, and subinterpreters come
/// without `site` there.
#[cfg(any(not(Py_3_13), linktab_static_libpython))]
fn inherit_site() {
    unsafe extern "C" {
        // Include/internal/pycore_interp.h; exported up to 3.12, hidden from 3.13 on.
        fn _PyInterpreterState_GetConfig(interpreter: *mut ffi::PyInterpreterState) -> *const ffi::PyConfig;
    }
    // SAFETY: this thread is attached to the main interpreter.
    let interpreter = unsafe { ffi::PyInterpreterState_Get() };
    // SAFETY: a live interpreter, which owns the configuration.
    let config = unsafe { _PyInterpreterState_GetConfig(interpreter) }.cast_mut();
    // SAFETY: the main interpreter's own, writable memory; no other thread exists in it yet.
    let site_import = unsafe { &raw mut (*config).site_import };
    // SAFETY: as above.
    unsafe { site_import.write(1) };
}

#[cfg(all(Py_3_13, not(linktab_static_libpython)))]
fn inherit_site() {}

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
