//! What has to be done whether a step raised or not: Python's `finally`.

use crate::object::{Attached, Result};

/// Cleans up, and passes on what was raised before, or else by cleaning up.
pub fn after<T>(at: Attached<'_>, outcome: Result<T>, clean: impl FnOnce() -> Result<()>) -> Result<T> {
    match outcome {
        Ok(value) => clean().map(|()| value),
        Err(_) => {
            let exception = at.take_exception();
            if let Err(raised) = clean() {
                raised.clear(at);
            }
            Err(at.restore_exception(exception))
        }
    }
}
