//! The shared objects of an archive in, which of them each leads to out: as `pack_links.py` decides when it packs them.

use std::collections::{BTreeMap, BTreeSet};

use crate::image::Loading;

/// Where libraries of the system are, with `--include-libs`.
const INCLUDED: &str = "_linktab_libs";

/// Shared objects by their paths in the archive.
#[derive(Default)]
pub struct Archive(BTreeMap<String, Loading>);

impl Archive {
    pub fn insert(&mut self, path: &str, loading: Loading) {
        self.0.insert(path.to_owned(), loading);
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &Loading)> {
        self.0.iter().map(|(path, loading)| (path.as_str(), loading))
    }

    /// For each file, the names that it asks for and where they are.
    pub fn found(&self) -> BTreeMap<&str, BTreeMap<&str, String>> {
        let mut found: BTreeMap<&str, BTreeMap<&str, String>> =
            self.files().map(|(path, loading)| (path, self.found_by(path, loading))).collect();
        // What only others of a wheel lead to: a library that they share need not say where another is.
        let mut inner: BTreeMap<(String, &str), String> = BTreeMap::new();
        for names in found.values() {
            for (name, path) in names {
                inner.insert((wheel(path).to_owned(), name), path.clone());
            }
        }
        let files: BTreeSet<String> = inner.values().cloned().collect();
        for (path, loading) in self.files().filter(|(path, _)| files.contains(*path)) {
            let Some(names) = found.get_mut(path) else { continue };
            for name in &loading.needed {
                if let Some(other) = inner.get(&(wheel(path).to_owned(), name)) {
                    names.entry(name).or_insert_with(|| other.clone());
                }
            }
        }
        found
    }

    fn found_by<'l>(&self, file: &str, loading: &'l Loading) -> BTreeMap<&'l str, String> {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let search = loading.search.iter().filter(|path| path.contains("ORIGIN"));
        let search = search.map(|path| path.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", folder));
        let mut folders: Vec<String> = search.map(|path| normal(&path)).collect();
        folders.extend([folder.to_owned(), INCLUDED.to_owned()]);
        let mut found = BTreeMap::new();
        for name in &loading.needed {
            let paths =
                folders.iter().filter(|folder| !folder.is_empty()).map(|folder| format!("{folder}/{name}"));
            if let Some(path) = paths.into_iter().find(|path| path != file && self.0.contains_key(path)) {
                found.insert(name.as_str(), path);
            }
        }
        found
    }
}

/// `numpy` of `numpy/_core/x.so` and of `numpy.libs/y.so`.
fn wheel(file: &str) -> &str {
    let top = file.split('/').next().unwrap_or(file);
    top.strip_suffix(".libs").unwrap_or(top)
}

/// A path in the archive without `.` and `..`; what leads out of it ends at its top.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
