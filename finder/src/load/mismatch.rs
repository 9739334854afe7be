//! A record and what its init function answered in; a warning out when they disagree.
//!
//! Such a module is loaded all the same, so only a warnings filter makes an exception of it.

use linktab::Record;

use super::answer::{Answer, is_as_registered};
use crate::object::{Attached, Borrowed, Kind, Result};

/// Warns of a phase that is not the registered one.
pub fn warn(at: Attached<'_>, record: &Record, answer: &Answer<'_>) -> Result<()> {
    if is_as_registered(record.phase(), answer) {
        return Ok(());
    }
    let (found, fix) = match answer {
        Answer::Definition(_) => ("a module definition, as multi-phase ones do", "multi"),
        Answer::Module(_) => ("a finished module, as single-phase ones do", "single"),
    };
    let message = format!(
        "extension '{}' is registered with phase \"{}\", but its init function returned {found}; it was loaded \
         all the same. Fix: register it with phase \"{fix}\" ({})",
        record.name(),
        record.phase(),
        record.origin()
    );
    at.warn(Kind::RuntimeWarning, &message)
}

/// Warns of a single-phase module that does not know its full name, because it was made by a
/// `PyModule_Create2` that is not ours, where CPython's package context is out of reach
/// (`context.rs`).
pub fn warn_of_short_name(record: &Record, module: Borrowed<'_>) -> Result<()> {
    let at = module.attached();
    let Some((_, leaf)) = record.name().rsplit_once('.') else { return Ok(()) };
    let name = module.get(c"__name__")?;
    if name.borrow().text() != Some(leaf) {
        return Ok(());
    }
    let message = format!(
        "single-phase extension '{}' calls itself '{leaf}', and so do its types: its PyModule_Create2 is \
         libpython's, not linktab's, and a shared libpython {} takes no full name for it. Fix: link the extension \
         into the executable, or link libpython statically ({})",
        record.name(),
        crate::running::version(),
        record.origin()
    );
    at.warn(Kind::RuntimeWarning, &message)
}
