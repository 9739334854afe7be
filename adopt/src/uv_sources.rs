//! A project's folder in, the places out from which uv would take what it depends on (uv, "Managing dependencies", "Dependency
//! sources"): as requirements with a place, beside which pip takes no release of that name from an index.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};

use toml::{Table, Value};

use crate::error::Error;
use crate::toml_file;
use crate::wheel::{canonical, project};

/// The file's name.
const FILE: &str = "pyproject.toml";

/// What a project depends on that has a place, and what that depends on in turn.
///
/// # Errors
/// A file cannot be read, or names a place that pip cannot be told.
pub fn placed(folder: &Path) -> Result<Vec<String>, Error> {
    let (mut found, mut seen, mut open) = (Vec::new(), BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        let path = folder.join(FILE);
        if !path.is_file() || !seen.insert(folder.clone()) {
            continue;
        }
        let file: Table = toml_file::read(&path)?;
        let sources = inside(&file, &["tool", "uv", "sources"]).and_then(Value::as_table);
        for requirement in texts(inside(&file, &["project", "dependencies"])) {
            let name = project(requirement);
            // By names of projects; for several kinds of machines there may be a list.
            let mut named = sources.into_iter().flatten();
            let Some((_, value)) = named.find(|(of, _)| canonical(of) == canonical(name)) else { continue };
            let unknown = |advice: &str| {
                Error::new(format!(
                    "{}: `{name}` in `[tool.uv.sources]`: expected `path`, `workspace`, `git` or `url`, which pip can be \
                     told of one package, found `{value}`{advice}",
                    path.display()
                ))
            };
            let sources = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for source in sources {
                let source = Source(source.as_table().ok_or_else(|| unknown(""))?);
                let place = match source.folder(name, &folder)? {
                    Some(place) => {
                        open.push(place.clone());
                        format!("file://{}", place.display().to_string().replace(' ', "%20"))
                    }
                    None if source.text("index").is_some() && is_told() => continue,
                    None => source.url().ok_or_else(|| {
                        unknown(": give it that index for all of them by PIP_EXTRA_INDEX_URL")
                    })?,
                };
                found.push(at(requirement, &place, source.text("marker")));
            }
        }
    }
    found.dedup();
    Ok(found)
}

/// Whether pip knows more indexes than the usual one.
fn is_told() -> bool {
    ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"].iter().any(|name| env::var_os(name).is_some())
}

/// A requirement with a place instead of versions, for machines of one more kind (PEP 508).
fn at(requirement: &str, place: &str, more: Option<&str>) -> String {
    let (wanted, marker) = requirement.split_once(';').unwrap_or((requirement, ""));
    let markers = [marker.trim(), more.unwrap_or_default()].into_iter().filter(|marker| !marker.is_empty());
    let markers: Vec<String> = markers.map(|marker| format!("({marker})")).collect();
    let marker = if markers.is_empty() { String::new() } else { format!(" ; {}", markers.join(" and ")) };
    let extras = wanted.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let extras = extras.map(|(extras, _)| format!("[{extras}]")).unwrap_or_default();
    format!("{}{extras} @ {place}{marker}", project(wanted))
}

/// What a file has at the end of a path of tables.
fn inside<'a>(file: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (last, tables) = path.split_last()?;
    tables.iter().try_fold(file, |table, key| table.get(*key)?.as_table())?.get(*last)
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// One of uv's.
struct Source<'a>(&'a Table);

impl<'a> Source<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.0.get(key)?.as_str()
    }

    /// The folder or file, where it is one of this machine.
    fn folder(&self, name: &str, project: &Path) -> Result<Option<PathBuf>, Error> {
        if self.0.get("workspace").and_then(Value::as_bool) == Some(true) {
            let missing = || {
                Error::new(format!(
                    "{}: expected a workspace of uv around it with a member `{name}`, found none",
                    project.display()
                ))
            };
            return member(name, project)?.ok_or_else(missing).map(Some);
        }
        let Some(path) = self.text("path") else { return Ok(None) };
        let path = project.join(path);
        path.canonicalize().map(Some).map_err(|error| Error::at(&path, "find", error))
    }

    /// As pip takes it ("VCS Support").
    fn url(&self) -> Option<String> {
        let (url, state) = match self.text("git") {
            Some(git) => {
                let state = ["rev", "tag", "branch"].into_iter().find_map(|key| self.text(key));
                (format!("git+{git}"), state.map(|state| format!("@{state}")).unwrap_or_default())
            }
            None => (self.text("url")?.to_owned(), String::new()),
        };
        let below = self.text("subdirectory").map(|folder| format!("#subdirectory={folder}"));
        Some(format!("{url}{state}{}", below.unwrap_or_default()))
    }
}

