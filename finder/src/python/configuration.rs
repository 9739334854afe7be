//! The configuration of an interpreter: command line, environment and executable in, `PyConfig` out.
//!
//! As `pymain_init` (Modules/main.c) reads it. Knows nothing of finders.

use core::ffi::{CStr, c_char};
use core::mem::MaybeUninit;
use core::ptr;
use std::env;
use std::ffi::CString;
use std::path::Path;

use pyo3_ffi as ffi;

use super::application::{self, Application};
use super::attachment::{self, Attachment};
use super::{code_file, directory};

type Result<T> = core::result::Result<T, ffi::PyStatus>;

/// A configuration that was initialised, and is cleared when it is dropped.
pub struct Config(Box<ffi::PyConfig>);

/// What the user said that decides how Python is initialised.
#[derive(Clone, Copy)]
pub struct Wishes {
    /// Whether `site` is to be imported.
    pub site: bool,
    /// Whether `PYTHON…` variables count.
    environment: bool,
    /// Whether `-I` was given.
    pub isolated: bool,
    /// Whether initialising needs no module but those that it always needs (`directory.rs`).
    is_plain: bool,
    /// Whether a file was given that is to be run.
    #[cfg(Py_3_11)]
    script: bool,
}

impl Drop for Config {
    fn drop(&mut self) {
        // SAFETY: an initialised configuration, which nobody uses afterwards.
        unsafe { ffi::PyConfig_Clear(&raw mut *self.0) };
    }
}

impl Config {
    /// What `python` would start from, without `site` and with the prefix that was given at build
    /// time; and what the user wishes.
    ///
    /// A configuration of its own is read to find that out. The one that is returned is not: CPython
    /// copies it before reading it, and copies no field that only reading would fill (on 3.10 to 3.12
    /// `warn_default_encoding` would be lost; on 3.9 `argv` would be taken for a command line twice).
    pub fn from_environment() -> Result<(Config, Wishes)> {
        let arguments = arguments();
        preinitialise(&arguments, application::of(&arguments))?;
        let wishes = Config::of(&arguments)?.read()?;
        let mut config = Config::of(&arguments)?;
        config.0.site_import = 0;
        if attachment::find().is_some() {
            code_file::serve();
            if wishes.is_plain {
                directory::shorten();
            }
            // As `-P` does: with `-m` and `-c` CPython would look into the current folder first, once for
            // every import. The folder of a script stays: its user named it.
            #[cfg(Py_3_11)]
            if !wishes.script {
                config.0.safe_path = 1;
            }
            // Behind the archive: clusters set this variable for other Pythons.
            let more = env::var_os("PYTHONPATH").filter(|path| wishes.environment && !path.is_empty());
            more.iter().flat_map(env::split_paths).try_for_each(|folder| config.search(&folder))?;
        } else if let Some(home) =
            fallback_home().filter(|_| !wishes.environment || !variable_is_set("PYTHONHOME"))
        {
            config.set(|config| &raw mut config.home, home)?;
        }
        Ok((config, wishes))
    }

    /// The defaults of `python`.
    fn new() -> Config {
        let mut raw = Box::<ffi::PyConfig>::new_uninit();
        // SAFETY: fills the structure.
        unsafe { ffi::PyConfig_InitPythonConfig(raw.as_mut_ptr()) };
        // SAFETY: just filled.
        Config(unsafe { raw.assume_init() })
    }

    fn of(arguments: &[CString]) -> Result<Config> {
        let mut config = Config::new();
        if let Some(application) = application::of(arguments) {
            config.run(application)?;
        }
        let mut pointers: Vec<*const c_char> = arguments.iter().map(|argument| argument.as_ptr()).collect();
        let count = pointers.len() as ffi::Py_ssize_t;
        // SAFETY: an initialised configuration and `count` terminated strings, which are copied.
        ok(unsafe { ffi::PyConfig_SetBytesArgv(&raw mut *config.0, count, pointers.as_mut_ptr()) })?;
        let attachment = attachment::find();
        // CPython works `sys.executable` out of `argv[0]`. Where that leads nowhere, the operating
        // system knows better: multiprocessing starts its processes with it.
        let executable = match attachment.filter(|attachment| attachment.is_nameless()) {
            Some(attachment) => Some(attachment.path.clone()),
            None if arguments.first().is_some_and(|invoked| leads_to_a_file(invoked)) => None,
            None => crate::running::program(),
        };
        if let Some(executable) = executable {
            config.set(|config| &raw mut config.executable, &executable)?;
        }
        if let Some(attachment) = attachment {
            config.start_from(attachment)?;
        }
        Ok(config)
    }

    /// An application's command line is none of Python's, and what is set for a `python` not meant for it.
    fn run(&mut self, application: Application) -> Result<()> {
        self.0.parse_argv = 0;
        if !application.environment {
            self.0.isolated = 1;
            self.0.use_environment = 0;
        }
        self.set(|config| &raw mut config.run_command, Path::new(application::COMMAND))
    }

