//! The straight line: requirements in, a folder for the link out.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::driver::{self, Link, TWINS};
use crate::elf::{self, SharedObject};
use crate::error::Error;
use crate::hazards::{self, Candidate};
use crate::installed::{self, Distribution};
use crate::modules::{self, Name};
use crate::object_file;
use crate::outcome::{MANIFEST, Module, Outcome, Package, State};
use crate::python::Python;
use crate::shims::Shims;
use crate::wheel;

/// Libraries that an executable with CPython inside loads anyway.
const ALWAYS: &[&str] = &[
    "libc.so.",
    "libm.so.",
    "libpthread.so.",
    "libdl.so.",
    "librt.so.",
    "libutil.so.",
    "libgcc_s.so.",
    "ld-",
    "libpython3",
];

/// What to adopt.
#[derive(Debug, Clone)]
pub struct Request {
    /// As pip takes them.
    pub requirements: Vec<String>,
    /// The CPython that builds, and whose like the executable holds.
    pub python: PathBuf,
    /// The folder to make.
    pub output: PathBuf,
    /// Modules that are to stay files.
    pub keep: Vec<String>,
    /// The program that builds call by drivers' names: it begins with [`driver::run`].
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
    let built: Vec<Result<PathBuf, String>> = (0..)
        .zip(&request.requirements)
        .map(|(number, requirement)| {
            let (folder, log) = (work.join(format!("wheel-{number}")), work.join(format!("{number}.log")));
            say(notes, &format!("building {requirement}"));
            let start = Instant::now();
            let built = wheel::build(requirement, &folder, &log, &python, &shims);
            say(notes, &told(requirement, &built, start.elapsed().as_secs_f64()));
            built
        })
        .collect();
    let site = output.join("site");
    let wheels: Vec<PathBuf> = built.iter().flatten().cloned().collect();
    if !wheels.is_empty() {
        installed::install(&wheels, &site, &python)?;
    }
    let mut adopter =
        Adopter { request, python: &python, output: &output, site: &site, links: BTreeMap::new() };
    adopter.links =
        driver::links(&work.join(TWINS)).into_iter().map(|link| (link.build_id.clone(), link)).collect();
    let packages = request
        .requirements
        .iter()
        .zip(built)
        .map(|(requirement, built)| adopter.package(requirement, built));
    let outcome = Outcome {
        schema: "linktab-adopt",
        schema_version: 1,
        python: python.facts.version.clone(),
        packages: packages.collect::<Result<_, Error>>()?,
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

/// Whoever does not listen misses it.
fn say(notes: &mut dyn Write, text: &str) {
    let _ = writeln!(notes, "{text}").and_then(|()| notes.flush());
}

fn told(requirement: &str, built: &Result<PathBuf, String>, seconds: f64) -> String {
    match built {
        Ok(wheel) => {
            let file = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
            format!("built {file} in {seconds:.1} s")
        }
        Err(log) => {
            let log: String = log.lines().flat_map(|line| ["\n  ", line]).collect();
            format!("error: {requirement} cannot be built; the end of its log:{log}")
        }
    }
}

struct Adopter<'a> {
    request: &'a Request,
    python: &'a Python,
    output: &'a Path,
    site: &'a Path,
    /// By build-id.
    links: BTreeMap<String, Link>,
}

impl Adopter<'_> {
    fn package(&self, requirement: &str, built: Result<PathBuf, String>) -> Result<Package, Error> {
        let mut package = Package {
            requirement: requirement.to_owned(),
            name: String::new(),
            version: String::new(),
            failure: None,
            modules: Vec::new(),
        };
        let distribution = match built.and_then(|wheel| Distribution::read(self.site, &wheel)) {
            Ok(distribution) => distribution,
            Err(why) => {
                package.failure = Some(why);
                return Ok(package);
            }
        };
        let files = distribution.files.iter().filter(|file| file.ends_with(".so"));
        let read = |file: &String| {
            let bytes = fs::read(self.site.join(file)).ok()?;
            elf::shared_object(&bytes).ok()
        };
        let shared: Vec<(&str, SharedObject)> =
            files.filter_map(|file| Some((file.as_str(), read(file)?))).collect();
        package.modules =
            shared.iter().map(|(file, own)| self.module(file, own, &shared, &distribution)).collect();
        let adopted = package.modules.iter().filter(|module| matches!(module.state, State::Static { .. }));
        distribution.remove(self.site, &adopted.map(|module| module.file.as_str()).collect::<Vec<_>>())?;
        (package.name, package.version) = (distribution.name, distribution.version);
        Ok(package)
    }

