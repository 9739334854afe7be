//! A page in, its commands run in an empty root, one shell for all of them: whether each printed what is shown.
//!
//! What a page's reader has, and nobody here: linktab among the crates that are published, and its command installed.

mod page;
mod script;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::maturin::maturin;
use crate::projects::{tested_versions, workspace};
use crate::roots::Root;
use crate::run;
use crate::verify::{cargo_command, command};
use page::Step;
use script::{faults, script};

/// A reader of pages: at home in a root, and in one folder of the home at a time.
#[derive(Debug)]
pub struct Session {
    /// The reader's home.
    folder: PathBuf,
    root: Root,
    /// Where the commands of a page are run, below the home.
    page: String,
}

/// What is never looked at is not compiled: lines for debuggers, and what only a second build of a crate would take.
const UNSEEN: [(&str, &str); 2] = [("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")];

impl Session {
    /// A home with the crates and the command of a release. None, and said, where this user may not make a root.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    #[must_use]
    pub fn new(name: &str) -> Option<Session> {
        let root = Root::new(name)?;
        let folder = home(name);
        publish(&folder, &root.publish(&folder));
        wrap_cargo(&folder);
        for program in [command(), cargo_command()] {
            let name = program.file_name().expect("a program has a name");
            // By another process: those that tests start meanwhile would hold ours open for writing.
            run(Command::new("cp").arg(&program).arg(folder.join("bin").join(name)));
        }
        Some(Session { folder, root, page: String::new() })
    }

    /// Goes on in an empty folder and in a root that has nothing installed, with the same home.
    ///
    /// # Panics
    ///
    /// When they cannot be made.
    pub fn begin(&mut self, page: &str) {
        page.clone_into(&mut self.page);
        fs::create_dir_all(self.folder.join(page)).expect("a folder can be made");
        self.root.empty();
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
        ("PIP_FIND_LINKS", Path::new(Root::HOME).join("wheels"))
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

    /// Runs the commands of a page, with variables: what was printed and is not shown.
    ///
    /// # Panics
    ///
    /// When there is no such page, or no command on it.
    #[must_use]
    pub fn run(&self, page: &str, variables: &[(&str, &str)]) -> Vec<String> {
        let text = fs::read_to_string(workspace().join(page)).expect("the page is there");
        let steps = page::steps(&text);
        assert!(steps.iter().any(|step| matches!(step, Step::Run { .. })), "{page} has commands");
        self.root.install(&page::packages(&text), &self.folder);
        let mut shell = self.shell();
        shell.arg("-c").arg(script(&steps)).envs(variables.iter().copied());
        let output = shell.output().expect("bash starts");
        let [printed, errors] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        faults(page, &steps, &printed, &errors)
    }

    /// Installs packages of the distribution.
    ///
    /// # Panics
    ///
    /// When `apt-get` does not.
    pub fn install(&self, packages: &[&str]) {
        self.root.install(packages, &self.folder);
    }

    /// The folder that commands are run in, as it is seen outside.
    #[must_use]
    pub fn place(&self) -> PathBuf {
        self.folder.join(&self.page)
    }

    /// A program of the root or the home, to be started there.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = self.root.command(program, &self.folder, &self.page);
        command.envs(UNSEEN);
        command
    }

    fn shell(&self) -> Command {
        self.command("bash")
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
    for path in ["bin", "target", ".cargo"] {
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

/// A cargo that takes the versions that this workspace is tested with, and builds all projects of the home into one folder.
fn wrap_cargo(home: &Path) {
    fs::write(home.join("tested.lock"), tested_versions()).expect("it can be written");
    let (seen, cargo) = (Root::HOME, Path::new(Root::RUST).join("bin/cargo"));
    let script = format!(
        "#!/bin/sh\nif [ -f Cargo.toml ]; then\n\
         [ -f Cargo.lock ] || cp {seen}/tested.lock Cargo.lock\n\
         [ -e target ] || ln -s {seen}/target target\nfi\n\
         exec {} \"$@\"\n",
        cargo.display()
    );
    let wrapper = home.join("bin/cargo");
    fs::write(&wrapper, script).expect("it can be written");
    run(Command::new("chmod").arg("755").arg(&wrapper));
}
