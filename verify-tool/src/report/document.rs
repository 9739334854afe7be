//! Entries in, the JSON document of a command that has no findings out: which schema it keeps to, an entry for each
//! image, and what could not be read.

use std::io::{self, Write};

use serde::Serialize;

use super::escaped;
use crate::error::Error;

#[derive(Serialize)]
struct Document<Entry> {
    schema: &'static str,
    schema_version: u32,
    inputs: Vec<Entry>,
    errors: Vec<String>,
}

/// Writes it, in the first version of its schema.
pub fn write<Entry: Serialize>(
    schema: &'static str,
    inputs: impl Iterator<Item = Entry>,
    errors: &[Error],
    out: &mut dyn Write,
) -> io::Result<()> {
    let errors = errors.iter().map(ToString::to_string).collect();
    escaped::write(&Document { schema, schema_version: 1, inputs: inputs.collect(), errors }, out)
}