    fn module(
        &self,
        file: &str,
        own: &SharedObject,
        all: &[(&str, SharedObject)],
        distribution: &Distribution,
    ) -> Module {
        let name = modules::name(file);
        let hook = name.as_ref().and_then(|name| modules::hook(name, own, &self.python.facts));
        let (state, name) = match (name, hook) {
            (Some(name), Some(hook)) => {
                let is_kept = self.request.keep.contains(&name.dotted);
                let state = if is_kept {
                    State::Kept { why: "as was wished with --keep".to_owned() }
                } else {
                    let others: Vec<(String, &SharedObject)> = all
                        .iter()
                        .filter(|(other, _)| *other != file)
                        .map(|(other, of)| {
                            (modules::name(other).map_or((*other).to_owned(), |name| name.dotted), of)
                        })
                        .collect();
                    self.object(&name, file, hook, own, &others, distribution)
                        .unwrap_or_else(|why| State::Refused { why })
                };
                (state, name.dotted)
            }
            _ => (
                State::Kept { why: "no module: it exports no init function of its name".to_owned() },
                file.to_owned(),
            ),
        };
        Module { name, file: file.to_owned(), state }
    }

    /// Writes the object of a module, or says why not.
    fn object(
        &self,
        name: &Name,
        file: &str,
        hook: &str,
        own: &SharedObject,
        others: &[(String, &SharedObject)],
        distribution: &Distribution,
    ) -> Result<State, String> {
        let link = self.links.get(&own.build_id).ok_or(
            "its link was not seen: its build calls a compiler by a path, or brought the file along ready-made",
        )?;
        let twin =
            link.twin.as_ref().map_err(|why| format!("the partial link failed: {}", last_line(why)))?;
        let twin = fs::read(twin).map_err(|error| error.to_string())?;
        let undefined = elf::undefined(&twin).map_err(|error| error.to_string())?;
        let candidate = Candidate {
            dotted: &name.dotted,
            file,
            shared: own,
            undefined: &undefined,
            distribution,
            others,
        };
        if let Some(why) = hazards::find(&candidate, self.site) {
            return Err(why);
        }
        let facts = modules::facts(name, file, hook, &undefined, distribution, &self.python.facts);
        let bytes = object_file::rewrite(&twin, hook, &facts)?;
        let object = format!("objects/{}.o", name.dotted);
        fs::write(self.output.join(&object), bytes).map_err(|error| error.to_string())?;
        let is_extra = |needed: &&String| !ALWAYS.iter().any(|always| needed.starts_with(always));
        let libraries: Vec<String> = own.needed.iter().filter(is_extra).cloned().collect();
        let folders =
            link.folders.iter().filter(|folder| libraries.iter().any(|name| folder.join(name).is_file()));
        let phase = match facts.phase {
            linktab::layout::phase::MULTI => "multi",
            linktab::layout::phase::SINGLE => "single",
            _ => "export",
        };
        Ok(State::Static { object, phase, folders: folders.cloned().collect(), libraries })
    }
}

fn last_line(text: &str) -> &str {
    text.lines().next_back().unwrap_or(text)
}

/// The interpreter that is meant where none is named: what `cargo xtask python` found, or the first on PATH.
#[must_use]
pub fn usual_python() -> PathBuf {
    env::var_os("LINKTAB_PYTHON").map_or_else(|| "python3".into(), PathBuf::from)
}
