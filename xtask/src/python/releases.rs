//! Which CPython comes from where. A new version is one line here.

use std::collections::BTreeSet;
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
    /// Whether it is the debug build (`--with-pydebug`), which counts references and checks itself.
    pub debug: bool,
}

const fn release(minor: u32, suite: &'static str) -> Release {
    Release { minor, suite, usual: true, debug: false }
}

/// Debian has one or two minor versions in each release: 3.10 and 3.12 never came into one.
pub const RELEASES: &[Release] = &[
    release(9, "bullseye"),
    release(11, "bookworm"),
    Release { debug: true, ..release(11, "bookworm") },
    Release { usual: false, ..release(13, "trixie") },
    release(13, "sid"),
    Release { debug: true, usual: false, ..release(13, "sid") },
    release(14, "sid"),
    release(15, "sid"),
    Release { debug: true, usual: false, ..release(15, "sid") },
];

/// Whether the tests run on a minor version where nobody asks for all.
pub fn is_usual(minor: u32) -> bool {
    RELEASES.iter().any(|release| release.minor == minor && release.usual)
}

/// Whether a test that runs on each usual minor version once has it shared: every other one.
pub fn is_shared_by_turns(minor: u32) -> bool {
    let usual: BTreeSet<u32> =
        RELEASES.iter().filter(|release| release.usual).map(|release| release.minor).collect();
    usual.iter().position(|&usual| usual == minor).is_some_and(|at| at % 2 == 1)
}
