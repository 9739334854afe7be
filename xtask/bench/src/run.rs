//! Programs run to their end: their output, their instructions, their calls to the file system.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

/// What a peer is asked to do (`c/driver.c`).
#[derive(Clone, Copy)]
pub struct Action<'a> {
    /// The executable.
    pub program: &'a Path,
    /// How modules are registered: `none`, `append`, `extend`, `static`, `map`, `linktab`, `so`.
    pub how: &'a str,
    /// `start`, `import`, `preload`, `behind`, `floor`, `least`, `miss`, `optional`, `elsewhere`, `memory`.
    pub what: &'a str,
    /// So many modules are prepared.
    pub picked: usize,
    /// So many of them are used.
    pub count: usize,
}

impl Action<'_> {
    fn arguments(&self) -> [String; 4] {
        [self.how.to_owned(), self.what.to_owned(), self.picked.to_string(), self.count.to_string()]
    }

    fn command(&self, before: &[&str]) -> Command {
        let mut words = before.iter();
        let mut command = match words.next() {
            Some(tool) => Command::new(tool),
            None => Command::new(self.program),
        };
        command.args(words);
        if !before.is_empty() {
            command.arg(self.program);
        }
        command.args(self.arguments());
        command.env("BENCH_PYTHON", env::var_os("LINKTAB_PYTHON").unwrap_or_default());
        command.env("BENCH_HOME", env::var_os("LINKTAB_PYTHON_HOME").unwrap_or_default());
        // `PYTHONHASHSEED` and the like do not count: the driver's configuration is isolated.
        if let Some(root) = &*SHARED.lock().unwrap_or_else(PoisonError::into_inner) {
            command.env("BENCH_SO", root);
        }
        for name in ["PYTHONHOME", "PYTHONPATH", "LD_PRELOAD"] {
            command.env_remove(name);
        }
        command
    }

    /// Nanoseconds of CPU that the action took, as the peer says.
    ///
    /// # Errors
    /// It fails.
    pub fn cpu(&self) -> Result<f64> {
        let said = self.said()?;
        let number = said.lines().find_map(|line| line.strip_prefix("cpu ")?.parse().ok());
        number.with_context(|| format!("{} said `{said}`, expected `cpu N`", self.program.display()))
    }

    /// What the peer prints.
    ///
    /// # Errors
    /// It fails.
    pub fn said(&self) -> Result<String> {
        output(&mut self.command(&[]))
    }

    /// Instructions of the whole process, counted by callgrind: the same from run to run.
    ///
    /// # Errors
    /// valgrind is not installed, or the peer fails.
    pub fn instructions(&self) -> Result<f64> {
        self.instructions_in(&[])
    }

    /// Instructions in some of its functions and what they call, or in all of them.
    ///
    /// # Errors
    /// As [`Action::instructions`].
    pub fn instructions_in(&self, functions: &[&str]) -> Result<f64> {
        let key = (self.program.to_owned(), self.arguments(), functions.join(" "));
        let counted = || COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&(_, number)) = counted().iter().find(|(known, _)| *known == key) {
            return Ok(number);
        }
        let number = self.count_instructions(functions)?;
        counted().push((key, number));
        Ok(number)
    }

    fn count_instructions(&self, functions: &[&str]) -> Result<f64> {
        let toggles = functions.iter().map(|function| format!("--toggle-collect={function}"));
        count_instructions(&toggles.collect::<Vec<_>>(), |tool| {
            Ok(self.command(&tool.iter().map(String::as_str).collect::<Vec<_>>()))
        })
    }

    /// Calls that name or open files between the two marks of the driver.
    ///
    /// # Errors
    /// strace is not installed or not allowed, or the peer fails.
    pub fn file_calls(&self) -> Result<usize> {
        let out = output_file("strace");
        let trace = ["strace", "-f", "-e", "trace=%file,%desc", "-o", &out.display().to_string()];
        output(&mut self.command(&trace))?;
        let text = fs::read_to_string(&out).context("strace left no file")?;
        let _ = fs::remove_file(&out);
        let mut parts = text.split("linktab-bench-mark");
        let between = parts.nth(1).context("strace shows no mark")?;
        // The rest of the first mark's line and the beginning of the second's are no calls.
        Ok(between.lines().count().saturating_sub(2))
    }
}

/// Instructions of a command, which is made for the words of callgrind to put before it.
///
/// # Errors
/// valgrind is not installed, or the command fails.
pub fn count_instructions(
    options: &[String],
    command: impl FnOnce(&[String]) -> Result<Command>,
) -> Result<f64> {
    let out = output_file("callgrind");
    let mut tool = vec!["valgrind".to_owned(), "--tool=callgrind".to_owned()];
    tool.push(format!("--callgrind-out-file={}", out.display()));
    tool.extend_from_slice(options);
    let said = output_of_both(&mut command(&tool)?);
    let _ = fs::remove_file(&out);
    let said = said?;
    let number = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    number.with_context(|| format!("callgrind said `{said}`, expected `Collected : N`"))
}

/// Where the shared objects are, for every peer that is started from now on.
pub fn share(root: &Path) {
    *SHARED.lock().unwrap_or_else(PoisonError::into_inner) = Some(root.to_owned());
}

/// An executable, its arguments, and the functions that count.
type Key = (PathBuf, [String; 4], String);

/// What callgrind has counted already, which takes seconds each time.
static COUNTED: Mutex<Vec<(Key, f64)>> = Mutex::new(Vec::new());

static SHARED: Mutex<Option<PathBuf>> = Mutex::new(None);

fn output_file(tool: &str) -> PathBuf {
    env::temp_dir().join(format!("linktab-bench-{tool}-{}", std::process::id()))
}

/// What a command prints.
///
/// # Errors
/// It does not start, or fails.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{command:?}: {}\n{said}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(said)
}

/// What a command prints, on both streams.
///
/// # Errors
/// It does not start, or fails.
pub fn output_of_both(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let said = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said)).concat();
    if !output.status.success() {
        bail!("{command:?}: {}\n{said}", output.status);
    }
    Ok(said)
}

/// What Python says last is what it was.
pub fn last_line(text: &str) -> String {
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}
