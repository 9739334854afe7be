//! [`Error`]: why there is no finder, in words that name the fix.

use core::fmt;

use linktab::layout::build_flags;
use linktab::{Origin, Record, RegistryError};

use crate::running::Python;

/// Why the finder could not be installed. Nothing was imported by then.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The table has duplicates or unreadable records; the report names all of them.
    Registry(RegistryError),
    /// Extensions were compiled for another Python.
    Misfits(Vec<Misfit>),
    /// Extensions are in another table of this process too.
    Taken(Vec<Taken>),
    /// The loader bound the calls of one file to the functions of another: `here` called, and the table of
    /// `table` would have been read.
    OtherTable {
        /// The shared object that called.
        here: String,
        /// The program or shared object whose functions answered.
        table: String,
    },
    /// A crate is a Rust `dylib`, which took the runtime with it: the table that is read is that of `table`, and
    /// the finder and the extensions beside it are in `here`.
    OtherRuntime {
        /// The file that the finder is in.
        here: String,
        /// The program or shared object whose table would be read.
        table: String,
    },
    /// No interpreter is initialised, or this thread has no attached thread state.
    NotAttached,
    /// The table of built-in modules could not be extended, and why.
    Inittab(&'static str),
    /// Python raised this while the finder was being installed.
    Python(String),
}

/// An extension that was compiled for another Python than the one that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfit {
    /// The extension's name.
    pub name: &'static str,
    /// Where it was registered.
    pub origin: Origin<'static>,
    /// What it was compiled for.
    expected: Python,
    /// What runs.
    found: Python,
    /// Whether `expected` is the oldest version that will do.
    limited: bool,
}

/// An extension that another table of the process, of a plugin or of the program, has too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// The extension's name.
    pub name: &'static str,
    /// Where it was registered in this table.
    pub origin: Origin<'static>,
    /// Where it was registered in the other.
    pub there: String,
}

impl Misfit {
    /// Holds a record against a Python.
    pub(crate) fn of(record: &'static Record, found: Python) -> Option<Misfit> {
        let (hex, flags) = record.python()?;
        let expected = Python::from_hex(hex, flags & build_flags::FREE_THREADED != 0);
        let limited = flags & build_flags::LIMITED_API != 0;
        let version = |python: Python| (python.major, python.minor);
        let fits =
            if limited { version(found) >= version(expected) } else { version(found) == version(expected) };
        // From 3.15 on (PEP 803) one limited API serves both kinds of build.
        let both_kinds = limited && expected.free_threaded && version(found) >= (3, 15);
        if fits && (both_kinds || expected.free_threaded == found.free_threaded) {
            return None;
        }
        Some(Misfit { name: record.name(), origin: record.origin(), expected, found, limited })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Registry(error) => error.fmt(f),
            Error::Misfits(misfits) => {
                let n = misfits.len();
                let s = if n == 1 { " was" } else { "s were" };
                write!(
                    f,
                    "linktab: {n} extension{s} compiled for another Python than the one in this executable"
                )?;
                misfits.iter().try_for_each(|misfit| write!(f, "\n{misfit}"))
            }
            Error::Taken(taken) => {
                let n = taken.len();
                let s = if n == 1 { " is" } else { "s are" };
                write!(f, "linktab: {n} extension{s} in another table of this process already")?;
                taken.iter().try_for_each(|taken| write!(f, "\n{taken}"))
            }
            Error::OtherTable { here, table } => write!(
                f,
                "linktab: expected the table of {here}, found that of {table}, whose functions the loader put \
                 before: link {here} with -Wl,-Bsymbolic"
            ),
            Error::OtherRuntime { here, table } if here == table => write!(
                f,
                "linktab: the table of {here} lacks linktab's own record: the linker made several sections of one \
                 name, of which {here} reads one: link without what splits sections, such as -Wl,--unique"
            ),
            Error::OtherRuntime { here, table } => write!(
                f,
                "linktab: expected the table of {here}, found that of {table}, which took the runtime with it and \
                 holds none of the other's extensions: have no crate as a `dylib`, so that all are in one file"
            ),
            Error::NotAttached => f.write_str(
                "linktab: expected an initialised Python and a thread that holds the GIL, found none: call \
                 install() after Py_Initialize, with the GIL held",
            ),
            Error::Inittab(why) => write!(
                f,
                "linktab: cannot extend Python's table of built-in modules: {why}. Call prepare() before \
                 Py_Initialize, each time"
            ),
            Error::Python(exception) => write!(f, "linktab: Python raised {exception}"),
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, origin, expected, found) = (self.name, self.origin, self.expected, self.found);
        let or_newer = if self.limited { " or newer" } else { "" };
        write!(
            f,
            "extension `{name}` was compiled for {expected}{or_newer}, this executable runs {found}\n  by {origin}\n  \
             fix: compile it with the Python.h of the libpython that is linked in"
        )
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Taken { name, origin, there } = self;
        write!(
            f,
            "extension `{name}` is registered in two tables\n  by {origin}\n  by {there}, installed before\n  fix: \
             rename one of them, or leave it out of one table"
        )
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Registry(error) => Some(error),
            _ => None,
        }
    }
}

impl From<RegistryError> for Error {
    fn from(error: RegistryError) -> Error {
        Error::Registry(error)
    }
}
