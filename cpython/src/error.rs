//! Why there is no CPython, or no package or file on the way to one: a sentence, and what is behind it.

use std::error::Error as StdError;
use std::fmt;

/// What failed. Its `{:#}` has the causes behind it, each after a colon.
#[derive(Debug)]
pub struct Error {
    text: String,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), cause: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        let mut cause = self.source().filter(|_| f.alternate());
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&**self.cause.as_ref()?)
    }
}

/// What was being done when something failed, or was not there.
pub(crate) trait Context<T>: Sized {
    fn with_context(self, text: impl FnOnce() -> String) -> Result<T>;

    fn context(self, text: &str) -> Result<T> {
        self.with_context(|| text.to_owned())
    }
}

impl<T, E: StdError + Send + Sync + 'static> Context<T> for Result<T, E> {
    fn with_context(self, text: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Error { text: text(), cause: Some(error.into()) })
    }
}

impl<T> Context<T> for Option<T> {
    fn with_context(self, text: impl FnOnce() -> String) -> Result<T> {
        self.ok_or_else(|| Error::new(text()))
    }
}

/// Fails where something does not hold.
pub(crate) fn ensure(holds: bool, text: impl FnOnce() -> String) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::new(text())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_stand_behind_what_failed_where_they_are_asked_for() {
        let inner = std::fs::read("no/such/file").context("cannot read it").unwrap_err();
        let error: Error = Err::<(), Error>(inner).context("no CPython").unwrap_err();
        assert_eq!(error.to_string(), "no CPython");
        assert_eq!(
            format!("{error:#}"),
            "no CPython: cannot read it: No such file or directory (os error 2)"
        );
    }
}
