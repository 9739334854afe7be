//! A request in, one CPython out: the first that links and starts.

use std::io::Write;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::link::Kind;
use crate::python::Found;
use crate::releases::Build;
use crate::search::{Folders, Search, Tried};
use crate::{advice, candidates};

/// What is wanted of a CPython.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// This interpreter and no other.
    pub python: Option<PathBuf>,
    /// This version and no other.
    pub version: Option<Build>,
    /// How it is to be linked.
    pub library: Library,
    /// Whether packages are downloaded.
    pub fetch: Fetch,
}

/// How libpython is to get into the executable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Library {
    /// Statically, or else shared.
    #[default]
    Any,
    /// Statically.
    Static,
    /// As a library that the loader finds.
    Shared,
}

/// When packages are downloaded, where the interpreter is not named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fetch {
    /// Where nothing else links.
    #[default]
    Last,
    /// Where nothing links statically.
    BeforeShared,
    /// At once.
    Only,
    /// Not at all.
    Never,
}

impl Library {
    fn has(self, kind: Kind) -> bool {
        match self {
            Self::Any => true,
            Self::Static => kind != Kind::Shared,
            Self::Shared => kind == Kind::Shared,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Static,
    Shared,
    Fetch,
}

impl Request {
    fn steps(&self) -> &'static [Step] {
        match self.fetch {
            _ if self.python.is_some() => &[Step::Static, Step::Shared],
            Fetch::Last => &[Step::Static, Step::Shared, Step::Fetch],
            Fetch::BeforeShared => &[Step::Static, Step::Fetch, Step::Shared],
            Fetch::Only => &[Step::Fetch],
            Fetch::Never => &[Step::Static, Step::Shared],
        }
    }

    fn candidates(&self) -> Vec<PathBuf> {
        match &self.python {
            Some(python) => vec![python.clone()],
            None => candidates::all(),
        }
    }
}

/// Finds a CPython, or fetches one.
///
/// # Errors
/// None links: the message lists what was tried, and says what to install.
pub fn find(request: &Request, folders: Folders<'_>, notes: &mut dyn Write, verbose: bool) -> Result<Found> {
    let mut search = Search::new(folders, notes, verbose).of_version(request.version);
    let candidates = request.candidates();
    for step in request.steps() {
        let found = match step {
            Step::Static if request.library.has(Kind::Static) => search.first_static(&candidates),
            Step::Shared if request.library.has(Kind::Shared) => search.first_shared(&candidates),
            Step::Fetch => search.download(|kind| request.library.has(kind)),
            Step::Static | Step::Shared => None,
        };
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Err(Error::new(format!(
        "no CPython here can be linked\n\ntried:\n{}\n\n{}",
        search.report(),
        advice::INSTALL
    )))
}

/// Tries everything that is installed and wanted; downloads nothing.
pub fn list(request: &Request, folders: Folders<'_>, notes: &mut dyn Write) -> Vec<Tried> {
    let mut search = Search::new(folders, notes, false).of_version(request.version);
    for interpreter in search.distinct(&request.candidates()) {
        search.try_all(&interpreter, |kind| request.library.has(kind));
    }
    search.tried()
}
