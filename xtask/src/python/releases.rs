//! Which CPython comes from where. A new version is one line here.

use std::ops::RangeInclusive;

/// The minor versions that linktab supports, which are those that pyo3-ffi 0.30 binds.
pub const SUPPORTED: RangeInclusive<u32> = 9..=15;

/// A minor version, and the suite of Debian that has it.
#[derive(Debug)]
pub struct Release {
    /// 14 of 3.14
    pub minor: u32,
    /// Debian's name.
    pub suite: &'static str,
    /// Whether the tests run on it where nobody asks for all: the ends of the range, and each version
    /// since which linktab loads extensions by another route.
    pub usual: bool,
}

/// Debian has one or two minor versions in each release: 3.10 and 3.12 never came into one.
pub const RELEASES: &[Release] = &[
    Release { minor: 9, suite: "bullseye", usual: true },
    Release { minor: 11, suite: "bookworm", usual: true },
    Release { minor: 13, suite: "trixie", usual: false },
    Release { minor: 13, suite: "sid", usual: true },
    Release { minor: 14, suite: "sid", usual: true },
    Release { minor: 15, suite: "sid", usual: true },
];

/// Whether the tests run on a minor version where nobody asks for all.
pub fn is_usual(minor: u32) -> bool {
    RELEASES.iter().any(|release| release.minor == minor && release.usual)
}
