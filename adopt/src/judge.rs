//! An installed distribution in, what becomes of each of its shared objects out: an object for the
//! executable is written, or it is said why the module stays a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::driver::{self, Link};
use crate::elf::{self, SharedObject};
use crate::error::Error;
use crate::hazards::{self, Candidate};
use crate::installed::Distribution;
use crate::modules::{self, Name};
use crate::object_file;
use crate::outcome::{Module, Package, State};
use crate::python::Python;
use crate::record::Facts;
use crate::remedies;
use crate::wheel::Wish;

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

/// What all distributions share.
pub struct Judge<'a> {
    /// Modules that are to stay files.
    pub keep: &'a [String],
    /// Whether what would be refused stays a file like any other.
    pub packs: bool,
    pub python: &'a Python,
    /// The folder that is made.
    pub output: &'a Path,
    /// Where everything is installed.
    pub site: &'a Path,
    /// The links that were seen, by build-id.
    pub links: BTreeMap<String, Link>,
}

/// The links of folders in which twins were kept.
pub fn links<'a>(folders: impl Iterator<Item = &'a Path>) -> BTreeMap<String, Link> {
    folders.flat_map(driver::links).map(|link| (link.build_id.clone(), link)).collect()
}

impl Judge<'_> {
    /// What becomes of one requirement, whose wheel is installed if it was built.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn package(&self, wish: &Wish, built: Result<PathBuf, String>) -> Result<Package, Error> {
        let mut package = Package { requirement: wish.shown.clone(), ..Package::default() };
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
            shared.iter().map(|(file, own)| self.module(file, own, &shared, &distribution, wish)).collect();
        let adopted = package.modules.iter().filter(|module| matches!(module.state, State::Static { .. }));
        distribution.remove(self.site, &adopted.map(|module| module.file.as_str()).collect::<Vec<_>>())?;
        package.lacks_extension = package.modules.is_empty() && wish.has_binary;
        package.license = distribution.license;
        package.license_files = distribution.license_files;
        (package.name, package.version) = (distribution.name, distribution.version);
        Ok(package)
    }

    fn module(
        &self,
        file: &str,
        own: &SharedObject,
        all: &[(&str, SharedObject)],
        distribution: &Distribution,
        wish: &Wish,
    ) -> Module {
        let name = modules::name(file);
        let hook = name.as_ref().and_then(|name| modules::hook(name, own, &self.python.facts));
        let (state, name) = match (name, hook) {
            (Some(name), Some(hook)) => {
                let is_kept = self.keep.contains(&name.dotted);
                let state = if let Some(why) = &wish.packed {
                    State::Kept { why: why.clone() }
                } else if is_kept {
                    State::Kept { why: "as was wished with --keep".to_owned() }
                } else if hazards::is_of_tests(file) {
                    State::Kept { why: "for the package's own tests".to_owned() }
                } else {
                    let others: Vec<(String, &SharedObject)> = all
                        .iter()
                        .filter(|(other, _)| *other != file)
                        .map(|(other, of)| {
                            (modules::name(other).map_or((*other).to_owned(), |name| name.dotted), of)
                        })
                        .collect();
                    self.object(&name, file, hook, own, &others, distribution).unwrap_or_else(|why| {
                        if self.packs { State::Kept { why } } else { State::Refused { why } }
                    })
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
            "its link was not seen: its build calls a compiler by a path, or has the file from elsewhere or an earlier one",
        )?;
        if let Some(why) = &link.failure {
            return Err(format!("the partial link failed: {}", said(why)));
        }
        let twin = fs::read(&link.twin).map_err(|error| error.to_string())?;
        let undefined = elf::undefined(&twin).map_err(|error| error.to_string())?;
        let candidate = Candidate {
            dotted: &name.dotted,
            file,
            shared: own,
            undefined: &undefined,
            distribution,
            others,
        };
        let remedy = remedies::find(&name.dotted);
        let no_folder = hazards::group_without_folder(&name.dotted, &twin);
        if let Some(why) = no_folder.or_else(|| hazards::find(&candidate, remedy, self.site)) {
            return Err(why);
        }
        let zero = remedy.map_or(&[][..], |remedy| remedy.zero);
        let has_file =
            hazards::is_asking_group(&name.dotted, &twin) || hazards::asks_for_file(&candidate, self.site);
        let facts = Facts {
            has_file,
            ..modules::facts(name, file, hook, &undefined, distribution, &self.python.facts)
        };
        let object = write(self.output, &twin, hook, &facts, zero)?;
        let is_extra = |needed: &&String| !ALWAYS.iter().any(|always| needed.starts_with(always));
        let libraries: Vec<String> = own.needed.iter().filter(is_extra).cloned().collect();
        let folders =
            link.folders.iter().filter(|folder| libraries.iter().any(|name| folder.join(name).is_file()));
        Ok(State::Static {
            object,
            phase: facts.phase_word(),
            folders: folders.cloned().collect(),
            libraries,
            zero,
            has_file,
        })
    }
}

/// Writes the object of a module below the folder that is made, and returns its path there.
pub fn write(output: &Path, twin: &[u8], hook: &str, facts: &Facts, zero: &[&str]) -> Result<String, String> {
    let object = format!("objects/{}.o", facts.name);
    let bytes = object_file::rewrite(twin, hook, facts, zero)?;
    fs::write(output.join(&object), bytes).map_err(|error| error.to_string())?;
    Ok(object)
}

/// What a linker said, below the line on how it ended: its first error, behind which there are those of who called it.
fn said(text: &str) -> &str {
    let mut lines = text.lines().skip(1);
    let is_error = |line: &&str| line.contains("error: ") && !line.starts_with("collect2: ");
    lines.clone().find(is_error).or(lines.next()).unwrap_or(text)
}
