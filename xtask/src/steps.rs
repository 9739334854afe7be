//! Steps of a long command, shown as they go: number, name, elapsed time; and why one failed.
//!
//! On a terminal the line of the running step is redrawn with the last words of the command under
//! way. Elsewhere a line says every while that it still runs.

use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read, Write as _};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use linktab_cpython::process;

/// How often a running step speaks where there is no terminal.
const PATIENCE: Duration = Duration::from_secs(15);

/// The steps of one command.
#[derive(Debug)]
pub struct Steps {
    total: usize,
    done: usize,
    verbose: bool,
    start: Instant,
}

/// The step that is running.
#[derive(Debug)]
pub struct Step {
    title: String,
    verbose: bool,
    last_words: Mutex<String>,
    over: AtomicBool,
}

/// Lets the ticker stop when the work is over, however it ended.
struct End<'a> {
    over: &'a AtomicBool,
    ticker: Thread,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.ticker.unpark();
    }
}

impl Steps {
    /// None done yet.
    pub fn new(total: usize, verbose: bool) -> Self {
        Self { total, done: 0, verbose, start: Instant::now() }
    }

    /// Runs one. `check` tells what to look at when it fails.
    ///
    /// # Errors
    /// The step's own, with `check` behind it.
    pub fn run<T>(&mut self, name: &str, check: &str, work: impl FnOnce(&Step) -> Result<T>) -> Result<T> {
        self.done += 1;
        let step = Step {
            title: format!("[{}/{}] {name}", self.done, self.total),
            verbose: self.verbose,
            last_words: Mutex::default(),
            over: AtomicBool::new(false),
        };
        let start = Instant::now();
        let outcome = thread::scope(|scope| {
            let ticker = scope.spawn(|| step.tick(start));
            // Even a panic ends it: the scope waits for the ticker.
            let _end = End { over: &step.over, ticker: ticker.thread().clone() };
            work(&step)
        });
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        eprintln!("{} … {verdict}, {:.1} s", step.title, start.elapsed().as_secs_f64());
        outcome.map_err(|error| anyhow!("{error:#}\n\nwhat to check: {check}"))
    }

    /// Since the first step.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Step {
    /// Runs `command` quietly, unless `--verbose`, and keeps what it says for the case that it fails.
    ///
    /// # Errors
    /// It does not start, or it fails: the message has the command and its last lines.
    pub fn command(&self, command: &mut Command) -> Result<()> {
        let line = process::line(command);
        if self.verbose {
            eprintln!("$ {line}");
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{line}`"))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let said = Mutex::new(String::new());
        thread::scope(|scope| {
            scope.spawn(|| self.follow(stdout, &said));
            self.follow(stderr, &said);
        });
        let status = child.wait().with_context(|| format!("cannot wait for `{line}`"))?;
        if status.success() {
            return Ok(());
        }
        let said = said.into_inner().unwrap_or_else(PoisonError::into_inner);
        Err(anyhow!("`{line}` failed ({status})\n{}", process::last_lines(&said)))
    }

    /// Runs `command` with its output shown as it is: the output is the point.
    ///
    /// # Errors
    /// It does not start, or it fails.
    pub fn show(&self, command: &mut Command) -> Result<()> {
        let line = process::line(command);
        self.over.store(true, Ordering::Relaxed);
        self.clear();
        eprintln!("$ {line}");
        let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
        if status.success() { Ok(()) } else { Err(anyhow!("`{line}` failed ({status}); it says why above")) }
    }

    /// A line for people, between two drawings of the running line.
    pub fn say(&self, text: &str) {
        self.clear();
        eprintln!("      {text}");
    }

    fn follow(&self, stream: Option<impl Read>, said: &Mutex<String>) {
        let Some(stream) = stream else { return };
        for line in BufReader::new(stream).split(b'\n').map_while(io::Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            if self.verbose {
                eprintln!("  {line}");
            }
            *lock(&self.last_words) = line.trim().to_owned();
            let mut said = lock(said);
            said.push_str(&line);
            said.push('\n');
        }
    }

    fn tick(&self, start: Instant) {
        let terminal = redraws() && !self.verbose;
        let pause = if terminal { Duration::from_millis(100) } else { PATIENCE };
        loop {
            if terminal && !self.over.load(Ordering::Relaxed) {
                let words: String = lock(&self.last_words).chars().take(50).collect();
                eprint!("\r\x1b[2K{} {:.0} s  {words}", self.title, start.elapsed().as_secs_f64());
                let _ = io::stderr().flush();
            }
            let asleep = Instant::now();
            thread::park_timeout(pause);
            if self.over.load(Ordering::Relaxed) {
                return self.clear();
            }
            // A thread may wake up early, for no reason at all (std, `park_timeout`).
            if !terminal && asleep.elapsed() >= pause {
                let words = lock(&self.last_words).clone();
                eprintln!("{} … {:.0} s: {words}", self.title, start.elapsed().as_secs_f64());
            }
        }
    }

    fn clear(&self) {
        if redraws() && !self.verbose {
            eprint!("\r\x1b[2K");
        }
    }
}

/// A terminal that takes escape sequences, whose user did not ask to be spared them.
fn redraws() -> bool {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    io::stderr().is_terminal() && !plain && !dumb
}

fn lock(words: &Mutex<String>) -> std::sync::MutexGuard<'_, String> {
    // A poisoned string is still a string.
    words.lock().unwrap_or_else(PoisonError::into_inner)
}
