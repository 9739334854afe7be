//! A file of TOML in, its data out.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::error::Error;

/// # Errors
/// It cannot be read, or says something else.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::at(path, "read", error))?;
    toml::from_str(&text).map_err(|error| Error::at(path, "understand", error))
}
