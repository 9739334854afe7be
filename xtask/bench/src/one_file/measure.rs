//! What was built in, the time to its first output, what it opened and its memory out.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use super::tools::Built;
use crate::run;

/// One start of a program, in an environment of its own.
pub struct Start<'a> {
    built: &'a Built,
    home: &'a Path,
}

/// Prints the most memory, in KiB, that one process of a command had.
const MEMORY: &str = "
import os, resource, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0)])
status = os.waitpid(child, 0)[1]
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status != 0)
";

impl<'a> Start<'a> {
    /// With whatever earlier starts have left.
    pub fn warm(built: &'a Built, home: &'a Path) -> Self {
        Start { built, home }
    }

    /// As on a machine that has never seen it: its private folders are gone, and no file is in memory.
    ///
    /// # Errors
    /// The folders stay, or this is not root, whom alone the kernel lets drop its cache.
    pub fn cold(built: &'a Built, home: &'a Path) -> Result<Self> {
        if home.exists() {
            fs::remove_dir_all(home)?;
        }
        // Documentation/admin-guide/sysctl/vm.rst, `drop_caches`: 3 is files, folders and inodes.
        fs::write("/proc/sys/vm/drop_caches", "3").context("only root can drop the page cache")?;
        Ok(Start { built, home })
    }

    /// The program, behind other words, in its environment.
    ///
    /// # Errors
    /// Its home cannot be made.
    pub fn command(&self, before: &[&Path]) -> Result<Command> {
        fs::create_dir_all(self.home)?;
        let mut words =
            before.iter().map(|word| word.as_os_str()).chain(self.built.words.iter().map(AsRef::as_ref));
        let mut command = Command::new(words.next().context("a program has a name")?);
        command.args(words).env_clear().env("HOME", self.home).env("TMPDIR", self.home);
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LANG", "C.UTF-8").current_dir(self.home);
        Ok(command)
    }

    /// What it prints.
    ///
    /// # Errors
    /// It fails.
    pub fn said(&self) -> Result<String> {
        run::output(&mut self.command(&[])?)
    }

    /// Seconds to the first byte that it prints.
    ///
    /// # Errors
    /// It prints none, or fails.
    pub fn first_output(&self) -> Result<f64> {
        let mut command = self.command(&[])?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let began = Instant::now();
        let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut output = child.stdout.take().context("it was asked for")?;
        let read = output.read(&mut [0])?;
        let seconds = began.elapsed().as_secs_f64();
        output.read_to_end(&mut Vec::new())?;
        let status = child.wait()?;
        ensure!(read == 1 && status.success(), "{command:?}: {status}");
        Ok(seconds)
    }

    /// How many calls opened a file or a folder, in all its processes.
    ///
    /// # Errors
    /// As [`Start::calls`].
    pub fn opened(&self) -> Result<usize> {
        let calls = self.calls("open,openat,openat2")?;
        Ok(calls.lines().filter(|line| line.contains("open") && !line.contains(" = -1 ")).count())
    }

    /// Calls to the kernel of some kinds, a line for each, in all its processes.
    ///
    /// # Errors
    /// strace is not installed or not allowed, or the program fails.
    pub fn calls(&self, kinds: &str) -> Result<String> {
        let out = self.home.with_extension("strace");
        let trace = format!("trace={kinds}");
        let words = ["strace", "-f", "-qq", "-e", &trace, "-o"].map(Path::new);
        run::output(&mut self.command(&[&words[..], &[out.as_path()]].concat())?)?;
        fs::read_to_string(&out).context("strace left no file")
    }

    /// The most memory that one of its processes had, in bytes.
    ///
    /// # Errors
    /// The program fails.
    pub fn memory(&self, python: &Path) -> Result<u64> {
        let words = [python, Path::new("-ISc"), Path::new(MEMORY)];
        let said = run::output(&mut self.command(&words)?)?;
        Ok(said.trim().parse::<u64>().with_context(|| format!("{said:?}: expected a number"))? * 1024)
    }
}

/// So many quarters of the values are below: 2 for the median.
pub fn part(mut values: Vec<f64>, quarters: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() * quarters / 4).copied().unwrap_or_default()
}
