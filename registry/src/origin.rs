//! [`Origin`]: the package, version, file and line behind a record, as text in and fields out.

use core::fmt;

use crate::layout::ORIGIN_SEPARATOR;

/// Where a record was written. A field that is not known is empty, and `line` 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Origin<'a> {
    /// The cargo package, or what `LINKTAB_PACKAGE` was defined to be in C.
    pub package: &'a str,
    /// The package's version.
    pub version: &'a str,
    /// The source file, as the compiler was given it.
    pub file: &'a str,
    /// The line, counted from 1.
    pub line: u32,
}

impl<'a> Origin<'a> {
    /// Reads the four fields of an origin. Whatever is missing stays empty.
    ///
    /// # Examples
    ///
    /// ```
    /// let origin = linktab::Origin::parse("acme-geo\n0.3.1\nsrc/lib.rs\n4");
    /// assert_eq!(origin.to_string(), "acme-geo 0.3.1, src/lib.rs:4");
    /// ```
    #[must_use]
    pub fn parse(text: &'a str) -> Origin<'a> {
        let mut fields = text.split(ORIGIN_SEPARATOR);
        let mut next = || fields.next().unwrap_or("");
        Origin { package: next(), version: next(), file: next(), line: next().parse().unwrap_or(0) }
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if !self.package.is_empty() {
            f.write_str(self.package)?;
            separator = ", ";
            if !self.version.is_empty() {
                write!(f, " {}", self.version)?;
            }
        }
        match (self.file, self.line) {
            ("", _) if separator.is_empty() => f.write_str("unknown origin"),
            ("", _) => Ok(()),
            (file, 0) => write!(f, "{separator}{file}"),
            (file, line) => write!(f, "{separator}{file}:{line}"),
        }
    }
}
