//! Records in, records out that call their source files from one folder on, the workspace's.
//!
//! A compiler writes down the name that it was given, which counts from the folder that it ran in: rustc
//! runs in the workspace's folder, a build script and the C compiler that it starts in their package's
//! (cargo reference, "Build Scripts"). Where packages are comes from cargo or from manifests; a name that
//! leads to no file stays as it is. No file is opened here.

mod manifests;

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::path::{Component, Path, PathBuf};

use linktab::layout::ORIGIN_SEPARATOR;

use crate::records::Texts;
use crate::{Inventory, Record, Text};

/// Where packages are.
#[derive(Default)]
pub struct Homes {
    root: PathBuf,
    /// Folders by the name of a package, each with its version.
    packages: BTreeMap<String, Vec<(String, PathBuf)>>,
    /// Folders by the name and the origin of a record, as libraries showed them; `None` where two packages'
    /// records are the same.
    shown: HashMap<(Text, Text), Option<PathBuf>>,
}

impl Homes {
    pub fn new(root: &Path) -> Homes {
        Homes { root: root.to_owned(), ..Homes::default() }
    }

    pub fn add(&mut self, name: &str, version: &str, folder: &Path) {
        let homes = self.packages.entry(name.to_owned()).or_default();
        homes.push((version.to_owned(), folder.to_owned()));
    }

    /// Learns whose the records of a library are: in C, a record need not say so.
    pub fn learn(&mut self, library: &[Inventory], folder: &Path) {
        for record in library.iter().flat_map(|inventory| &inventory.records).filter(|it| is_relative(it)) {
            let shown = self.shown.entry((record.name.clone(), record.origin.clone()));
            let known = shown.or_insert_with(|| Some(folder.to_owned()));
            if known.as_deref() != Some(folder) {
                *known = None;
            }
        }
    }

    /// Calls every record's source file from the workspace's folder on.
    pub fn call(&self, inventories: &mut [Inventory]) {
        let here = env::current_dir().unwrap_or_default();
        let mut texts = Texts::default();
        // Records of one file stand beside each other.
        let mut names: HashMap<(PathBuf, String), Option<String>> = HashMap::new();
        for record in inventories.iter_mut().flat_map(|inventory| &mut inventory.records) {
            if !is_relative(record) {
                continue;
            }
            let Some(folder) = self.folder(record) else { continue };
            let key = (folder.to_owned(), record.origin().file.to_owned());
            let name = names.entry(key).or_insert_with_key(|(folder, file)| self.name(folder, file, &here));
            if let Some(name) = name {
                record.origin = texts.push(&with_file(&record.origin, name));
            }
        }
    }

    /// The folder that the compiler of a record's file ran in.
    fn folder(&self, record: &Record) -> Option<&Path> {
        let origin = record.origin();
        if origin.file.ends_with(".rs") && self.root.join(origin.file).is_file() {
            return Some(&self.root);
        }
        if let Some(shown) = self.shown.get(&(record.name.clone(), record.origin.clone())) {
            return shown.as_deref();
        }
        let homes = self.packages.get(origin.package)?;
        let same = homes.iter().find(|(version, _)| version == origin.version);
        match (same, &**homes) {
            (Some((_, folder)), _) | (None, [(_, folder)]) => Some(folder),
            _ => None,
        }
    }

    fn name(&self, folder: &Path, file: &str, here: &Path) -> Option<String> {
        let path = folder.join(file);
        if !path.is_file() {
            return None;
        }
        let path = without_dots(&path);
        // Readers of reports want names from where the command runs, else from where cargo runs rustc.
        let below = [here, &self.root].into_iter().find_map(|from| {
            let is_from = from == self.root || self.root.starts_with(from);
            path.strip_prefix(from).ok().filter(|_| is_from)
        });
        below.unwrap_or(&path).to_str().map(str::to_owned)
    }
}

/// Whether the name of a record's file counts from a folder.
fn is_relative(record: &Record) -> bool {
    let file = record.origin().file;
    !file.is_empty() && !Path::new(file).has_root() && !file.contains(':')
}

/// An origin with another file.
fn with_file(origin: &str, file: &str) -> String {
    let mut fields: Vec<&str> = origin.split(ORIGIN_SEPARATOR).collect();
    if let Some(field) = fields.get_mut(2) {
        *field = file;
    }
    fields.join(&ORIGIN_SEPARATOR.to_string())
}

/// A path without `.` and `..`, as reports of code scanning want it.
fn without_dots(path: &Path) -> PathBuf {
    let mut short = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                short.pop();
            }
            other => short.push(other),
        }
    }
    short
}

/// Calls the records' files from a folder on in whose workspace their packages may be.
pub fn call_from(folder: &Path, inventories: &mut [Inventory]) {
    let mut records = inventories.iter().flat_map(|inventory| &inventory.records);
    if records.any(|record| is_relative(record) && !record.origin().package.is_empty())
        && let Some(homes) = manifests::homes(folder)
    {
        homes.call(inventories);
    }
}
