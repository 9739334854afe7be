//! The tests of importing over every CPython: one run of each test program per libpython, and a table.
//!
//! The test programs do not know CPython: which one they build the fixtures for is told in the
//! environment. So they are compiled once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use anyhow::{Result, ensure};
use linktab_cpython::process::{Variable, variable};
use linktab_cpython::{self as python, Choice, Every, Kind, Python, SUPPORTED};

use super::programs::{self, Program, outside};
use super::run::Run;
use super::selection::{Variant, WISH, Wish, rounds};
use super::tally::Tally;
use crate::needs::Tools;
use crate::tools;
use crate::workspace;

/// The test program that may run while others do for another CPython: it shares no folder with them, and is short.
const AHEAD: &str = "import_export";

/// The counts of one test program with one libpython, if it ran.
type Cell = Option<Tally>;

/// The tests of importing.
///
/// # Errors
/// cargo does not start, or the tests do not compile.
pub fn check(run: &mut Run) -> Result<()> {
    // The first depends on no version, and valgrind takes its time.
    run.tests(&outside(&["--test", "import_readme", "--test", "memory_valgrind"]))?;
    let wish = Wish::read(Choice::Usual, run.environment.thorough())?;
    over(run, "import_", &wish, |program, one, all| wish.imports(program, one, all), none)
}

/// CPython's own tests.
///
/// # Errors
/// As [`check`].
pub fn own_suites(run: &mut Run) -> Result<()> {
    let wish = Wish::read(Choice::Usual, run.environment.thorough())?;
    over(run, "cpython_", &wish, |_, one, all| wish.suites(one, all), none)
}

/// Third-party extensions, on the newest CPython; in a thorough run on the oldest too.
///
/// # Errors
/// As [`check`], or pip cannot install what they are made with.
pub fn third_party(run: &mut Run) -> Result<()> {
    let wish = wish_for_ends(run)?;
    over(run, "third_party_", &wish, |_, one, _| !one.shared, packages)
}

/// Applications in one file, on the newest CPython; in a thorough run on the oldest too.
///
/// # Errors
/// As [`check`], or pip cannot install their packages.
pub fn one_file(run: &mut Run) -> Result<()> {
    let wish = wish_for_ends(run)?;
    over(run, "one_file_", &wish, |_, one, _| !one.shared, applications)
}

/// The newest, and the oldest too in a thorough run, where nobody wishes for others.
fn wish_for_ends(run: &Run) -> Result<Wish> {
    let thorough = run.environment.thorough();
    let oldest = thorough.then_some(*SUPPORTED.start());
    let ends: Vec<u32> = oldest.into_iter().chain([*SUPPORTED.end()]).collect();
    Wish::read(Choice::minors(ends), thorough)
}

