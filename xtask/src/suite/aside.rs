//! A part that waits for an index of packages as long as it computes, and so runs beside the others: by a process of its
//! own, of which what it printed is shown, and counted, where the part stands in the list.

use std::env;
use std::io::{self, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::parts::Part;
use super::table::{self, Row};
use super::tally::Tally;
use crate::environment::Environment;

/// The part: the longest of all.
const PART: &str = "adopt";

/// One that was started.
#[derive(Debug)]
pub struct Aside {
    child: Child,
    reader: JoinHandle<(io::Result<String>, Duration)>,
}

impl Aside {
    /// Starts it, where it is one of several `parts`, once there is what it needs: it finds that then, as this process did.
    ///
    /// # Errors
    /// What it needs is not there, or no process starts.
    pub fn start(parts: &[&Part], environment: &mut Environment) -> Result<Option<Self>> {
        let Some(part) = parts.iter().find(|part| part.name == PART && parts.len() > 1) else {
            return Ok(None);
        };
        environment.provide(part.needs)?;
        let (mut output, input) = io::pipe().context("no pipe")?;
        let mut command = Command::new(env::current_exe().context("this program has no path")?);
        command.args(arguments(env::args().skip(1))).args(["--only", PART]);
        command.stdin(Stdio::null()).stdout(input.try_clone().context("no pipe")?).stderr(input);
        let start = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {PART} beside the other parts"))?;
        println!("\n{PART} runs beside the other parts, and is shown in its place");
        let reader = thread::spawn(move || {
            let mut text = Vec::new();
            let read = output.read_to_end(&mut text);
            (read.map(|_| String::from_utf8_lossy(&text).into_owned()), start.elapsed())
        });
        Ok(Some(Self { child, reader }))
    }

    /// Whether it is this part.
    pub fn is(&self, part: &Part) -> bool {
        part.name == PART
    }

    /// Waits for its end, and shows what it printed.
    ///
    /// # Errors
    /// It broke off without its closing line.
    pub fn row(mut self) -> Result<Row> {
        let (text, time) = self.reader.join().ok().context("a thread broke off")?;
        let before = table::processors();
        self.child.wait().with_context(|| format!("cannot wait for {PART}"))?;
        let processors = table::processors().zip(before).and_then(|(now, before)| now.checked_sub(before));
        let text = text.with_context(|| format!("cannot read what {PART} prints"))?;
        // Nobody reads on when this cannot be written.
        let _ = io::stdout().write_all(text.as_bytes());
        let tally = table::read(PART, &text).with_context(|| format!("{PART} broke off"))?;
        Ok(Row { name: PART, tally, time, processors })
    }
}

/// Those of this process without the parts that they name.
fn arguments(mut all: impl Iterator<Item = String>) -> Vec<String> {
    let mut rest = Vec::new();
    while let Some(argument) = all.next() {
        if argument == "--only" {
            all.next();
        } else if !argument.starts_with("--only=") {
            rest.push(argument);
        }
    }
    rest
}

/// A part that could not be waited for has failed.
pub fn broken(error: &anyhow::Error) -> Row {
    eprintln!("failed: {error:#}");
    let tally = Tally { failed: 1, ..Tally::default() };
    Row { name: PART, tally, time: Duration::ZERO, processors: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_all_but_the_parts() {
        let all = ["test", "--only", "fmt", "--thorough", "--only=adopt", "--python", "3.11"];
        assert_eq!(
            arguments(all.iter().map(|&it| it.to_owned())),
            ["test", "--thorough", "--python", "3.11"]
        );
    }
}
