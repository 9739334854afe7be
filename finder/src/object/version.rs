//! Whether a dictionary is as it was: its version, where CPython keeps one that a look can be spared for.
//!
//! Up to 3.11 each change of any dictionary gives it a number that none ever had (PEP 509). From 3.12 on
//! the field is deprecated and then gone, and nothing counts as unchanged.

use super::reference::Borrowed;

/// What a dictionary's entries were at one moment.
///
/// Equal versions of one dictionary: the same keys with the same objects behind them. What is inside those
/// objects is another matter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Version(u64);

impl Borrowed<'_> {
    /// The version of what [`Borrowed::is_plain_dict`], or is the namespace of a module.
    #[cfg(not(Py_3_12))]
    pub fn version(self) -> Option<Version> {
        if !self.is_plain_dict() {
            return None;
        }
        let dictionary = self.pointer.as_ptr().cast::<pyo3_ffi::PyDictObject>();
        // SAFETY: a dictionary, whose memory begins as that of every dictionary.
        Some(Version(unsafe { (*dictionary).ma_version_tag }))
    }

    /// As above, where there is none.
    #[cfg(Py_3_12)]
    pub fn version(self) -> Option<Version> {
        None
    }
}
