//! Projects of people's own: outside of this workspace, with the dependencies that they name and no variable of ours.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::verify::{cargo_command, command};
use crate::{fixture, target_dir, transcript};

/// A folder that a test made and removes.
#[derive(Debug)]
pub struct Project {
    /// Where it is.
    pub folder: PathBuf,
    target: PathBuf,
    /// A folder in another project's goes when that goes.
    is_own: bool,
}

impl Project {
    /// Copies `tests/fixtures/project/<fixture>`; the name is the test's own.
    ///
    /// # Panics
    ///
    /// When a file cannot be read or written.
    #[must_use]
    pub fn of_fixture(name: &str, fixture_name: &str) -> Project {
        let project = Project::empty(name, fixture_name);
        copy(&fixture("project").join(fixture_name), &project.folder);
        project.write("Cargo.lock", &tested_versions());
        project
    }

    /// An empty folder. Projects of one kind share what cargo builds: one after the other.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    #[must_use]
    pub fn empty(name: &str, kind: &str) -> Project {
        let folder = env::temp_dir().canonicalize().expect("there is a folder for temporary files");
        let folder = folder.join(format!("linktab-project-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        Project { folder, target: target_dir("project").join(kind), is_own: true }
    }

    /// One in a folder of it.
    #[must_use]
    pub fn below(&self, folder: &str) -> Project {
        Project { folder: self.folder.join(folder), target: self.target.clone(), is_own: false }
    }

    /// Writes a file of it.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// Reads a file of it; nothing where there is none.
    #[must_use]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap_or_default()
    }

    /// The command `linktab`, started in it.
    #[must_use]
    pub fn linktab(&self, arguments: &[&str]) -> Command {
        self.command(&command(), arguments)
    }

    /// cargo, started in it.
    #[must_use]
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = self.command(Path::new(env!("CARGO")), arguments);
        cargo.env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    /// The same, with a Python that has Cython, pybind11 and nanobind.
    #[must_use]
    pub fn tooled(&self, arguments: &[&str]) -> Command {
        let mut cargo = self.cargo(arguments);
        cargo.envs(tools());
        cargo
    }

    /// The command `cargo linktab`, started in it, with such a Python too.
    #[must_use]
    pub fn cargo_linktab(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(&cargo_command(), &["linktab"]);
        command.args(arguments).env("CARGO_TARGET_DIR", &self.target).env("CARGO_TERM_QUIET", "true");
        command.envs(tools());
        command
    }

    /// What cargo built there.
    #[must_use]
    pub fn target(&self, path: &str) -> PathBuf {
        self.target.join(path)
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder);
        // Who works there set none of these.
        let ours = ["PYO3_", "LINKTAB_", "PYTHON", "CARGO_", "RUSTFLAGS"];
        for (key, _) in env::vars() {
            if ours.iter().any(|start| key.starts_with(start)) && key != "CARGO_HOME" {
                command.env_remove(key);
            }
        }
        command.env("XDG_CACHE_HOME", self.folder.join("caches"));
        command
    }

    /// All that a command says, with the folders by their names.
    #[must_use]
    pub fn said(&self, command: &mut Command) -> String {
        self.named(&transcript(command, ""))
    }

    /// The folders by their names.
    #[must_use]
    pub fn named(&self, text: &str) -> String {
        text.replace(&self.folder.display().to_string(), "<project>")
            .replace(&workspace().display().to_string(), "<workspace>")
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if self.is_own {
            // What stays lies among temporary files.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// A lock file with the versions that this workspace has been tested with, which are on this machine already.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn tested_versions() -> String {
    fs::read_to_string(workspace().join("Cargo.lock")).expect("the workspace has a lock file")
}

/// This checkout, which projects depend on.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace")
}

fn tools() -> Option<(&'static str, OsString)> {
    env::var_os("LINKTAB_TOOLS_PYTHON").map(|python| ("LINKTAB_TOOLS_PYTHON", python))
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("it is a folder").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            fs::create_dir_all(&to).expect("a folder can be made");
            copy(&path, &to);
        } else {
            let text = fs::read_to_string(&path).expect("it is text");
            let text = text.replace("<workspace>", &workspace().display().to_string());
            fs::write(&to, text).expect("a file can be written");
        }
    }
}
