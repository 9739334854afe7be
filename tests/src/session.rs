//! A page in, its commands run in an empty folder, one shell for all of them: whether each printed what is shown.
//!
//! What a page's reader has, and nobody here: linktab among the crates that are published, and its command installed.

mod page;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::maturin::maturin;
use crate::projects::{tested_versions, workspace};
use crate::roots::Root;
use crate::verify::{cargo_command, command};
use crate::{run, stock_python, target_dir};
use page::Step;

/// Where a page is run.
#[derive(Debug)]
pub struct Session {
    /// The reader's home.
    folder: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// On this machine, with what is on it.
    Here,
    /// Where nothing is but what the page says.
    Root(Root),
}

/// Parts the output of one command from the next one's.
const MARK: &str = "\u{1}linktab\u{1}";

/// What variables of this machine begin with that who reads a page has set none of.
const OURS: [&str; 5] = ["PYO3_", "LINKTAB_", "PYTHON", "CARGO_", "RUSTFLAGS"];

impl Session {
    /// An empty folder on this machine. Sessions of one name share what cargo builds, one after the other.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    #[must_use]
    pub fn new(name: &str) -> Session {
        let folder = home(name);
        let target = target_dir("pages").join(name);
        fs::create_dir_all(&target).expect("a folder can be made");
        let crates = [("linktab", "registry"), ("linktab-build", "build"), ("linktab-finder", "finder")];
        publish(&folder, &crates.map(|(name, path)| (name.to_owned(), workspace().join(path))));
        // What was built before.
        let link = format!("[ ! -f Cargo.toml ] || [ -e target ] || ln -s '{}' target", target.display());
        wrap_cargo(&folder, &folder, Path::new(env!("CARGO")), &link);
        for program in [command(), cargo_command()] {
            let name = program.file_name().expect("a program has a name");
            std::os::unix::fs::symlink(&program, folder.join("bin").join(name)).expect("a link");
        }
        Session { folder, place: Place::Here }
    }

    /// A home in a root that has nothing but Rust, a C compiler and the command. None, and said, where this user may
    /// not make one.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    #[must_use]
    pub fn in_root(name: &str) -> Option<Session> {
        let root = Root::new(name)?;
        let folder = home(name);
        let crates = root.publish(&folder);
        publish(&folder, &crates);
        wrap_cargo(&folder, Path::new(Root::HOME), &Path::new(Root::RUST).join("bin/cargo"), "");
        for program in [command(), cargo_command()] {
            let name = program.file_name().expect("a program has a name");
            // By another process: those that tests start meanwhile would hold ours open for writing.
            run(Command::new("cp").arg(&program).arg(folder.join("bin").join(name)));
        }
        Some(Session { folder, place: Place::Root(root) })
    }

