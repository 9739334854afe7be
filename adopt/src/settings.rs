//! The folder of an application in, what its `pyproject.toml` and `linktab.toml` say of how it is built out.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Error;
use crate::project::Project;
use crate::toml_file;

/// The table `[build]` of a `linktab.toml`, whose other tables are for `linktab check`. Paths are relative to it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The CPython, as `--python` takes it.
    pub python: Option<PathBuf>,
    /// What the file runs, `package.module:function`.
    pub entry: Option<String>,
    /// Which of the project's scripts the file is.
    pub script: Option<String>,
    /// Modules that are to stay files.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Projects whose wheels are packed as they are.
    #[serde(default)]
    pub pack: Vec<String>,
    /// The file to write.
    pub output: Option<PathBuf>,
    /// Whether what is packed is deflated.
    #[serde(default)]
    pub compress: bool,
    /// Whether what debuggers read is left out.
    #[serde(default)]
    pub strip: bool,
    /// Whether libraries of this machine that shared extensions need are packed.
    #[serde(default, rename = "include-libs")]
    pub include_libs: bool,
    /// Packages that read their own code as files.
    #[serde(default)]
    pub unpack: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    build: Option<Settings>,
}

impl Settings {
    /// Those of a folder; without a file, none.
    ///
    /// # Errors
    /// It cannot be read, or says something else.
    pub fn read(folder: &Path) -> Result<Settings, Error> {
        let path = folder.join("linktab.toml");
        if !path.is_file() {
            return Ok(Settings::default());
        }
        let mut settings = toml_file::read::<File>(&path)?.build.unwrap_or_default();
        let is_path = |path: &&mut PathBuf| path.components().count() > 1;
        for path in settings.python.iter_mut().filter(is_path).chain(settings.output.iter_mut()) {
            *path = folder.join(&*path);
        }
        Ok(settings)
    }
}

/// What an application is called, and the function that it runs.
#[derive(Debug)]
pub struct Entry {
    pub name: String,
    /// `package.module:function`
    pub function: String,
}

/// Of what is asked for, the settings and the project, in this order.
///
/// # Errors
/// Nobody says, or several are meant.
pub fn entry(
    asked: Option<&str>,
    script: Option<&str>,
    settings: &Settings,
    project: Option<&Project>,
) -> Result<Entry, Error> {
    let name = project.map(|project| project.name.clone()).filter(|name| !name.is_empty());
    if let Some(function) = asked.or(settings.entry.as_deref().filter(|_| script.is_none())) {
        let package = function.split(['.', ':']).next().unwrap_or_default();
        return Ok(Entry { name: name.unwrap_or_else(|| package.to_owned()), function: function.to_owned() });
    }
    let scripts = project.into_iter().flat_map(|project| project.scripts.iter().chain(&project.gui_scripts));
    let scripts: Vec<(&String, &String)> = scripts.collect();
    let names = || scripts.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let wanted = script.or(settings.script.as_deref());
    let found = match (wanted, scripts.as_slice()) {
        (Some(wanted), all) => all.iter().find(|(name, _)| *name == wanted),
        (None, [only]) => Some(only),
        (None, all) => all.iter().find(|(script, _)| Some(*script) == name.as_ref()),
    };
    let (name, function) = found.ok_or_else(|| match (wanted, scripts.is_empty()) {
        (_, true) => Error::new(
            "expected `--entry package.module:function`, or a script in `[project.scripts]`: found neither",
        ),
        (Some(wanted), _) => {
            Error::new(format!("expected one of {} for the script, found `{wanted}`", names()))
        }
        (None, _) => Error::new(format!("several scripts, {}: `--script NAME` says which", names())),
    })?;
    // Behind it extras may stand ("Entry points specification").
    let function = function.split('[').next().unwrap_or_default().trim().to_owned();
    Ok(Entry { name: (*name).clone(), function })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Settings, entry};
    use crate::project::{dependencies, read};

    #[test]
    fn pip_reads_of_a_place_before_it_reads_of_versions() {
        let folder = std::env::temp_dir().join(format!("linktab-{}-places", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        let text = "[project]\ndependencies = ['b', 'a>=1']\n[tool.uv.sources]\na = { url = 'https://example.org/a.whl' }\n";
        fs::write(folder.join("pyproject.toml"), text).expect("a file can be written");
        let found = dependencies(&folder).expect("it can be read");
        fs::remove_dir_all(&folder).expect("it can be removed");
        assert_eq!(found, ["a @ https://example.org/a.whl", "b", "a>=1"]);
    }

    #[test]
    fn what_pip_could_build_is_a_project_also_where_its_build_system_describes_it() {
        let folder = std::env::temp_dir().join(format!("linktab-{}-shapes", std::process::id()));
        let shapes = [
            ("nothing", None, false),
            ("other-tools", Some("[tool.ruff]\nline-length = 90\n"), false),
            ("described-in-python", None, true),
            ("described-with-other-tools", Some("[tool.ruff]\n"), true),
            ("of-a-build-system", Some("[build-system]\nrequires = []\n[tool.poetry]\nname = 'a'\n"), false),
            ("without-build-system", Some("[project]\nname = 'a'\n"), false),
            (
                "with-windows",
                Some("[project]\nname = 'a'\n[project.gui-scripts]\na-window = 'a.window:main [gui]'\n"),
                false,
            ),
        ];
        let said = shapes.map(|(name, text, has_setup)| {
            let folder = folder.join(name);
            fs::create_dir_all(&folder).expect("a folder can be made");
            let write =
                |file: &str, text: &str| fs::write(folder.join(file), text).expect("a file can be written");
            text.into_iter().for_each(|text| write("pyproject.toml", text));
            has_setup.then(|| write("setup.py", ""));
            let project = read(&folder).expect("it can be read");
            let runs = |asked| match entry(asked, None, &Settings::default(), project.as_ref()) {
                Ok(entry) => format!("{} runs {}", entry.name, entry.function),
                Err(error) => error.to_string(),
            };
            let kind = if project.is_some() { "a project" } else { "none" };
            format!("{name}: {kind}\n  {}\n  {}", runs(None), runs(Some("tool.cli:main")))
        });
        fs::remove_dir_all(&folder).expect("it can be removed");
        insta::assert_snapshot!(said.join("\n"));
    }
}
