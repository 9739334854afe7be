//! The CPython that this executable runs: its version and kind; and the executable's file. No interpreter needs to exist
//! yet.

use core::ffi::CStr;
use core::fmt;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where the program's file is, if the system takes another one for it.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// The system may not know it: a program that was compressed runs from memory.
pub fn set_program(path: &Path) {
    // Whoever was first has said the same.
    let _ = PROGRAM.set(path.to_owned());
}

/// The program's file, as far as anybody knows.
pub fn program() -> Option<PathBuf> {
    PROGRAM.get().cloned().or_else(|| env::current_exe().ok())
}

/// A CPython, as far as compiled code depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Python {
    pub major: u8,
    pub minor: u8,
    pub free_threaded: bool,
}

impl Python {
    /// From `PY_VERSION_HEX` (Doc/c-api/apiabiversion.rst).
    pub fn from_hex(hex: u32, free_threaded: bool) -> Python {
        let [major, minor, ..] = hex.to_be_bytes();
        Python { major, minor, free_threaded }
    }
}

impl fmt::Display for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.free_threaded { " (free-threaded)" } else { "" };
        write!(f, "CPython {}.{}{kind}", self.major, self.minor)
    }
}

/// The version text, such as `3.11.2`.
pub fn version() -> String {
    // SAFETY: works before initialisation and returns a static, terminated string.
    let text = unsafe { pyo3_ffi::Py_GetVersion() };
    // SAFETY: as above.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// The libpython that is linked or loaded.
pub fn python() -> Python {
    let version = version();
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    Python { major: next(), minor: next(), free_threaded: cfg!(Py_GIL_DISABLED) }
}
