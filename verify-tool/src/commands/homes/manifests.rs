//! A folder in, the packages of the workspace around it out, by their manifests alone: neither cargo nor
//! anything of the workspace's is run. What is no manifest is passed over, for nobody asked to read it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::super::files;
use super::Homes;
use crate::Limits;

const MANIFEST: &str = "Cargo.toml";

/// Manifests that are read.
const MOST: usize = 10_000;

/// The tables of dependencies, of which those in the workspace's folder are members of it (cargo
/// reference, "Workspaces", `members`).
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// The packages of the workspace that a folder is in.
pub fn homes(folder: &Path) -> Option<Homes> {
    let folder = folder.canonicalize().ok()?;
    let manifests: Vec<(&Path, Table)> =
        folder.ancestors().filter_map(|folder| Some((folder, read(folder)?))).collect();
    let workspace = manifests.iter().find(|(_, manifest)| manifest.contains_key("workspace"));
    let (root, manifest) = workspace.or(manifests.first())?;
    let shared = manifest.get("workspace").and_then(Value::as_table);
    let version = shared.and_then(|table| text(table.get("package")?.as_table()?, "version"));
    let mut homes = Homes::new(root);
    let mut open: Vec<PathBuf> = vec![(*root).to_owned()];
    let members = shared.and_then(|table| table.get("members")).and_then(Value::as_array);
    for member in members.into_iter().flatten().filter_map(Value::as_str) {
        open.extend(matching(root, member));
    }
    open.extend(shared.into_iter().flat_map(|table| paths(table, root)));
    let mut seen = BTreeSet::new();
    while let Some(folder) = open.pop() {
        let Ok(folder) = folder.canonicalize() else { continue };
        if seen.len() >= MOST || !seen.insert(folder.clone()) {
            continue;
        }
        let Some(manifest) = read(&folder) else { continue };
        if let Some(package) = manifest.get("package").and_then(Value::as_table)
            && let Some(name) = text(package, "name")
        {
            homes.add(name, text(package, "version").or(version).unwrap_or_default(), &folder);
        }
        open.extend(paths(&manifest, &folder));
        let targets = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
        open.extend(targets.filter_map(|(_, table)| table.as_table()).flat_map(|it| paths(it, &folder)));
    }
    Some(homes)
}

fn read(folder: &Path) -> Option<Table> {
    files::text(&folder.join(MANIFEST), Limits::default().config).ok()?.parse().ok()
}

fn text<'t>(table: &'t Table, key: &str) -> Option<&'t str> {
    table.get(key)?.as_str()
}

/// The folders of dependencies by path.
fn paths(table: &Table, folder: &Path) -> Vec<PathBuf> {
    let tables = DEPENDENCIES.iter().filter_map(|name| table.get(*name)?.as_table());
    let dependencies = tables.flatten().filter_map(|(_, it)| it.as_table());
    dependencies.filter_map(|it| text(it, "path")).map(|path| folder.join(path)).collect()
}

/// The folders that a member names, with `*` and `?` in its parts.
fn matching(root: &Path, member: &str) -> Vec<PathBuf> {
    let mut folders = vec![root.to_owned()];
    for part in member.split('/').filter(|part| !part.is_empty()) {
        if !part.contains(['*', '?']) {
            folders.iter_mut().for_each(|folder| folder.push(part));
            continue;
        }
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        let fits = |name: &std::ffi::OsStr| {
            name.to_str().is_some_and(|name| is_match(part.as_bytes(), name.as_bytes()))
        };
        folders = entries.filter(|it| fits(&it.file_name())).map(|it| it.path()).take(MOST).collect();
    }
    folders
}

/// Whether a name fits a pattern: `*` is anything, `?` one character.
fn is_match(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = name.get(from) {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at, from));
                at += 1;
            }
            (Some(wanted), _) if *wanted == b'?' || wanted == byte => (at, from) = (at + 1, from + 1),
            (_, Some((before, start))) => {
                star = Some((before, start + 1));
                (at, from) = (before + 1, start + 1);
            }
            _ => return false,
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::is_match;

    #[test]
    fn members_are_matched_as_shells_do() {
        for (pattern, name, fits) in [
            ("ext-*", "ext-fast", true),
            ("*", "x", true),
            ("*-*st", "ext-fast", true),
            ("ext-?", "ext-ab", false),
            ("ext-?b", "ext-ab", true),
            ("a*b*c", "aXbXbYc", true),
            ("a*b", "aXbX", false),
        ] {
            assert_eq!(is_match(pattern.as_bytes(), name.as_bytes()), fits, "{pattern} {name}");
        }
    }
}
