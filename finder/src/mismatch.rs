//! A record and what its init function answered in; a warning out when they disagree.

use linktab::Record;

use crate::load::{Answer, is_as_registered};
use crate::object::{Attached, Kind, Result};

/// Warns of a phase that is not the registered one. The module is loaded all the same, so only a
/// warnings filter makes an exception of it.
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
