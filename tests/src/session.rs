//! A page in, its commands run in an empty folder, one shell for all of them: whether each printed what is shown.
//!
//! A block below `<!-- run -->` has commands behind `$ `, and what they print. A line `...` stands for any lines, `…` for
//! anything in one. What a page's reader has, and nobody here: linktab among the crates that are published.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::projects::{tested_versions, workspace};
use crate::verify::{cargo_command, command};
use crate::{stock_python, target_dir};

/// Where a page is run.
#[derive(Debug)]
pub struct Session {
    folder: PathBuf,
    target: PathBuf,
}

/// Parts the output of one command from the next one's.
const MARK: &str = "\u{1}linktab\u{1}";

impl Session {
    /// An empty folder, of which cargo has heard where linktab is.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    #[must_use]
    pub fn new(name: &str) -> Session {
        let folder = std::env::temp_dir().canonicalize().expect("there is a folder for temporary files");
        let folder = folder.join(format!("linktab-page-{name}-{}", std::process::id()));
        let session = Session { folder, target: target_dir("pages").join(name) };
        for path in ["page", "bin", ".cargo"] {
            fs::create_dir_all(session.folder.join(path)).expect("a folder can be made");
        }
        let crates = [("linktab", "registry"), ("linktab-build", "build"), ("linktab-finder", "finder")];
        let patches = crates.map(|(name, folder)| format!("{name}.path = {:?}\n", workspace().join(folder)));
        let config = format!("[patch.crates-io]\n{}", patches.concat());
        fs::write(session.folder.join(".cargo/config.toml"), config).expect("it can be written");
        fs::write(session.folder.join("tested.lock"), tested_versions()).expect("it can be written");
        fs::create_dir_all(&session.target).expect("a folder can be made");
        // The versions that this workspace is tested with, which are on this machine; and what was built before.
        let cargo = format!(
            "#!/bin/sh\n[ ! -f Cargo.toml ] || [ -f Cargo.lock ] || cp '{}/tested.lock' Cargo.lock\n\
             [ ! -f Cargo.toml ] || [ -e target ] || ln -s '{}' target\nexec '{}' \"$@\"\n",
            session.folder.display(),
            session.target.display(),
            env!("CARGO")
        );
        let wrapper = session.folder.join("bin/cargo");
        fs::write(&wrapper, cargo).expect("it can be written");
        crate::run(Command::new("chmod").arg("755").arg(&wrapper));
        for program in [command(), cargo_command()] {
            let name = program.file_name().expect("a program has a name");
            std::os::unix::fs::symlink(&program, session.folder.join("bin").join(name)).expect("a link");
        }
        session
    }

    /// The folder that the commands are run in.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.join("page")
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
        let shown: Vec<(String, Vec<String>)> = blocks(&text).flat_map(steps).collect();
        assert!(shown.len() > 2, "{page} has commands");
        let script: String =
            shown.iter().map(|(command, _)| format!("{command}\nprintf '{MARK}'\n")).collect();
        let mut shell = Command::new("bash");
        shell.arg("-c").arg(format!("exec 2>&1\n{script}")).current_dir(self.folder.join("page"));
        for (key, _) in std::env::vars() {
            // Who reads it has set none of these.
            let ours = ["PYO3_", "LINKTAB_", "PYTHON", "CARGO_", "RUSTFLAGS"];
            if ours.iter().any(|start| key.starts_with(start)) && key != "CARGO_HOME" {
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
        shell.env("CARGO", self.folder.join("bin/cargo")).env("CARGO_NET_OFFLINE", "true");
        shell.envs(variables.iter().cloned());
        let output = shell.output().expect("bash starts");
        let printed = String::from_utf8_lossy(&output.stdout);
        let printed: Vec<&str> = printed.split(MARK).collect();
        for ((command, wanted), printed) in shown.iter().zip(&printed) {
            let lines: Vec<&str> = printed.lines().collect();
            let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
            assert!(
                fits(&wanted, &lines),
                "{page}: $ {command}\nexpected\n{}\nfound\n{printed}",
                wanted.join("\n")
            );
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What stays lies among temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The blocks of a page that are to be run.
fn blocks(page: &str) -> impl Iterator<Item = &str> {
    let marked = page.split("<!-- run -->\n```console\n").skip(1);
    marked.filter_map(|rest| rest.split_once("\n```").map(|(block, _)| block))
}

/// Its commands, each with what it prints.
fn steps(block: &str) -> Vec<(String, Vec<String>)> {
    let mut steps: Vec<(String, Vec<String>)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push((command.to_owned(), Vec::new())),
            (None, Some((_, output))) => output.push(line.to_owned()),
            (None, None) => panic!("a block begins with a command, and not with {line}"),
        }
    }
    steps
}

/// Whether lines are what is shown.
fn fits(wanted: &[&str], lines: &[&str]) -> bool {
    match wanted.split_first() {
        None => lines.is_empty(),
        Some((&"...", rest)) => (0..=lines.len()).any(|at| fits(rest, &lines[at..])),
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, others)| fits_line(first, line) && fits(rest, others))
        }
    }
}

fn fits_line(wanted: &str, line: &str) -> bool {
    let mut parts = wanted.split('…');
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        match rest.find(part) {
            Some(_) if is_last => return rest.ends_with(part),
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{fits, fits_line};

    #[test]
    fn what_is_left_open_may_be_anything_and_nothing_else_may() {
        assert!(fits(&["a", "...", "c"], &["a", "b", "b", "c"]) && fits(&["..."], &[]));
        assert!(!fits(&["a", "...", "c"], &["a", "b"]) && !fits(&[], &["a"]) && !fits(&["a"], &["a", "b"]));
        assert!(
            fits_line("a… c", "a b c")
                && fits_line("…c", "c")
                && !fits_line("a…c", "a b")
                && !fits_line("a", "ab")
        );
    }
}
