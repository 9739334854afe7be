//! The tests of importing over every CPython: one run of each test program per libpython, and a table.
//!
//! The test programs do not know CPython: which one they build the fixtures for is told in the
//! environment. So they are compiled once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use anyhow::{Result, ensure};
use linktab_cpython::process::{Variable, variable};
use linktab_cpython::{self as python, Choice, Every, Interpreter, Kind, Python, SUPPORTED};

use super::programs;
use super::run::Run;
use super::tally::Tally;
use crate::needs::Tools;
use crate::tools;
use crate::workspace;

/// Set to `all`: every interpreter of this machine and every suite of Debian; or to versions such as
/// `3.9,3.14t`. Else one of each usual minor version, and of each free-threaded build of this machine.
const WISH: &str = "LINKTAB_PYTHONS";

/// The test program that may run while others do for another CPython: it shares no folder with them, and is short.
const AHEAD: &str = "import_export";

/// The counts of one test program with one libpython.
type Cell = Tally;

/// The tests of importing.
///
/// # Errors
/// cargo does not start, or the tests do not compile.
pub fn check(run: &mut Run) -> Result<()> {
    // The first depends on no version, and valgrind takes its time.
    run.tests(&["-p", "linktab-tests", "--test", "import_readme", "--test", "memory_valgrind"])?;
    over(run, "import_", &wish(Choice::Usual)?, |_| true, none)
}

/// CPython's own tests: with nobody's wish on each usual default build, static and shared by turns. Debug builds
/// bring none of them.
///
/// # Errors
/// As [`check`].
pub fn own_suites(run: &mut Run) -> Result<()> {
    let choice = wish(Choice::Usual)?;
    let by_turns = choice == Choice::Usual;
    let kind = |python: &Python| {
        let Interpreter { version, free_threaded, .. } = &python.interpreter;
        !free_threaded && (python.link.kind == Kind::Shared) == python::is_shared_by_turns(version.minor)
    };
    let wanted = |python: &Python| !python.interpreter.debug && (!by_turns || kind(python));
    over(run, "cpython_", &choice, wanted, none)
}

/// Third-party extensions, on the oldest and on the newest CPython.
///
/// # Errors
/// As [`check`], or pip cannot install what they are made with.
pub fn third_party(run: &mut Run) -> Result<()> {
    let choice = wish(Choice::minors([*SUPPORTED.start(), *SUPPORTED.end()]))?;
    over(run, "third_party_", &choice, |python| python.link.kind != Kind::Shared, packages)
}

/// Applications in one file, on the oldest and on the newest CPython.
///
/// # Errors
/// As [`check`], or pip cannot install their packages.
pub fn one_file(run: &mut Run) -> Result<()> {
    let choice = wish(Choice::minors([*SUPPORTED.start(), *SUPPORTED.end()]))?;
    over(run, "one_file_", &choice, |python| python.link.kind != Kind::Shared, applications)
}

/// Where pip put the packages of those applications.
fn applications(python: &Python) -> Result<Vec<Variable>> {
    let site = tools::folder(&python.interpreter, "xtask/python-one-file.txt", &workspace::target())?;
    Ok(vec![variable("LINKTAB_SITE", site)])
}

/// The variables that tell where pip put the packages that such extensions are made with.
fn packages(python: &Python) -> Result<Vec<Variable>> {
    let (interpreter, target) = (&python.interpreter, workspace::target());
    let cffi = tools::folder(interpreter, "xtask/python-cffi.txt", &target)?;
    let old_pybind11 = tools::folder(interpreter, "xtask/python-pybind11-2.txt", &target)?;
    let tools = tools::provide(interpreter, &[Tools::Build], &target)?;
    Ok(vec![
        variable("LINKTAB_TOOLS_PYTHON", tools),
        variable("LINKTAB_PYBIND11_2", old_pybind11),
        variable("LINKTAB_CFFI", cffi.clone()),
        // The tools' own folder is put before it.
        variable("PYTHONPATH", cffi),
    ])
}

