//! Bytes in, a path out: those of an archive or of an argument, which need not be UTF-8.

use std::ffi::OsString;

/// The path that these bytes are on systems where a path is bytes; elsewhere, where it is text, what
/// is none is replaced.
pub fn of_bytes(bytes: &[u8]) -> OsString {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        std::ffi::OsStr::from_bytes(bytes).to_owned()
    }
    #[cfg(not(unix))]
    String::from_utf8_lossy(bytes).into_owned().into()
}
