//! The configuration of an interpreter: command line, environment and executable in, `PyConfig` out.
//!
//! As `pymain_init` (Modules/main.c) reads it. Knows nothing of finders.

use core::ffi::{CStr, c_char};
use core::mem::MaybeUninit;
use std::env;
use std::ffi::CString;
use std::path::Path;

use pyo3_ffi as ffi;

type Result<T> = core::result::Result<T, ffi::PyStatus>;

/// A configuration that was initialised, and is cleared when it is dropped.
pub struct Config(Box<ffi::PyConfig>);

impl Drop for Config {
    fn drop(&mut self) {
        // SAFETY: an initialised configuration, which nobody uses afterwards.
        unsafe { ffi::PyConfig_Clear(&raw mut *self.0) };
    }
}

impl Config {
    /// What `python` would read, and the prefix that was given at build time.
    pub fn from_environment() -> Result<Config> {
        let arguments = arguments();
        preinitialise(&arguments)?;
        match fallback_home() {
            Some(home) if !home_is_given(&arguments)? => Config::read(&arguments, Some(home)),
            _ => Config::read(&arguments, None),
        }
    }

    /// The defaults of `python`.
    pub fn new() -> Config {
        let mut raw = Box::<ffi::PyConfig>::new_uninit();
        // SAFETY: fills the structure.
        unsafe { ffi::PyConfig_InitPythonConfig(raw.as_mut_ptr()) };
        // SAFETY: just filled.
        Config(unsafe { raw.assume_init() })
    }

    fn read(arguments: &[CString], home: Option<&Path>) -> Result<Config> {
        let mut config = Config::new();
        let mut pointers: Vec<*const c_char> = arguments.iter().map(|argument| argument.as_ptr()).collect();
        let count = pointers.len() as ffi::Py_ssize_t;
        // SAFETY: an initialised configuration and `count` terminated strings, which are copied.
        ok(unsafe { ffi::PyConfig_SetBytesArgv(&raw mut *config.0, count, pointers.as_mut_ptr()) })?;
        if !arguments.first().is_some_and(|invoked| leads_to_a_file(invoked))
            && let Ok(executable) = env::current_exe()
        {
            // CPython works `sys.executable` out of `argv[0]`. Where that leads nowhere, the operating
            // system knows better: multiprocessing starts its processes with it.
            config.set(|config| &raw mut config.executable, &executable)?;
        }
        if let Some(home) = home {
            config.set(|config| &raw mut config.home, home)?;
        }
        // SAFETY: an initialised configuration.
        ok(unsafe { ffi::PyConfig_Read(&raw mut *config.0) })?;
        // 3.9 reads the configuration again when Python is initialised, and would take what is left in
        // `argv` for another command line; 3.10 remembers (What's New, `PyConfig.parse_argv`).
        if cfg!(not(Py_3_10)) {
            config.0.parse_argv = 0;
        }
        Ok(config)
    }

    /// Whether `site` is to be imported; it will not be by [`Config::initialise`].
    pub fn take_site(&mut self) -> bool {
        core::mem::take(&mut self.0.site_import) != 0
    }

    #[cfg(all(Py_3_13, not(Py_3_14), not(linktab_static_libpython)))]
    pub fn set_site(&mut self, site: bool) {
        self.0.site_import = site.into();
    }

    #[cfg(all(Py_3_13, not(Py_3_14), not(linktab_static_libpython)))]
    pub fn as_pointer(&mut self) -> *mut ffi::PyConfig {
        &raw mut *self.0
    }

    /// Initialises Python. This thread is attached afterwards.
    pub fn initialise(self) -> Result<()> {
        // SAFETY: a configuration that was read.
        ok(unsafe { ffi::Py_InitializeFromConfig(&raw const *self.0) })
    }

    fn set(
        &mut self,
        field: impl FnOnce(&mut ffi::PyConfig) -> *mut *mut libc::wchar_t,
        path: &Path,
    ) -> Result<()> {
        use std::os::unix::ffi::OsStrExt;
        let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return Ok(()) };
        let field = field(&mut self.0);
        // SAFETY: a string field of that configuration, and a terminated string, which is decoded.
        ok(unsafe { ffi::PyConfig_SetBytesString(&raw mut *self.0, field, path.as_ptr()) })
    }
}

/// Encodings and the like, which the command line decides too, before anything can be decoded.
fn preinitialise(arguments: &[CString]) -> Result<()> {
    let mut pointers: Vec<*mut c_char> = arguments.iter().map(|a| a.as_ptr().cast_mut()).collect();
    let count = pointers.len() as ffi::Py_ssize_t;
    let mut pre = MaybeUninit::<ffi::PyPreConfig>::uninit();
    // SAFETY: fills the structure.
    unsafe { ffi::PyPreConfig_InitPythonConfig(pre.as_mut_ptr()) };
    // SAFETY: an initialised configuration and `count` terminated strings.
    ok(unsafe { ffi::Py_PreInitializeFromBytesArgs(pre.as_ptr(), count, pointers.as_mut_ptr()) })
}

/// The prefix that was given at build time, while it is there.
fn fallback_home() -> Option<&'static Path> {
    option_env!("LINKTAB_PYTHON_HOME").map(Path::new).filter(|home| has_standard_library(home))
}

/// Whether `PYTHONHOME` is set, and no option says to ignore it.
///
/// A configuration of its own finds out: the prefix must be in the configuration before it is read,
/// and the option is known afterwards.
fn home_is_given(arguments: &[CString]) -> Result<bool> {
    if env::var_os("PYTHONHOME").is_none_or(|home| home.is_empty()) {
        return Ok(false);
    }
    Ok(Config::read(arguments, None)?.0.use_environment != 0)
}

fn arguments() -> Vec<CString> {
    use std::os::unix::ffi::OsStringExt;
    // The operating system hands arguments over as terminated strings: there is no NUL inside.
    env::args_os().map(|argument| CString::new(argument.into_vec()).unwrap_or_default()).collect()
}

/// Whether a shell would have found this executable by that name.
fn leads_to_a_file(invoked: &CStr) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let invoked = std::ffi::OsStr::from_bytes(invoked.to_bytes());
    if invoked.as_bytes().contains(&b'/') {
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

fn ok(status: ffi::PyStatus) -> Result<()> {
    // SAFETY: reads the structure.
    if unsafe { ffi::PyStatus_Exception(status) } == 0 { Ok(()) } else { Err(status) }
}
