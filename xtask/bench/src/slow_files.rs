//! The file system that is slow on purpose (`tests/slow-files`): a folder in, a mount point and counts of requests out.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// The server, until it is stopped.
pub struct Server {
    process: Child,
    answers: BufReader<ChildStdout>,
    mountpoint: PathBuf,
    /// That were asked for between the last two counts.
    pub bytes: u64,
}

impl Server {
    /// Shows a folder at a mount point, which is made.
    ///
    /// # Errors
    /// There is no FUSE, or the variable with the program is not set.
    pub fn start(tree: &Path, mountpoint: &Path) -> Result<Server> {
        let program = env::var_os("LINKTAB_SLOW_FILES").context("LINKTAB_SLOW_FILES is not set")?;
        fs::create_dir_all(mountpoint)?;
        let mut command = Command::new(program);
        command.arg(tree).arg(mountpoint).args(["--latency-us", "1000", "--cache-ms", "1000"]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut answers = BufReader::new(process.stdout.take().context("the pipe was asked for")?);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        ensure!(line == "mounted\n", "slow-files cannot mount: it says why above");
        Ok(Server { process, answers, mountpoint: mountpoint.to_owned(), bytes: 0 })
    }

    /// Where the folder is shown.
    pub fn mountpoint(&self) -> &Path {
        &self.mountpoint
    }

    /// Requests since the start, by kind.
    ///
    /// # Errors
    /// The server has ended.
    pub fn counts(&mut self) -> Result<Vec<(String, u64)>> {
        let input = self.process.stdin.as_mut().context("the pipe was asked for")?;
        input.write_all(b"counts\n")?;
        self.bytes = 0;
        let mut counts = Vec::new();
        loop {
            let mut line = String::new();
            ensure!(self.answers.read_line(&mut line)? > 0, "slow-files has ended");
            let Some((kind, count)) = line.trim().split_once(' ') else { return Ok(counts) };
            match kind {
                "bytes" => self.bytes = count.parse()?,
                _ => counts.push((kind.to_owned(), count.parse()?)),
            }
        }
    }

    /// Unmounts.
    ///
    /// # Errors
    /// The server fails.
    pub fn stop(mut self) -> Result<()> {
        drop(self.process.stdin.take());
        let status = self.process.wait()?;
        ensure!(status.success(), "slow-files ended with {status}");
        Ok(())
    }
}