    /// The folder that the commands are run in.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.join("page")
    }

    /// Has pip find a wheel of the command, as of a release.
    ///
    /// # Panics
    ///
    /// When maturin makes none.
    pub fn release(&self) -> (&'static str, PathBuf) {
        let mut build = maturin();
        // As little optimised as the command that is there.
        build
            .args(["build", "--quiet", "--profile", "dev", "--compatibility", "linux"])
            .current_dir(workspace());
        run(build.arg("--out").arg(self.folder.join("wheels")));
        ("PIP_FIND_LINKS", self.home().join("wheels"))
    }

    /// The home, as it is seen by those who are in it.
    fn home(&self) -> PathBuf {
        match self.place {
            Place::Here => self.folder.clone(),
            Place::Root(_) => PathBuf::from(Root::HOME),
        }
    }

    /// Runs commands of which nothing is shown.
    ///
    /// # Panics
    ///
    /// When one fails.
    pub fn type_in(&self, commands: &[String], variables: &[(&str, PathBuf)]) {
        let mut shell = self.shell();
        let script = format!("set -ex\ncd demo\n{}", commands.join("\n"));
        run(shell.arg("-c").arg(script).envs(variables.iter().cloned()));
    }

    /// Runs the commands of a page.
    ///
    /// # Panics
    ///
    /// When one prints something else.
    pub fn run(&self, page: &str) {
        self.run_with(page, &[]);
    }

    /// The same, with variables.
    ///
    /// # Panics
    ///
    /// As [`Session::run`].
    pub fn run_with(&self, page: &str, variables: &[(&str, PathBuf)]) {
        let text = fs::read_to_string(workspace().join(page)).expect("the page is there");
        let steps = page::steps(&text);
        let shown: Vec<(&String, &Vec<String>)> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Run { command, shown } => Some((command, shown)),
                Step::Write { .. } => None,
            })
            .collect();
        assert!(!shown.is_empty(), "{page} has commands");
        let script: String = steps.iter().map(typed).collect();
        if let Place::Root(root) = &self.place {
            root.install(&page::packages(&text), &self.folder);
        }
        let mut shell = self.shell();
        shell.arg("-c").arg(format!("exec 2>&1\n{script}")).envs(variables.iter().cloned());
        let output = shell.output().expect("bash starts");
        let printed = String::from_utf8_lossy(&output.stdout);
        let printed: Vec<&str> = printed.split(MARK).collect();
        let mut faults = Vec::new();
        for (number, (command, shown)) in shown.iter().enumerate() {
            // The output, and the exit code behind it.
            let [text, code] = [2 * number, 2 * number + 1].map(|at| printed.get(at).copied());
            let (Some(text), Some(code)) = (text, code) else {
                let said = String::from_utf8_lossy(&output.stderr);
                faults.push(format!("$ {command}\nthe shell ended: {said}"));
                break;
            };
            faults.extend(page::fault(shown, text, code).map(|fault| format!("$ {command}\n{fault}")));
        }
        assert!(faults.is_empty(), "{page}: {}", faults.join("\n"));
    }

    fn shell(&self) -> Command {
        match &self.place {
            Place::Here => self.shell_here(),
            Place::Root(root) => root.command("bash", &self.folder),
        }
    }

    fn shell_here(&self) -> Command {
        let mut shell = Command::new("bash");
        shell.current_dir(self.folder());
        for (key, _) in std::env::vars() {
            if OURS.iter().any(|start| key.starts_with(start)) && key != "CARGO_HOME" {
                shell.env_remove(key);
            }
        }
        let python = stock_python();
        let first = [self.folder.join("bin"), python.parent().expect("it is in a folder").to_owned()];
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(first.into_iter().chain(std::env::split_paths(&path)));
        shell.env("PATH", path.expect("folders have no colon in their names"));
        shell.env("CARGO_TERM_COLOR", "never").env("HOME", &self.folder);
        shell.envs(std::env::var_os("CARGO_HOME").map(|home| ("CARGO_HOME", home)));
        shell.env("CARGO", self.folder.join("bin/cargo"));
        shell
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What stays lies among temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn home(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().canonicalize().expect("there is a folder for temporary files");
    let folder = folder.join(format!("linktab-page-{name}-{}", std::process::id()));
    for path in ["page", "bin", ".cargo"] {
        fs::create_dir_all(folder.join(path)).expect("a folder can be made");
    }
    folder
}

/// Tells the cargo of a home where the crates are that are published once.
fn publish(home: &Path, crates: &[(String, PathBuf)]) {
    let patches = crates.iter().map(|(name, folder)| format!("{name}.path = {folder:?}\n"));
    let config = format!("[patch.crates-io]\n{}", patches.collect::<String>());
    fs::write(home.join(".cargo/config.toml"), config).expect("it can be written");
}

/// A cargo that takes the versions that this workspace is tested with. `seen` is what the home is called there.
fn wrap_cargo(home: &Path, seen: &Path, cargo: &Path, first: &str) {
    fs::write(home.join("tested.lock"), tested_versions()).expect("it can be written");
    let script = format!(
        "#!/bin/sh\n[ ! -f Cargo.toml ] || [ -f Cargo.lock ] || cp '{}/tested.lock' Cargo.lock\n{first}\n\
         exec '{}' \"$@\"\n",
        seen.display(),
        cargo.display()
    );
    let wrapper = home.join("bin/cargo");
    fs::write(&wrapper, script).expect("it can be written");
    run(Command::new("chmod").arg("755").arg(&wrapper));
}

/// Ends a file in the script.
const END: &str = "__END_OF_FILE__";

/// What goes to the shell for a step; behind a command its exit code, between two marks.
fn typed(step: &Step) -> String {
    match step {
        Step::Run { command, .. } => format!("{command}\nprintf '{MARK}%s{MARK}' $?\n"),
        Step::Write { path, text } => {
            format!("mkdir -p \"$(dirname {path})\"\ncat > {path} <<'{END}'\n{text}{END}\n")
        }
    }
}
