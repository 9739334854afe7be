//! The straight line: requirements in, a folder for the link out.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::builds::{self, Builds};
use crate::cache::Cache;
use crate::error::Error;
use crate::in_house;
use crate::judge::{self, Judge};
use crate::outcome::{MANIFEST, Outcome};
use crate::project;
use crate::python::Python;
use crate::resolve::Asked;
use crate::shims::Shims;

/// What to adopt.
#[derive(Debug, Clone)]
pub struct Request {
    /// As pip takes them.
    pub requirements: Vec<String>,
    /// Files of requirements, as pip reads them.
    pub files: Vec<PathBuf>,
    /// Projects whose dependencies are meant, by their folders.
    pub projects: Vec<PathBuf>,
    /// Objects and archives of other build systems, and the modules that are in them.
    pub objects: Vec<(PathBuf, String)>,
    /// The CPython that builds, and whose like the executable holds.
    pub python: PathBuf,
    /// The folder to make.
    pub output: PathBuf,
    /// A file of constraints, as pip reads it.
    pub constraints: Option<PathBuf>,
    /// Modules that are to stay files.
    pub keep: Vec<String>,
    /// Projects whose wheels are taken as they are. Where there is a list, also those whose sources cannot be built,
    /// and a module that would be refused stays a file like any other.
    pub pack: Option<Vec<String>>,
    /// Whether what was built before is built again.
    pub no_cache: bool,
    /// The program that builds call by drivers' names: it begins with [`crate::driver::run`].
    pub command: PathBuf,
}

/// Builds and rewrites everything. What happens is said to `notes`.
///
/// # Errors
/// There is no CPython or compiler, or the folder cannot be written. A package that fails is none: it is
/// in the outcome.
pub fn adopt(request: &Request, notes: &mut dyn Write) -> Result<Outcome, Error> {
    let python = Python::probe(&request.python)?;
    let output = emptied(&request.output)?;
    let work = output.join("work");
    let command =
        request.command.canonicalize().map_err(|error| Error::at(&request.command, "find", error))?;
    let shims = Shims::make(&work, &command, &python.facts.cc, &python.facts.cxx)?;
    let cache = if request.no_cache { None } else { Cache::of_user(&python, &command) };
    let pack = request.pack.as_deref();
    let builds = Builds { folder: &work, python: &python, shims: &shims, cache: cache.as_ref(), pack };
    let site = output.join("site");
    let mut requirements = request.requirements.clone();
    for project in &request.projects {
        requirements.extend(project::dependencies(project)?);
    }
    let constraints = request.constraints.as_deref();
    let asked = Asked { requirements: &requirements, files: &request.files, constraints };
    let built = if requirements.is_empty() && asked.files.is_empty() {
        Vec::new()
    } else {
        python.has_pip()?;
        builds::all(asked, &builds, &site, notes)?
    };
    let judge = Judge {
        keep: &request.keep,
        packs: pack.is_some(),
        python: &python,
        output: &output,
        site: &site,
        links: judge::links(built.iter().filter_map(|(_, wheel)| wheel.as_ref().ok()?.parent())),
    };
    let packages = built.into_iter().map(|(wish, wheel)| judge.package(&wish, wheel));
    let mut packages = packages.collect::<Result<Vec<_>, Error>>()?;
    packages.extend(
        request.objects.iter().map(|(file, module)| in_house::package(file, module, &output, &python)),
    );
    let outcome = Outcome {
        schema: "linktab-adopt",
        schema_version: 1,
        python: python.facts.version.clone(),
        packages,
    };
    outcome.write(&output)?;
    fs::remove_dir_all(&work).map_err(|error| Error::at(&work, "remove", error))?;
    Ok(outcome)
}

/// The folder, empty: one that was made here before is made anew, and no other is touched.
fn emptied(folder: &Path) -> Result<PathBuf, Error> {
    let has_entries = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if has_entries && !folder.join(MANIFEST).is_file() {
        return Err(Error::new(format!(
            "expected {} to be empty or made by `linktab adopt`, found other files: give another folder with `-o`",
            folder.display()
        )));
    }
    if has_entries {
        fs::remove_dir_all(folder).map_err(|error| Error::at(folder, "remove", error))?;
    }
    // From now on it is ours, also if this breaks off.
    fs::create_dir_all(folder.join("objects")).map_err(|error| Error::at(folder, "make", error))?;
    let manifest = folder.join(MANIFEST);
    fs::write(&manifest, "").map_err(|error| Error::at(&manifest, "write", error))?;
    folder.canonicalize().map_err(|error| Error::at(folder, "find", error))
}

/// The interpreter that is meant where none is named: what `linktab python` found, or the first on PATH.
#[must_use]
pub fn usual_python() -> PathBuf {
    env::var_os("LINKTAB_PYTHON").map_or_else(|| "python3".into(), PathBuf::from)
}
