//! One start of all ranks: mpirun in, what the ranks and the file server said out.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::Place;
use super::tree::Form;
use crate::run;
use crate::slow_files::Server;

/// What is started.
pub struct Launch<'a> {
    /// The application, see `tree.rs`.
    pub tree: &'a Path,
    /// In which form.
    pub form: Form,
    /// Seen through which file system.
    pub place: Place,
    /// How often at once.
    pub ranks: usize,
    /// How many extensions each rank has to end up with.
    pub modules: usize,
}

/// What came out.
pub struct Run {
    /// Seconds of the slowest rank.
    pub slowest: f64,
    /// Mean CPU seconds of a rank.
    pub cpu: f64,
    /// Requests that reached the server, by kind.
    pub kinds: Vec<(String, u64)>,
}

impl Run {
    /// All kinds.
    pub fn requests(&self) -> u64 {
        self.kinds.iter().map(|(_, count)| count).sum()
    }
}

impl Launch<'_> {
    /// Starts all ranks and waits for them.
    ///
    /// # Errors
    /// A rank fails, or does not have all extensions in the end.
    pub fn run(&self) -> Result<Run> {
        if self.place == Place::Local {
            return self.ranks_in(self.tree);
        }
        let mut server = Server::start(self.tree, &self.tree.with_extension("mounted"))?;
        let said = self.ranks_in(server.mountpoint());
        let kinds = server.counts();
        // Unmounted whatever happened.
        server.stop()?;
        Ok(Run { kinds: kinds?, ..said? })
    }

    fn ranks_in(&self, tree: &Path) -> Result<Run> {
        let [program, folder, home] = self.form.places();
        let mut mpirun = Command::new("mpirun");
        mpirun.args(["--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n"]);
        mpirun.arg(self.ranks.to_string()).arg("--wdir").arg(tree.join(folder));
        mpirun.arg(tree.join(program)).args(["-m", "rank"]);
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PYTHON")) {
            mpirun.env_remove(name);
        }
        if !home.is_empty() {
            mpirun.env("PYTHONHOME", tree.join(home));
        }
        let said = run::output(&mut mpirun)?;
        let ranks: Vec<Rank> = said.lines().filter_map(Rank::parse).collect();
        ensure!(ranks.len() == self.ranks, "{} of {} ranks answered: {said}", ranks.len(), self.ranks);
        let complete = ranks.iter().all(|rank| rank.native == self.modules);
        ensure!(complete, "a rank lacks some of {} extensions: {said}", self.modules);
        Ok(Run {
            slowest: ranks.iter().map(|rank| rank.seconds).fold(0.0, f64::max),
            cpu: ranks.iter().map(|rank| rank.cpu).sum::<f64>() / ranks.len() as f64,
            kinds: Vec::new(),
        })
    }
}

/// A line of `rank.py`.
struct Rank {
    seconds: f64,
    cpu: f64,
    native: usize,
}

impl Rank {
    fn parse(line: &str) -> Option<Rank> {
        let words: Vec<&str> = line.split(' ').collect();
        let ["rank", _, seconds, cpu, native, _] = words.as_slice() else { return None };
        Some(Rank { seconds: seconds.parse().ok()?, cpu: cpu.parse().ok()?, native: native.parse().ok()? })
    }
}
