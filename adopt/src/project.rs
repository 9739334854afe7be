//! A project's folder in, what its `pyproject.toml` says of it out.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::Error;
use crate::toml_file;
use crate::uv_sources;

/// The file's name.
pub const FILE: &str = "pyproject.toml";

/// "pyproject.toml specification", the table `[project]`.
#[derive(Debug, Default, Deserialize)]
pub struct Project {
    #[serde(default)]
    pub name: String,
    /// Names of commands, and what they call.
    #[serde(default)]
    pub scripts: BTreeMap<String, String>,
    /// The same of those that open no terminal where that makes a difference.
    #[serde(default, rename = "gui-scripts")]
    pub gui_scripts: BTreeMap<String, String>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    dynamic: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    project: Option<Project>,
    #[serde(rename = "build-system")]
    build_system: Option<IgnoredAny>,
}

/// What is said of the project of a folder, if pip could build one there: of one that a `setup.py` describes or a table of
/// its build system's own, nothing. A file for other tools alone makes no project.
///
/// # Errors
/// Its file cannot be read.
pub fn read(folder: &Path) -> Result<Option<Project>, Error> {
    let path = folder.join(FILE);
    let described = folder.join("setup.py").is_file().then(Project::default);
    if !path.is_file() {
        return Ok(described);
    }
    let file: File = toml_file::read(&path)?;
    Ok(file.project.or(file.build_system.map(|_| Project::default())).or(described))
}

/// What a project depends on, in places where uv takes it from one; the project itself is not among it.
///
/// # Errors
/// There is no such file or table, or the project's build makes the list.
pub fn dependencies(folder: &Path) -> Result<Vec<String>, Error> {
    let path = folder.join(FILE);
    let missing = || Error::new(format!("{}: expected a table `[project]`, found none", path.display()));
    let project = toml_file::read::<File>(&path)?.project.ok_or_else(missing)?;
    if project.dynamic.iter().any(|field| field == "dependencies") {
        return Err(Error::new(format!(
            "{}: expected a list of dependencies, found that its build makes one: name the folder as a requirement, \
             which builds it",
            path.display()
        )));
    }
    // In this order: of a name that came without a place, pip has looked for releases before it reads of one.
    let placed = uv_sources::placed(folder)?;
    Ok(placed.into_iter().chain(project.dependencies).collect())
}
