//! `python`, with the extensions inside: command line and environment in, exit code out.
//!
//! Does what `Py_BytesMain` does (`pymain_init` and `pymain_main`, Modules/main.c), and installs the
//! finders between the interpreter's initialisation and `site`. There is one way that works on every
//! version: initialise without `site`, install, then import `site` if it was wanted, after `sys.flags`
//! and the interpreter's configuration have been made to say again what the user said.

use core::ffi::{CStr, c_char, c_int};
use core::mem::MaybeUninit;
use std::env;
use std::ffi::CString;
use std::path::Path;
use std::process::ExitCode;

use pyo3_ffi as ffi;

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
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(status) => return leave(status),
    };
    if let Err(status) = config.start() {
        return leave(status);
    }
    // SAFETY: Python is initialised, by this thread. Finalises it.
    exit_code(unsafe { ffi::Py_RunMain() })
}

/// A configuration as `python` would read it, except that `site` is left for later.
struct Config {
    raw: Box<ffi::PyConfig>,
    /// What the user said of `site`.
    site: bool,
}

impl Config {
    fn from_environment() -> core::result::Result<Config, ffi::PyStatus> {
        let arguments: Vec<CString> = arguments();
        let mut pointers: Vec<*mut c_char> = arguments.iter().map(|a| a.as_ptr().cast_mut()).collect();
        let count = pointers.len() as ffi::Py_ssize_t;

        let mut pre = MaybeUninit::<ffi::PyPreConfig>::uninit();
        // SAFETY: fills the structure.
        unsafe { ffi::PyPreConfig_InitPythonConfig(pre.as_mut_ptr()) };
        // SAFETY: an initialised configuration and `count` terminated strings.
        ok(unsafe { ffi::Py_PreInitializeFromBytesArgs(pre.as_ptr(), count, pointers.as_mut_ptr()) })?;

        let mut raw = Box::<ffi::PyConfig>::new_uninit();
        // SAFETY: fills the structure.
        unsafe { ffi::PyConfig_InitPythonConfig(raw.as_mut_ptr()) };
        // SAFETY: just filled.
        let mut config = Config { raw: unsafe { raw.assume_init() }, site: true };
        let pointers = pointers.as_mut_ptr().cast::<*const c_char>();
        // SAFETY: an initialised configuration and `count` terminated strings, which are copied.
        ok(unsafe { ffi::PyConfig_SetBytesArgv(&raw mut *config.raw, count, pointers) })?;
        config.set_executable(&arguments)?;
        // SAFETY: an initialised configuration.
        ok(unsafe { ffi::PyConfig_Read(&raw mut *config.raw) })?;
        config.set_home()?;
        config.site = config.raw.site_import != 0;
        config.raw.site_import = 0;
        Ok(config)
    }

    /// CPython works `sys.executable` out of `argv[0]`. Where that leads nowhere, the operating system
    /// knows better: multiprocessing starts its processes with it.
    fn set_executable(&mut self, arguments: &[CString]) -> core::result::Result<(), ffi::PyStatus> {
        let invoked = arguments.first().map(|first| first.to_string_lossy().into_owned()).unwrap_or_default();
        if leads_to_a_file(&invoked) {
            return Ok(());
        }
        let Ok(executable) = env::current_exe() else { return Ok(()) };
        set(&mut self.raw, |config| &raw mut config.executable, &executable)
    }

    /// Whether `PYTHONHOME` counts is known by now; its value only enters the configuration with the
    /// other paths, when Python is initialised (3.10, "Python Path Configuration").
    fn set_home(&mut self) -> core::result::Result<(), ffi::PyStatus> {
        let Some(home) = option_env!("LINKTAB_PYTHON_HOME") else { return Ok(()) };
        let home = Path::new(home);
        let variable = env::var_os("PYTHONHOME").is_some_and(|home| !home.is_empty());
        let wished = !self.raw.home.is_null() || (variable && self.raw.use_environment != 0);
        if wished || !has_standard_library(home) {
            return Ok(());
        }
        set(&mut self.raw, |config| &raw mut config.home, home)
    }

    /// Initialises Python, installs the finders, and imports `site` if it was wanted.
    fn start(mut self) -> core::result::Result<(), ffi::PyStatus> {
        // SAFETY: a configuration that was read.
        ok(unsafe { ffi::Py_InitializeFromConfig(&raw const *self.raw) })?;
        let site = self.site;
        // SAFETY: an initialised configuration, which nobody uses afterwards.
        unsafe { ffi::PyConfig_Clear(&raw mut *self.raw) };
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

fn arguments() -> Vec<CString> {
    use std::os::unix::ffi::OsStringExt;
    // The operating system hands arguments over as terminated strings: there is no NUL inside.
    env::args_os().map(|argument| CString::new(argument.into_vec()).unwrap_or_default()).collect()
}

fn set(
    config: &mut ffi::PyConfig,
    field: impl FnOnce(&mut ffi::PyConfig) -> *mut *mut libc::wchar_t,
    path: &Path,
) -> core::result::Result<(), ffi::PyStatus> {
    use std::os::unix::ffi::OsStrExt;
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return Ok(()) };
    let field = field(config);
    // SAFETY: a string field of that configuration, and a terminated string, which is decoded.
    ok(unsafe { ffi::PyConfig_SetBytesString(config, field, path.as_ptr()) })
}

/// Whether a shell would have found this executable by that name.
fn leads_to_a_file(invoked: &str) -> bool {
    if invoked.contains('/') {
        return Path::new(invoked).is_file();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    !invoked.is_empty() && env::split_paths(&path).any(|folder| folder.join(invoked).is_file())
}

/// The landmark that CPython itself looks for (Modules/getpath.py).
fn has_standard_library(home: &Path) -> bool {
    let python = crate::running::python();
    let suffix = if python.free_threaded { "t" } else { "" };
    home.join(format!("lib/python{}.{}{suffix}/os.py", python.major, python.minor)).is_file()
}

fn ok(status: ffi::PyStatus) -> core::result::Result<(), ffi::PyStatus> {
    // SAFETY: reads the structure.
    if unsafe { ffi::PyStatus_Exception(status) } == 0 { Ok(()) } else { Err(status) }
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
