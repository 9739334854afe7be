//! Why nothing was installed, in words that name the fix.

use std::fmt;
use std::path::Path;

/// What kept the command from its work.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Error {
        Error(message.into())
    }

    /// Something about a file failed.
    pub(crate) fn at(path: &Path, cannot: &str, cause: impl fmt::Display) -> Error {
        Error(format!("cannot {cannot} {}: {cause}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