/// The folder of a member of the workspace that is around a project.
fn member(name: &str, project: &Path) -> Result<Option<PathBuf>, Error> {
    for root in project.ancestors() {
        let path = root.join(FILE);
        if !path.is_file() {
            continue;
        }
        let file: Table = toml_file::read(&path)?;
        if inside(&file, &["tool", "uv", "workspace"]).is_none() {
            continue;
        }
        let members = texts(inside(&file, &["tool", "uv", "workspace", "members"]));
        let members = members.flat_map(|pattern| matching(root, Path::new(pattern)));
        for folder in members.chain([root.to_owned()]) {
            let path = folder.join(FILE);
            if !path.is_file() {
                continue;
            }
            let file: Table = toml_file::read(&path)?;
            let found = inside(&file, &["project", "name"]).and_then(Value::as_str);
            if found.is_some_and(|found| canonical(found) == canonical(name)) {
                return folder.canonicalize().map(Some).map_err(|error| Error::at(&folder, "find", error));
            }
        }
        return Ok(None);
    }
    Ok(None)
}

/// The folders of a pattern, in which a part is a name or has one `*`.
fn matching(root: &Path, pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![root.to_owned()];
    for part in pattern.components() {
        let Component::Normal(part) = part else { continue };
        let part = part.to_string_lossy();
        let Some((before, behind)) = part.split_once('*') else {
            found = found.into_iter().map(|folder| folder.join(&*part)).collect();
            continue;
        };
        let entries = found.iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
        let fits = |name: &str| {
            name.len() >= before.len() + behind.len() && name.starts_with(before) && name.ends_with(behind)
        };
        let fits = entries.filter(|entry| fits(&entry.file_name().to_string_lossy()));
        let mut all: Vec<PathBuf> = fits.map(|entry| entry.path()).collect();
        all.sort();
        found = all;
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::placed;

    /// A folder of its own with these files below it.
    fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("linktab-{}-{name}", std::process::id()));
        for (file, text) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("it has one")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
        folder.canonicalize().expect("it is there")
    }

    fn said(folder: &Path, project: &str) -> String {
        let said = match placed(&folder.join(project)) {
            Ok(all) => all.join("\n"),
            Err(error) => error.to_string(),
        };
        said.replace(&folder.display().to_string(), "<folder>")
    }

    #[test]
    fn what_uv_takes_from_a_place_pip_is_told_to_take_from_there() {
        let app = r#"
    [project]
    name = "app"
    dependencies = ["jinja2", "Acme.Lib[fast]>=1 ; python_version>'3'", "beside", "of-git", "of-url", "unnamed", "by-kind >=2 ; python_version>'3'"]
    [tool.uv.sources]
    acme-lib = { workspace = true }
    beside = { path = "../../be side", editable = true }
    of-git = { git = "https://example.org/a", tag = "v1", subdirectory = "python" }
    of-url = { url = "https://example.org/b.tar.gz" }
    other = { workspace = true }
    by-kind = [{ path = "../../core-1.whl", marker = "os_name == 'nt'" }, { url = "https://example.org/c.whl", marker = "os_name != 'nt'" }]
    "#;
        let library = "[project]\nname = 'acme_lib'\ndependencies = ['core']\n[tool.uv.sources]\ncore = { workspace = true }\n";
        let files = [
            ("pyproject.toml", "[tool.uv.workspace]\nmembers = ['packages/*', 'apps/app']\n"),
            ("apps/app/pyproject.toml", app),
            ("packages/lib/pyproject.toml", library),
            ("packages/core/pyproject.toml", "[project]\nname = 'core'\n"),
            ("core-1.whl", ""),
            ("be side/pyproject.toml", "[project]\nname = 'beside'\n"),
        ];
        let folder = folder("uv-workspace", &files);
        insta::assert_snapshot!(said(&folder, "apps/app"));
        fs::remove_dir_all(folder).expect("it can be removed");
    }

    #[test]
    fn a_place_that_pip_cannot_be_told_is_named_before_anything_is_built() {
        let of = |source: &str| format!("[project]\ndependencies = ['a']\n[tool.uv.sources]\na = {source}\n");
        let files = [
            ("index/pyproject.toml", &*of("{ index = 'own' }")),
            ("list/pyproject.toml", &of("[{ path = '.' }, { index = 'own' }]")),
            ("alone/pyproject.toml", &of("{ workspace = true }")),
            ("gone/pyproject.toml", &of("{ path = '../nowhere' }")),
        ];
        let folder = folder("uv-unknown", &files);
        let all = ["index", "list", "alone", "gone"].map(|project| said(&folder, project));
        insta::assert_snapshot!(all.join("\n"));
        fs::remove_dir_all(folder).expect("it can be removed");
    }
}
