//! Parts that run beside the others, by processes of their own: what these print is shown, and counted, when all others have ended.
//!
//! A part alone does not keep two processors busy: it waits for an index, for the linker of one program, or has one test left.

use std::env;
use std::io::{self, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::parts::Part;
use super::table::{self, Row};
use super::tally::Tally;

/// The parts of one such process, in their order, and the part that it starts with. By then what they test with is compiled.
struct Lane {
    parts: &'static [&'static str],
    with: &'static str,
}

const LANES: &[Lane] = &[
    // All that links a CPython.
    Lane { parts: &["python", "cpython", "third-party", "one-file", "adopt"], with: "verify" },
    // It waits for packages of a distribution, and uses a fifth of one processor.
    Lane { parts: &["pages-root"], with: "macos" },
];

/// A process that was started, and its parts.
#[derive(Debug)]
pub struct Aside {
    parts: Vec<&'static str>,
    child: Child,
    reader: JoinHandle<io::Result<String>>,
}

impl Aside {
    /// Starts what runs beside `part` and those that follow it in `parts`.
    ///
    /// # Errors
    /// No process starts.
    pub fn start(part: &Part, parts: &[&Part]) -> Result<Vec<Self>> {
        let is_first = |one: &Part| parts.first().is_some_and(|first| first.name == one.name);
        let due = LANES.iter().filter(|lane| lane.with == part.name && !is_first(part));
        let wished = due.map(|lane| {
            let is_wished = |name: &&&str| parts.iter().any(|part| part.name == **name);
            lane.parts.iter().filter(is_wished).copied().collect::<Vec<_>>()
        });
        wished.filter(|names| !names.is_empty()).map(Self::of).collect()
    }

    fn of(parts: Vec<&'static str>) -> Result<Self> {
        let (mut output, input) = io::pipe().context("no pipe")?;
        let mut command = Command::new(env::current_exe().context("this program has no path")?);
        command.args(arguments(env::args().skip(1)));
        command.args(parts.iter().flat_map(|part| ["--only", part]));
        command.stdin(Stdio::null()).stdout(input.try_clone().context("no pipe")?).stderr(input);
        let names = parts.join(", ");
        let child = command.spawn().with_context(|| format!("cannot start {names} beside other parts"))?;
        println!("\n{names}: beside the parts that follow, and shown behind them");
        let reader = thread::spawn(move || {
            let mut text = Vec::new();
            output.read_to_end(&mut text)?;
            Ok(String::from_utf8_lossy(&text).into_owned())
        });
        Ok(Self { parts, child, reader })
    }

    /// Whether it runs this part.
    pub fn runs(&self, part: &Part) -> bool {
        self.parts.contains(&part.name)
    }

    /// Waits for its end, and shows what it printed: a row for each of its parts.
    pub fn rows(self) -> Vec<Row> {
        let parts = self.parts.clone();
        self.ended().unwrap_or_else(|error| {
            eprintln!("failed: {error:#}");
            let failed = Tally { failed: 1, ..Tally::default() };
            let row = |name| Row { name, tally: failed.clone(), time: Duration::ZERO, processors: None };
            parts.into_iter().map(row).collect()
        })
    }

    fn ended(mut self) -> Result<Vec<Row>> {
        let text = self.reader.join().ok().context("a thread broke off")?;
        let names = self.parts.join(", ");
        self.child.wait().with_context(|| format!("cannot wait for {names}"))?;
        let text = text.with_context(|| format!("cannot read what {names} print"))?;
        // Nobody reads on when this cannot be written.
        let _ = io::stdout().write_all(text.as_bytes());
        table::read(&self.parts, &text).with_context(|| format!("{names} broke off"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::parts::PARTS;

    #[test]
    fn it_is_told_all_but_the_parts() {
        let all = ["test", "--only", "fmt", "--thorough", "--only=adopt", "--python", "3.11"];
        assert_eq!(
            arguments(all.iter().map(|&it| it.to_owned())),
            ["test", "--thorough", "--python", "3.11"]
        );
    }

    #[test]
    fn every_part_beside_others_comes_after_the_one_that_it_starts_with() {
        let place = |name: &str| PARTS.iter().position(|part| part.name == name);
        for lane in LANES {
            for part in lane.parts {
                assert!(place(part).is_some() && place(part) > place(lane.with), "{part}");
            }
        }
    }
}
