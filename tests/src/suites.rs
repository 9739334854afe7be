//! CPython's own tests, run twice: by the stock interpreter and by one of ours. Names of tests in, what
//! became of each by either out, held against `docs/differences.md`.
//!
//! Knows `tests/fixtures/cpython/run.py` and the tables of that page; which tests there are is told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::behaviour::{Build, Row, rows};
use crate::{build_at_hand, fixture, python_command, stock_python, target_dir};

/// What became of one test: by the stock interpreter, and by ours.
type Outcomes = BTreeMap<String, [String; 2]>;

/// Tests of CPython that are to come out alike.
#[derive(Debug)]
pub struct Comparison<'a> {
    /// The interpreter that is not the stock one.
    pub ours: PathBuf,
    /// What `run.py` takes before the names, for ours.
    pub option: Option<&'a str>,
    /// The first cell of the table in `docs/differences.md` that has what comes out differently.
    pub table: &'a str,
    /// What is counted together, and the names of tests in it: modules, classes, methods.
    pub suites: Vec<(&'a str, Vec<String>)>,
}

/// How many tests came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// By both.
    pub passed: usize,
    /// By CPython's own word, by both.
    pub skipped: usize,
    /// Failed by both, with the same words.
    pub failed: usize,
    /// As the page says.
    pub listed: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.passed)?;
        let others = [("s", self.skipped), ("f", self.failed), ("d", self.listed)];
        others
            .iter()
            .filter(|(_, count)| *count > 0)
            .try_for_each(|(mark, count)| write!(f, " {count}{mark}"))
    }
}

impl Comparison<'_> {
    /// Runs all, prints a line `counted: SUITE: COUNT` for each suite, and says what is not as it should
    /// be: what differs and is not listed, what is listed and does not differ, and suites of which hardly
    /// anything ran. What is not as it should be is run once more by itself first: a few tests of CPython
    /// look at the clock, and a machine may be busy.
    ///
    /// # Panics
    ///
    /// When one of the interpreters does not come to the end.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let names: Vec<String> = self.suites.iter().flat_map(|(_, names)| names).cloned().collect();
        let listed = listed(&rows("differences.md", self.table), build_at_hand(), &names);
        let mut outcomes = self.run(&names);
        let again: Vec<String> = unexpected(&outcomes, &listed).into_iter().collect();
        if !again.is_empty() {
            println!("run once more: {again:?}");
            outcomes.extend(self.run(&again));
        }
        let mut faults: Vec<String> =
            unexpected(&outcomes, &listed).iter().map(|name| describe(name, outcomes.get(name))).collect();
        for (suite, names) in &self.suites {
            let count = count(&outcomes, &listed, names);
            println!("counted: {suite}: {count}");
            if count.passed == 0 {
                faults.push(format!("no test of {suite} passed: {names:?}"));
            }
        }
        faults
    }

    /// Runs the same tests by both, at the same time.
    fn run(&self, names: &[String]) -> Outcomes {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let with_option: Vec<&str> = self.option.into_iter().chain(names.iter().copied()).collect();
        let commands = [start(&stock_python(), "stock", &names), start(&self.ours, "ours", &with_option)];
        let threads = commands.map(|mut command| {
            std::thread::spawn(move || {
                let output = command.output().expect("it can be started");
                let [said, wrote] =
                    [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
                assert!(output.status.success(), "{command:?}\n{wrote}");
                (said, wrote)
            })
        });
        let [stock, ours] = threads.map(|thread| thread.join().expect("the suite runs to its end"));
        if stock.0 != ours.0 {
            println!("--- what ours wrote\n{}", ours.1);
        }
        merge([&stock.0, &ours.0])
    }
}