fn none(_: &Python) -> Result<Vec<Variable>> {
    Ok(Vec::new())
}

fn wish(usual: Choice) -> Result<Choice> {
    std::env::var(WISH).map_or(Ok(usual), |wish| Ok(Choice::parse(&wish)?))
}

/// Runs the test programs whose names begin with `prefix`, and prints the table.
/// `more` makes further variables for them.
fn over(
    run: &mut Run,
    prefix: &str,
    choice: &Choice,
    wanted: impl Fn(&Python) -> bool,
    more: fn(&Python) -> Result<Vec<Variable>>,
) -> Result<()> {
    let only = format!("{prefix}*");
    let mut programs = programs::compile(run.cargo(&[]), &["-p", "linktab-tests", "--test", &only])?;
    programs.retain(|program| program.name != "import_readme");
    let every = python::every(choice, &workspace::target(), run.environment.verbose(), &mut io::stderr())?;
    for missing in &every.missing {
        run.skip(missing);
    }
    ensure!(!every.pythons.is_empty(), "no CPython was found");
    let pythons: Vec<&Python> = every.pythons.iter().filter(|python| wanted(python)).collect();
    let ahead = programs.iter().position(|program| program.name == AHEAD).unwrap_or(0);
    let mut cells: BTreeMap<(usize, usize), Cell> = BTreeMap::new();
    for round in rounds(pythons.len(), programs.len(), ahead) {
        let mut commands = Vec::new();
        for &(python, program) in &round {
            let (python, program) = (pythons[python], &programs[program]);
            let variables = [python.variables(), more(python)?].concat();
            commands
                .push((format!("\n--- {}, {}", program.name, label(python)), program.command(&variables)));
        }
        if let Some((python, _)) = round.last() {
            println!("\n--- {}", pythons[*python].summary());
        }
        let outcomes = programs::side_by_side(commands, programs::print)?;
        cells.extend(round.into_iter().zip(outcomes.into_iter().map(|outcome| run.conclude(outcome))));
    }
    let row = |(at, python): (usize, &&Python)| {
        let cells = cells.range((at, 0)..(at + 1, 0)).map(|(_, cell)| cell.clone());
        (label(python), cells.collect())
    };
    let rows: Vec<(String, Vec<Cell>)> = pythons.iter().enumerate().map(row).collect();
    let names: Vec<&str> = programs.iter().map(|program| program.name.trim_start_matches(prefix)).collect();
    print!("\n{}{}{}", table(&names, &rows), counted(&rows), left_out(&every));
    Ok(())
}

/// Which test program, by its number, runs for which CPython, in rounds: what is in one runs side by side. Each
/// round takes the program `ahead` for the next CPython along, which builds the fixtures while the others of the
/// round keep the other processors busy. No more than that: for two CPythons they would share folders.
fn rounds(pythons: usize, programs: usize, ahead: usize) -> Vec<Vec<(usize, usize)>> {
    let others = |python| (0..programs).filter(move |&it| it != ahead).map(move |it| (python, it));
    let of = |round: usize| {
        let next = (round < pythons).then_some((round, ahead));
        next.into_iter().chain(round.checked_sub(1).into_iter().flat_map(others)).collect::<Vec<_>>()
    };
    (0..=pythons).map(of).filter(|round| !round.is_empty()).collect()
}

fn label(python: &Python) -> String {
    let interpreter = &python.interpreter;
    let kind = if python.link.kind == Kind::Shared { "shared" } else { "static" };
    let flags = interpreter.ld_version.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    format!("{}{flags} {kind}", interpreter.version)
}

