//! An application's folder in, an executable with its packages' extensions inside out, and what is to be packed
//! behind it: the straight line of `linktab build` up to there.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use linktab_cpython::{self as cpython, Folders};

use crate::adopt::{self, Request, usual_python};
use crate::error::Error;
use crate::host;
use crate::lock::Lock;
use crate::outcome::{MANIFEST, Outcome, Package};
use crate::project;
use crate::settings::{self, Settings};
use crate::uv_sources;

/// What to build. What is not said here, `linktab.toml` and `pyproject.toml` say.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder of both files.
    pub folder: PathBuf,
    /// Files of requirements, as pip reads them.
    pub files: Vec<PathBuf>,
    /// What the file runs, `package.module:function`.
    pub entry: Option<String>,
    /// Which of the project's scripts it is.
    pub script: Option<String>,
    /// The CPython that goes inside.
    pub python: Option<PathBuf>,
    /// Modules that are to stay files.
    pub keep: Vec<String>,
    /// Projects whose wheels are packed as they are.
    pub pack: Vec<String>,
    /// The file to write.
    pub output: Option<PathBuf>,
    /// How it is packed.
    pub packing: Packing,
    /// Where everything else goes.
    pub work: Option<PathBuf>,
    /// Whether releases have to be those of the last time.
    pub locked: bool,
    /// As [`Request::no_cache`].
    pub no_cache: bool,
    /// As [`Request::command`].
    pub command: PathBuf,
}

/// How Python code and data go behind an executable, each as `linktab pack` has an option of this name.
#[derive(Debug, Clone, Default)]
pub struct Packing {
    /// What is packed is deflated.
    pub compress: bool,
    /// What debuggers read is left out.
    pub strip: bool,
    /// Libraries of this machine that shared extensions need are packed.
    pub include_libs: bool,
    /// Packages of which all is a file.
    pub unpack: Vec<String>,
}

/// What is to be packed.
#[derive(Debug)]
pub struct Application {
    /// With the extensions inside.
    pub executable: PathBuf,
    /// The packages.
    pub site: PathBuf,
    /// What was adopted, for a check.
    pub manifest: PathBuf,
    /// What the file runs, `package.module:function`.
    pub entry: String,
    /// The file to write.
    pub output: PathBuf,
    /// How it is packed.
    pub packing: Packing,
    /// What became of each package.
    pub outcome: Outcome,
}

/// Finds a CPython, adopts what can be, and links. What happens is said to `notes`.
///
/// # Errors
/// There is no CPython, no cargo, or no release that fits; a package has neither sources that build nor a wheel.
pub fn build(project: &Project, notes: &mut dyn Write) -> Result<Application, Error> {
    let folder = project.folder.canonicalize().map_err(|error| Error::at(&project.folder, "find", error))?;
    let settings = Settings::read(&folder)?;
    let own = project::read(&folder)?;
    let entry =
        settings::entry(project.entry.as_deref(), project.script.as_deref(), &settings, own.as_ref())?;
    let placed = if own.is_some() { uv_sources::placed(&folder)? } else { Vec::new() };
    host::can_be_built()?;
    let work = made(&project.work.clone().unwrap_or_else(|| folder.join("build").join("linktab")))?;
    let output =
        project.output.clone().or(settings.output).unwrap_or_else(|| folder.join("dist").join(&entry.name));
    made(output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;

    let wanted = project.python.clone().or(settings.python);
    let python = found(wanted, &work, notes)?;
    say(notes, &python.summary());
    let lock = if project.locked {
        Some(Lock::read(&folder, &python.interpreter.version.to_string())?)
    } else {
        None
    };

    let request = Request {
        requirements: own.iter().map(|_| folder.display().to_string()).chain(placed).collect(),
        files: project.files.clone(),
        constraints: lock.as_ref().map(|lock| lock.constraints(&work)).transpose()?,
        projects: Vec::new(),
        objects: Vec::new(),
        python: python.interpreter.executable.clone(),
        output: work.join("adopted"),
        keep: [project.keep.clone(), settings.keep].concat(),
        pack: Some([project.pack.clone(), settings.pack].concat()),
        no_cache: project.no_cache,
        command: project.command.clone(),
    };
    let outcome = adopt::adopt(&request, notes)?;
    if let Some(package) = outcome.packages.iter().find(|package| package.failure.is_some()) {
        return Err(Error::new(format!(
            "{}: neither its sources nor a wheel of it: the last words of its build are above",
            package.requirement
        )));
    }
    let site = request.output.join("site");
    take_along(&folder, &entry.function, &site)?;
    let place = folder.display().to_string();
    let is_own = |package: &&Package| own.is_some() && package.requirement == place;
    let name = outcome.packages.iter().find(is_own).map_or("", |package| &package.name);
    if let Some(lock) = &lock {
        lock.compare(&outcome, name)?;
    }
    let cargo = lock.as_ref().map(|lock| lock.cargo.as_str());
    let (executable, cargo) = host::build(&work, &python, cargo, notes)?;
    if lock.is_none() {
        Lock::of(&outcome, name, cargo).write(&folder)?;
    }
    Ok(Application {
        executable,
        site,
        manifest: request.output.join(MANIFEST),
        entry: entry.function,
        output,
        packing: Packing {
            compress: project.packing.compress || settings.compress,
            strip: project.packing.strip || settings.strip,
            include_libs: project.packing.include_libs || settings.include_libs,
            unpack: [&project.packing.unpack[..], &settings.unpack].concat(),
        },
        outcome,
    })
}

/// A CPython that can be linked: the one that is named, or else any.
fn found(wanted: Option<PathBuf>, work: &Path, notes: &mut dyn Write) -> Result<cpython::Python, Error> {
    let folder = work.join("python");
    let folders = Folders { work: &folder.join("work"), downloads: &folder.join("downloads") };
    let python = wanted.or_else(|| std::env::var_os("LINKTAB_PYTHON").map(|_| usual_python()));
    let request =
        cpython::Request { python, library: cpython::Library::Static, ..cpython::Request::default() };
    let found = cpython::find(&request, folders, notes, false);
    let written = found.and_then(|found| found.write(&folder.join("config"), &folder.join("driver")));
    written.map_err(|error| Error::new(error.to_string()))
}

/// Without a project there is no wheel of the application, and one that its build system puts together may lack a module
/// beside a package: what the function is in is copied, if it is in the folder and was not installed.
fn take_along(folder: &Path, function: &str, site: &Path) -> Result<(), Error> {
    let top = function.split(['.', ':']).next().unwrap_or_default();
    let module = format!("{top}.py");
    let name = if folder.join(top).is_dir() { top } else { &module };
    let (from, to) = (folder.join(name), site.join(name));
    if !from.exists() || site.join(top).exists() || site.join(&module).exists() {
        return Ok(());
    }
    let taken = fs::create_dir_all(site).and_then(|()| copy(&from, &to));
    taken.map_err(|error| Error::at(&from, "copy", error))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        if name != "__pycache__" {
            copy(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}

fn made(folder: &Path) -> Result<PathBuf, Error> {
    fs::create_dir_all(folder).map_err(|error| Error::at(folder, "make", error))?;
    folder.canonicalize().map_err(|error| Error::at(folder, "find", error))
}

fn say(notes: &mut dyn Write, text: &str) {
    // Whoever does not listen misses it.
    let _ = writeln!(notes, "{text}").and_then(|()| notes.flush());
}
