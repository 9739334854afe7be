//! Which CPython comes from where. A new version is one line here.

use std::fmt;
use std::ops::RangeInclusive;

/// The minor versions that linktab supports, which are those that pyo3-ffi 0.30 binds.
pub const SUPPORTED: RangeInclusive<u32> = 9..=15;

/// The first minor version of which linktab supports the free-threaded build: PyO3 0.30 dropped an earlier
/// one (pyo3-ffi's build script, MIN_FREE_THREADED_VERSION).
pub const FREE_THREADED: u32 = 14;

/// A minor version, as it is built by default or free-threaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Build {
    /// 14 of 3.14
    pub minor: u32,
    /// Built with `--disable-gil`. No suite of Debian has one.
    pub free_threaded: bool,
}

impl Build {
    /// Every build that linktab supports, oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        SUPPORTED.flat_map(|minor| {
            let builds = [false, true].map(|free_threaded| Self { minor, free_threaded });
            builds.into_iter().filter(move |build| !build.free_threaded || minor >= FREE_THREADED)
        })
    }

    /// Reads `3.14` or `3.14t`.
    pub fn parse(text: &str) -> Option<Self> {
        let minor = text.strip_prefix("3.")?;
        let (minor, free_threaded) = minor.strip_suffix('t').map_or((minor, false), |minor| (minor, true));
        Some(Self { minor: minor.parse().ok()?, free_threaded })
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}{}", self.minor, if self.free_threaded { "t" } else { "" })
    }
}

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