/// Versions down, behaviours across; a cell is what passed of what there is.
fn table(names: &[&str], rows: &[(String, Vec<Cell>)]) -> String {
    let mut text = format!("{:18}", "CPython");
    // Writing to a string cannot fail.
    for name in names {
        let _ = write!(text, " {name:>16}");
    }
    text.push('\n');
    for (label, cells) in rows {
        let _ = write!(text, "{label:18}");
        for Tally { passed, failed, skipped, .. } in cells {
            let mut cell = format!("{passed}/{}", passed + failed + skipped.len());
            if *failed > 0 {
                cell.push_str(" FAILED");
            }
            let _ = write!(text, " {cell:>16}");
        }
        text.push('\n');
    }
    text
}

/// What the tests counted by themselves: versions down, suites across.
fn counted(rows: &[(String, Vec<Cell>)]) -> String {
    let all = |cells: &[Cell]| -> Vec<(String, String)> {
        cells.iter().flat_map(|cell| cell.counted.iter().cloned()).collect()
    };
    let mut names: Vec<String> = Vec::new();
    for (name, _) in rows.iter().flat_map(|(_, cells)| all(cells)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{:18}", "CPython's tests");
    // Writing to a string cannot fail.
    for name in &names {
        let _ = write!(text, " {name:>14}");
    }
    text.push('\n');
    for (label, cells) in rows {
        let counts: BTreeMap<String, String> = all(cells).into_iter().collect();
        let _ = write!(text, "{label:18}");
        for name in &names {
            let _ = write!(text, " {:>14}", counts.get(name).map_or("-", String::as_str));
        }
        text.push('\n');
    }
    text.push_str("passed; s: CPython skips them; f: fail alike; d: listed in docs/differences.md\n");
    text
}

fn left_out(every: &Every) -> String {
    if every.left_out.is_empty() {
        return String::new();
    }
    let versions: Vec<String> = every.left_out.iter().map(ToString::to_string).collect();
    format!("left out: {}; {WISH}=all runs them where they are installed\n", versions.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use linktab_cpython::Build;

    #[test]
    fn the_table_shows_what_failed_and_what_was_skipped() {
        let cell = |passed, failed, skips: usize| Tally {
            passed,
            failed,
            skipped: vec!["x".to_owned(); skips],
            counted: Vec::new(),
        };
        let rows = [
            ("3.9.2 static".to_owned(), vec![cell(4, 0, 0), cell(10, 0, 1)]),
            ("3.15.2t shared".to_owned(), vec![cell(3, 1, 0), cell(11, 0, 0)]),
        ];
        let builds = ["3.10", "3.12", "3.14t"].into_iter().filter_map(Build::parse).collect();
        let every = Every { left_out: builds, ..Every::default() };
        insta::assert_snapshot!(format!("{}{}", table(&["failures", "modules"], &rows), left_out(&every)));
        assert_eq!(counted(&rows), "");
    }

    #[test]
    fn each_program_runs_once_for_each_cpython_and_one_of_them_a_round_ahead() {
        let rounds = |pythons, programs| rounds(pythons, programs, programs / 2);
        assert_eq!(rounds(2, 3), [vec![(0, 1)], vec![(1, 1), (0, 0), (0, 2)], vec![(1, 0), (1, 2)]]);
        assert_eq!(rounds(2, 1), [[(0, 0)], [(1, 0)]]);
        assert!(rounds(0, 3).is_empty());
    }

    #[test]
    fn what_tests_counted_by_themselves_has_a_table_of_its_own() {
        let cell = |counts: &[(&str, &str)]| Tally {
            counted: counts.iter().map(|(what, count)| ((*what).to_owned(), (*count).to_owned())).collect(),
            ..Tally::default()
        };
        insta::assert_snapshot!(counted(&[
            ("3.9.2 static".to_owned(), vec![cell(&[("test_pickle", "300 2s")])]),
            ("3.15.2 shared".to_owned(), vec![cell(&[("modexport", "9"), ("test_pickle", "400 1s 1d")])]),
        ]));
    }
}