/// A few packages adopted, on the CPythons that somebody wishes for.
///
/// # Errors
/// As [`check`].
pub fn adopt(run: &mut Run) -> Result<()> {
    let wish = wish_for_ends(run)?;
    let few = |_: &Python| Ok(vec![variable("LINKTAB_ADOPT_FEW", "1")]);
    over(run, "adopt_packages", &wish, |_, one, _| !one.shared, few)
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

/// Whether somebody says on which CPythons.
pub fn is_wished() -> bool {
    std::env::var(WISH).is_ok_and(|wish| !wish.is_empty())
}

/// Runs the test programs whose names begin with `prefix` where they are `wanted`, and prints the table. `more` makes
/// further variables for them.
fn over(
    run: &mut Run,
    prefix: &str,
    wish: &Wish,
    wanted: impl Fn(&str, Variant, &[Variant]) -> bool,
    more: fn(&Python) -> Result<Vec<Variable>>,
) -> Result<()> {
    let only = format!("{prefix}*");
    let mut programs = programs::compile(run.cargo(&[]), &outside(&["--test", &only]))?;
    programs.retain(|program| program.name != "import_readme");
    let every =
        python::every(&wish.choice, &workspace::target(), run.environment.verbose(), &mut io::stderr())?;
    for missing in &every.missing {
        run.skip(missing);
    }
    ensure!(!every.pythons.is_empty(), "no CPython was found");
    let variants: Vec<Variant> = every.pythons.iter().map(Variant::of).collect();
    let runs = |program: &Program, python: &Python| wanted(&program.name, Variant::of(python), &variants);
    let any = |python: &&Python| programs.iter().any(|program| runs(program, python));
    let pythons: Vec<&Python> = every.pythons.iter().filter(any).collect();
    let ahead = programs.iter().position(|program| program.name == AHEAD).unwrap_or(0);
    let mut cells: BTreeMap<(usize, usize), Tally> = BTreeMap::new();
    for mut round in rounds(pythons.len(), programs.len(), ahead) {
        round.retain(|&(python, program)| runs(&programs[program], pythons[python]));
        let mut commands = Vec::new();
        for &(python, program) in &round {
            let (python, program) = (pythons[python], &programs[program]);
            let variables = [python.variables(), run.environment.thoroughness(), more(python)?].concat();
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
        (label(python), (0..programs.len()).map(|program| cells.get(&(at, program)).cloned()).collect())
    };
    let rows: Vec<(String, Vec<Cell>)> = pythons.iter().enumerate().map(row).collect();
    let names: Vec<&str> = programs.iter().map(|program| program.name.trim_start_matches(prefix)).collect();
    print!("\n{}{}{}", table(&names, &rows), counted(&rows), left_out(&every, wish));
    Ok(())
}

fn label(python: &Python) -> String {
    let interpreter = &python.interpreter;
    let kind = if python.link.kind == Kind::Shared { "shared" } else { "static" };
    let flags = interpreter.ld_version.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    format!("{}{flags} {kind}", interpreter.version)
}

/// Versions down, behaviours across; a cell is what passed of what there is, or `-` where it did not run.
fn table(names: &[&str], rows: &[(String, Vec<Cell>)]) -> String {
    let mut text = format!("{:18}", "CPython");
    // Writing to a string cannot fail.
    for name in names {
        let _ = write!(text, " {name:>16}");
    }
    text.push('\n');
    for (label, cells) in rows {
        let _ = write!(text, "{label:18}");
        for cell in cells {
            let cell = cell.as_ref().map_or("-".to_owned(), |Tally { passed, failed, skipped, .. }| {
                let mark = if *failed > 0 { " FAILED" } else { "" };
                format!("{passed}/{}{mark}", passed + failed + skipped.len())
            });
            let _ = write!(text, " {cell:>16}");
        }
        text.push('\n');
    }
    text
}

/// What the tests counted by themselves: versions down, suites across.
fn counted(rows: &[(String, Vec<Cell>)]) -> String {
    let all = |cells: &[Cell]| -> Vec<(String, String)> {
        cells.iter().flatten().flat_map(|cell| cell.counted.iter().cloned()).collect()
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

fn left_out(every: &Every, wish: &Wish) -> String {
    let mut text = String::new();
    if wish.is_for_few() {
        let _ = writeln!(
            text,
            "static and shared by turns, and what takes long on the oldest and the newest: --thorough, or {WISH}=usual, runs everything on each"
        );
    }
    if !every.left_out.is_empty() {
        let versions: Vec<String> = every.left_out.iter().map(ToString::to_string).collect();
        let versions = versions.join(", ");
        let _ = writeln!(text, "left out: {versions}; {WISH}=all runs them where they are installed");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use linktab_cpython::Build;

    #[test]
    fn the_table_shows_what_failed_and_what_was_skipped() {
        let cell = |passed, failed, skips: usize| {
            let skipped = vec!["x".to_owned(); skips];
            Some(Tally { passed, failed, skipped, ..Tally::default() })
        };
        let rows = [
            ("3.9.2 static".to_owned(), vec![cell(4, 0, 0), cell(10, 0, 1)]),
            ("3.15.2t shared".to_owned(), vec![cell(3, 1, 0), None]),
        ];
        let builds = ["3.10", "3.12", "3.14t"].into_iter().filter_map(Build::parse).collect();
        let every = Every { left_out: builds, ..Every::default() };
        insta::assert_snapshot!(format!(
            "{}{}",
            table(&["failures", "modules"], &rows),
            left_out(&every, &Wish::sparing())
        ));
        assert_eq!(counted(&rows), "");
    }

    #[test]
    fn what_tests_counted_by_themselves_has_a_table_of_its_own() {
        let cell = |counts: &[(&str, &str)]| {
            let counted =
                counts.iter().map(|(what, count)| ((*what).to_owned(), (*count).to_owned())).collect();
            Some(Tally { counted, ..Tally::default() })
        };
        insta::assert_snapshot!(counted(&[
            ("3.9.2 static".to_owned(), vec![cell(&[("test_pickle", "300 2s")])]),
            ("3.15.2 shared".to_owned(), vec![cell(&[("modexport", "9"), ("test_pickle", "400 1s 1d")])]),
        ]));
    }
}
