//! A project's folder in, what its `pyproject.toml` says of it out.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::Error;
use crate::toml_file;

/// The file's name.
pub const FILE: &str = "pyproject.toml";

/// "pyproject.toml specification", the table `[project]`.
#[derive(Debug, Deserialize)]
pub struct Project {
    #[serde(default)]
    pub name: String,
    /// Names of commands, and what they call.
    #[serde(default)]
    pub scripts: BTreeMap<String, String>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    dynamic: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    project: Option<Project>,
}

/// The table of a folder's file.
///
/// # Errors
/// There is no such file or table.
pub fn read(folder: &Path) -> Result<Project, Error> {
    let path = folder.join(FILE);
    let missing = || Error::new(format!("{}: expected a table `[project]`, found none", path.display()));
    toml_file::read::<File>(&path)?.project.ok_or_else(missing)
}

/// What a project depends on; the project itself is not among it.
///
/// # Errors
/// As for [`read`], or its build makes the list.
pub fn dependencies(folder: &Path) -> Result<Vec<String>, Error> {
    let project = read(folder)?;
    if project.dynamic.iter().any(|field| field == "dependencies") {
        return Err(Error::new(format!(
            "{}: expected a list of dependencies, found that its build makes one: name the folder as a requirement, \
             which builds it",
            folder.join(FILE).display()
        )));
    }
    Ok(project.dependencies)
}