/// `run.py` in a folder of its own.
fn start(program: &Path, folder: &str, arguments: &[&str]) -> Command {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = target_dir("cpython").join(format!("{folder}-{count}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    let mut command = python_command(program);
    command.arg(fixture("cpython").join("run.py")).args(arguments).current_dir(&folder);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("TMPDIR", folder).stdin(Stdio::null());
    command
}

/// What both printed, by the name of the test.
fn merge(outputs: [&str; 2]) -> Outcomes {
    let mut outcomes = Outcomes::new();
    for (at, output) in outputs.into_iter().enumerate() {
        for (name, outcome) in output.lines().filter_map(|line| line.split_once('\t')) {
            let both = || ["did not run".to_owned(), "did not run".to_owned()];
            outcomes.entry(name.to_owned()).or_insert_with(both)[at] = outcome.to_owned();
        }
    }
    outcomes
}

/// The tests that the page lists for a build, of those that `names` take in.
fn listed(rows: &[Row], build: Build, names: &[String]) -> BTreeSet<String> {
    let taken_in = |row: &&Row| names.iter().any(|name| is_within(&row.key, name));
    let rows = rows.iter().filter(|row| row.speaks_of(build)).filter(taken_in);
    rows.map(|row| row.key.clone()).collect()
}

/// Whether a test is the one of that name, or one of that class or module.
fn is_within(test: &str, name: &str) -> bool {
    test.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What differs and is not listed, and what is listed and does not differ.
fn unexpected(outcomes: &Outcomes, listed: &BTreeSet<String>) -> BTreeSet<String> {
    let different = outcomes.iter().filter(|(_, [stock, ours])| stock != ours);
    let different: BTreeSet<String> = different.map(|(name, _)| name.clone()).collect();
    different.symmetric_difference(listed).cloned().collect()
}

fn describe(name: &str, outcome: Option<&[String; 2]>) -> String {
    match outcome {
        None => format!("{name}\n  is listed, and did not run"),
        Some([stock, ours]) if stock == ours => format!("{name}\n  is listed, and no longer differs: {ours}"),
        Some([stock, ours]) => format!("{name}\n  stock: {stock}\n  ours:  {ours}"),
    }
}

/// The tests that `names` take in.
fn count(outcomes: &Outcomes, listed: &BTreeSet<String>, names: &[String]) -> Count {
    let mut count = Count::default();
    for (test, [_, ours]) in outcomes {
        // Fixtures of classes and modules are called `setUpClass (test.test_import.Class)`.
        let name = test.split_once(" (").map_or(&**test, |(_, inner)| inner.trim_end_matches(')'));
        if !names.iter().any(|suite| is_within(name, suite)) {
            continue;
        }
        let kind = match &**ours {
            _ if listed.contains(test) => &mut count.listed,
            "ok" | "expected failure" => &mut count.passed,
            outcome if outcome.starts_with("skipped: ") => &mut count.skipped,
            _ => &mut count.failed,
        };
        *kind += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOCK: &str = "t.A.one\tok\nt.A.two\tok\nt.B.three\tskipped: why\nt.B.four\tfailed: E\nnoise\n";
    const OURS: &str = "t.A.one\tok\nt.A.two\tfailed: X\nt.B.three\tskipped: why\nt.B.four\tfailed: E\n";

    fn row(key: &str, cpython: &str) -> Row {
        Row { key: key.to_owned(), cpython: cpython.to_owned(), cells: vec!["why".to_owned()] }
    }

    fn judged(rows: &[Row]) -> Vec<String> {
        let build = Build { minor: 13, shared: true, free_threaded: false };
        let outcomes = merge([STOCK, OURS]);
        let listed = listed(rows, build, &["t".to_owned()]);
        unexpected(&outcomes, &listed).iter().map(|name| describe(name, outcomes.get(name))).collect()
    }

    #[test]
    fn what_differs_must_be_listed_and_what_is_listed_must_differ() {
        assert_eq!(judged(&[]), ["t.A.two\n  stock: ok\n  ours:  failed: X"]);
        assert_eq!(judged(&[row("t.A.two", "from 3.13")]), [""; 0]);
        assert_eq!(judged(&[row("t.A.two", "from 3.14")]), judged(&[]));
        assert_eq!(
            judged(&[row("t.A.two", "3.13 shared"), row("t.A.one", "from 3.9"), row("t.B.five", "3.13")]),
            ["t.A.one\n  is listed, and no longer differs: ok", "t.B.five\n  is listed, and did not run"]
        );
        // Nobody ran that.
        assert_eq!(judged(&[row("t.A.two", "3.13"), row("tt.B.five", "3.13")]), [""; 0]);
    }

    #[test]
    fn every_outcome_is_counted_once() {
        let outcomes = merge([STOCK, OURS]);
        let all = count(&outcomes, &["t.A.two".to_owned()].into(), &["t.A".to_owned(), "t.B".to_owned()]);
        assert_eq!(all, Count { passed: 1, skipped: 1, failed: 1, listed: 1 });
        assert_eq!(all.to_string(), "1 1s 1f 1d");
        assert_eq!(count(&outcomes, &BTreeSet::new(), &["t.A.one".to_owned()]).to_string(), "1");
    }
}
