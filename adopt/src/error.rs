//! Why nothing could be adopted at all, in words that name the fix. What is wrong with one package is
//! no error: it is in the outcome.

use std::fmt;
use std::path::Path;

/// What kept the whole command from its work.
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
