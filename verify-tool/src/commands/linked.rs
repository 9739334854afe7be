//! A path in, its linked images out: what `check`, `lock` and `diff` are about. Objects and archives
//! hold records too, but nothing says whether those are in a program; `list` shows them.

use std::path::Path;

use crate::{Error, ImageKind, Kind, Limits, Outcome};

/// Reads a binary. That there is no linked image in it is an error: it would be called clean otherwise.
pub fn read(path: &Path, limits: &Limits) -> Outcome {
    let mut outcome = crate::read(path, limits);
    let is_empty = outcome.inventories.is_empty() && outcome.errors.is_empty();
    let count = outcome.inventories.len();
    outcome.inventories.retain(|inventory| inventory.kind != ImageKind::Object);
    if is_empty || outcome.inventories.len() < count {
        let what = "expected a linked binary, found objects that are not linked: `linktab list` reads those";
        let error = Error::new(Kind::Unsupported(what.to_owned()));
        outcome.errors.push(error.in_file(&path.display().to_string(), None));
    }
    outcome
}
