//! [`Error`]: could not look. What was looked at and was wrong is a finding, not an error.

mod code;

use std::fmt;
use std::io;

pub use code::ErrorCode;

/// Why an input could not be read or decoded, and where.
#[derive(Debug)]
pub struct Error(Box<Inner>);

/// Boxed, because almost every function here returns it beside something small.
#[derive(Debug)]
struct Inner {
    path: String,
    member: Option<String>,
    section: Option<String>,
    offset: Option<u64>,
    kind: Kind,
}

/// What went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Kind {
    /// The operating system refused.
    Io(io::Error),
    /// The first bytes are of no format that this version reads.
    UnknownFormat,
    /// Fewer bytes are there than the structure needs.
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Bytes that it takes.
        need: u64,
        /// Bytes that are left.
        have: u64,
    },
    /// The bytes contradict the format.
    Malformed(String),
    /// The format allows it, this version does not read it. Says what to do instead.
    Unsupported(String),
    /// A cap of [`Limits`](crate::Limits) was hit.
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
}

impl Error {
    /// An error that is not about one place in the file.
    #[must_use]
    pub fn new(kind: Kind) -> Error {
        Error(Box::new(Inner { path: String::new(), member: None, section: None, offset: None, kind }))
    }

    /// An error at an offset from the start of a section.
    #[must_use]
    pub fn at(section: &str, offset: u64, kind: Kind) -> Error {
        Error::new(kind).in_section(section).at_offset(offset)
    }

    pub(crate) fn malformed(what: impl Into<String>) -> Error {
        Error::new(Kind::Malformed(what.into()))
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> Error {
        Error::new(Kind::Unsupported(what.into()))
    }

    pub(crate) fn limit(what: &'static str, limit: u64) -> Error {
        Error::new(Kind::Limit { what, limit })
    }

    /// Names the section, unless a deeper stage has done so.
    pub(crate) fn in_section(mut self, section: &str) -> Error {
        self.0.section.get_or_insert_with(|| section.to_owned());
        self
    }

    /// Gives the offset in the section, which a shallower stage names.
    pub(crate) fn at_offset(mut self, offset: u64) -> Error {
        self.0.offset.get_or_insert(offset);
        self
    }

    /// Names the file and, in an archive or a universal file, the part of it.
    pub(crate) fn in_file(mut self, path: &str, member: Option<&str>) -> Error {
        if self.0.path.is_empty() {
            path.clone_into(&mut self.0.path);
        }
        if self.0.member.is_none() {
            self.0.member = member.map(str::to_owned);
        }
        self
    }

    /// The file, as it was given.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The member of an archive, or the architecture in a universal file.
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        self.0.member.as_deref()
    }

    /// The section, where there is one.
    #[must_use]
    pub fn section(&self) -> Option<&str> {
        self.0.section.as_deref()
    }

    /// The offset in bytes: from the start of the section, else of the file.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// The readable name of [`Error::code`].
    #[must_use]
    pub fn slug(&self) -> &'static str {
        ErrorCode::find(self.code()).map_or("limit-exceeded", |it| it.slug)
    }

    /// The stable code of the error: of [`ErrorCode`], or LT016.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.0.kind {
            Kind::Limit { .. } => "LT016",
            Kind::Io(_) => "LT900",
            Kind::UnknownFormat => "LT901",
            Kind::Truncated { .. } | Kind::Malformed(_) => "LT902",
            Kind::Unsupported(_) => "LT903",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            f.write_str(&self.0.path)?;
            if let Some(member) = &self.0.member {
                write!(f, "({member})")?;
            }
            f.write_str(": ")?;
        }
        match (&self.0.section, self.0.offset) {
            (Some(section), Some(offset)) => write!(f, "section `{section}`, offset {offset:#x}: ")?,
            (Some(section), None) => write!(f, "section `{section}`: ")?,
            (None, Some(offset)) => write!(f, "offset {offset:#x}: ")?,
            (None, None) => {}
        }
        self.0.kind.fmt(f)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Io(error) => error.fmt(f),
            Kind::UnknownFormat => f.write_str(
                "expected an ELF, Mach-O or PE/COFF file, or an archive of those, found something else",
            ),
            Kind::Truncated { what, need, have } => write!(f, "{what} needs {need} bytes, {have} left"),
            Kind::Malformed(what) | Kind::Unsupported(what) => f.write_str(what),
            Kind::Limit { what, limit } => write!(f, "limit exceeded: more than {limit} {what}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            Kind::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::new(Kind::Io(error))
    }
}