    /// Everything that is imported comes from the archive behind the executable, and CPython's search for
    /// its standard library (Modules/getpath.py) has nothing left to look for.
    fn start_from(&mut self, attachment: &Attachment) -> Result<()> {
        self.0.module_search_paths_set = 1;
        self.search(&attachment.path)?;
        // Whose packages are those of another Python.
        self.0.user_site_directory = 0;
        let folder = attachment.path.parent().unwrap_or(Path::new("/"));
        let fields: [fn(&mut ffi::PyConfig) -> *mut *mut libc::wchar_t; 5] = [
            |config| &raw mut config.home,
            |config| &raw mut config.prefix,
            |config| &raw mut config.base_prefix,
            |config| &raw mut config.exec_prefix,
            |config| &raw mut config.base_exec_prefix,
        ];
        fields.into_iter().try_for_each(|field| self.set(field, folder))?;
        #[cfg(Py_3_11)]
        self.set(|config| &raw mut config.stdlib_dir, &attachment.path)?;
        Ok(())
    }

    /// Adds an entry to `sys.path`.
    fn search(&mut self, path: &Path) -> Result<()> {
        use std::os::unix::ffi::OsStrExt;
        let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return Ok(()) };
        // SAFETY: a terminated string. Python is preinitialised: the encoding is known.
        let decoded = unsafe { ffi::Py_DecodeLocale(path.as_ptr(), ptr::null_mut()) };
        if decoded.is_null() {
            return Ok(());
        }
        let paths = &raw mut self.0.module_search_paths;
        // SAFETY: the list of that configuration, and a terminated string, which is copied.
        let appended = unsafe { ffi::PyWideStringList_Append(paths, decoded) };
        // SAFETY: allocated by `Py_DecodeLocale`.
        unsafe { ffi::PyMem_RawFree(decoded.cast()) };
        ok(appended)
    }

    /// Parses the command line. `--help` and the like end here, and so do mistakes.
    fn read(mut self) -> Result<Wishes> {
        // Up to 3.10 reading looks for the standard library, where it may not be (`fallback_home`). If it is
        // nowhere, initialisation says so.
        self.0.pathconfig_warnings = 0;
        // SAFETY: an initialised configuration.
        ok(unsafe { ffi::PyConfig_Read(&raw mut *self.0) })?;
        Ok(Wishes {
            site: self.0.site_import != 0,
            environment: self.0.use_environment != 0,
            isolated: self.0.isolated != 0,
            is_plain: self.is_plain(),
            #[cfg(Py_3_11)]
            script: !self.0.run_filename.is_null(),
        })
    }

    /// Encodings are modules, and so is what warns and what `-X` may ask for.
    fn is_plain(&self) -> bool {
        let encodings = [self.0.filesystem_encoding, self.0.stdio_encoding];
        let has_no_options =
            self.0.warnoptions.length == 0 && self.0.xoptions.length == 0 && self.0.dev_mode == 0;
        has_no_options
            && encodings.into_iter().all(|name| text(name).is_some_and(|name| directory::is_enough(&name)))
    }

    /// Initialises Python. This thread is attached afterwards.
    pub fn initialise(self) -> Result<()> {
        // SAFETY: an initialised configuration.
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

/// Of a string that CPython filled, unless there is none.
fn text(wide: *const libc::wchar_t) -> Option<String> {
    if wide.is_null() {
        return None;
    }
    // SAFETY: a terminated string of an initialised configuration.
    let len = unsafe { libc::wcslen(wide) };
    // SAFETY: so many of its characters.
    let characters = unsafe { core::slice::from_raw_parts(wide, len) };
    characters.iter().map(|&c| u32::try_from(c).ok().and_then(char::from_u32)).collect()
}

/// Encodings and the like, which the command line decides too, before anything can be decoded.
fn preinitialise(arguments: &[CString], application: Option<Application>) -> Result<()> {
    let mut pointers: Vec<*mut c_char> = arguments.iter().map(|a| a.as_ptr().cast_mut()).collect();
    let count = pointers.len() as ffi::Py_ssize_t;
    let mut pre = MaybeUninit::<ffi::PyPreConfig>::uninit();
    // SAFETY: fills the structure.
    unsafe { ffi::PyPreConfig_InitPythonConfig(pre.as_mut_ptr()) };
    // SAFETY: just filled.
    let mut pre = unsafe { pre.assume_init() };
    if let Some(application) = application {
        pre.parse_argv = 0;
        pre.use_environment = application.environment.into();
        pre.isolated = (!application.environment).into();
    }
    // SAFETY: an initialised configuration and `count` terminated strings.
    ok(unsafe { ffi::Py_PreInitializeFromBytesArgs(&raw const pre, count, pointers.as_mut_ptr()) })
}

/// The prefix that was given at build time, while it is there.
fn fallback_home() -> Option<&'static Path> {
    option_env!("LINKTAB_PYTHON_HOME").map(Path::new).filter(|home| has_standard_library(home))
}

fn variable_is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
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
