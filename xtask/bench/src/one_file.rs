//! `linktab-bench one-file`: three applications, each shipped by `linktab pack` and by what people use, and started
//! in turns.

pub mod measure;
mod page;
pub mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::{machine, run};
use measure::Start;
use tools::{Built, Tool};

/// What is shipped.
pub struct Application {
    /// Of its one module, whose `main` is called.
    name: &'static str,
    /// For people.
    about: &'static str,
    code: &'static str,
    /// From PyPI.
    packages: &'static [&'static str],
}

const APPLICATIONS: [Application; 3] = [
    Application {
        name: "greet",
        about: "a command with argparse alone",
        code: include_str!("one_file/applications/greet.py"),
        packages: &[],
    },
    Application {
        name: "tidy",
        about: "black",
        code: include_str!("one_file/applications/tidy.py"),
        packages: &["black"],
    },
    Application {
        name: "tables",
        about: "numpy and pandas",
        code: include_str!("one_file/applications/tables.py"),
        packages: &["numpy", "pandas"],
    },
];

/// How much is measured.
pub struct Plan {
    applications: &'static [Application],
    tools: &'static [Tool],
    /// Starts of each with nothing in memory and no private folder, and with both.
    cold: usize,
    warm: usize,
    /// A build ends after so many seconds, at the latest.
    limit: u32,
}

impl Plan {
    /// What the documentation shows.
    pub const FULL: Plan =
        Plan { applications: &APPLICATIONS, tools: &Tool::ALL, cold: 7, warm: 31, limit: 300 };
}

/// What it takes to ship an application with a tool, and to start it.
#[derive(Debug)]
pub struct Numbers {
    /// Of all files, in bytes.
    pub size: u64,
    /// In seconds.
    pub build: f64,
    /// The first start on a machine, and any other, in seconds; medians.
    pub cold: f64,
    /// The same.
    pub warm: f64,
    /// The quarter of the starts that was fastest took at most this, the slowest at least that.
    pub quartiles: (f64, f64),
    /// Calls that opened something.
    pub opened: usize,
    /// The most memory that one of its processes had, in bytes.
    pub memory: u64,
}

/// One application with one tool.
#[derive(Debug)]
pub struct Cell {
    /// What is shipped.
    pub application: &'static str,
    /// With what.
    pub tool: Tool,
    /// Or why there are none.
    pub numbers: Result<Numbers, String>,
}

/// Measures all cells, and writes the page.
///
/// # Errors
/// `cargo xtask bench one-file` did not start this, linktab does not pack, or a program cannot be started.
pub fn all() -> Result<()> {
    let bench = tools::Bench::new(Plan::FULL.limit)?;
    let versions = bench.install()?;
    let mut machine = machine::describe();
    machine.push(versions);
    println!("{}\n", machine.join("\n"));
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/performance");
    // A run that is cut off leaves what it has measured.
    let cells = measured(&bench, &Plan::FULL, |cells| {
        fs::write(docs.join("one-file.md"), page::markdown(cells, &Plan::FULL, &machine))?;
        page::plot(&docs.join("one-file.svg"), cells)?;
        eprintln!("written: docs/performance/one-file.md and one-file.svg");
        Ok(())
    })?;
    print!("{}", crate::page::text(&page::rows(&cells)));
    Ok(())
}

/// Calls a function with all cells so far after each application.
fn measured(
    bench: &tools::Bench,
    plan: &Plan,
    mut write: impl FnMut(&[Cell]) -> Result<()>,
) -> Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for application in plan.applications {
        let folder = bench.application(application)?;
        let built: Vec<(Tool, Result<Built, String>)> =
            plan.tools.iter().map(|&tool| (tool, build(bench, tool, application, &folder))).collect();
        let expected = built.iter().find_map(|(tool, built)| match built {
            Ok(built) if *tool == Tool::Venv => Some(Start::warm(built, &folder.join("home")).said()),
            _ => None,
        });
        let expected = expected.context("a virtual environment is what others are held to")??;
        cells.extend(started(built, plan, application, [&folder, &bench.python], &expected)?);
        write(&cells)?;
    }
    Ok(cells)
}

fn build(
    bench: &tools::Bench,
    tool: Tool,
    application: &Application,
    folder: &Path,
) -> Result<Built, String> {
    eprintln!("{}: {}", application.name, tool.name());
    tool.build(bench, application, folder).map_err(|error| {
        let error = format!("{error:#}");
        eprintln!("{error}");
        error.lines().next().unwrap_or_default().to_owned()
    })
}

/// Starts what was built, all of it in turns, so that a busy minute of the machine meets all of them.
fn started(
    built: Vec<(Tool, Result<Built, String>)>,
    plan: &Plan,
    application: &Application,
    [folder, python]: [&Path; 2],
    expected: &str,
) -> Result<Vec<Cell>> {
    let home = |tool: Tool| -> PathBuf { folder.join("homes").join(tool.folder()) };
    let mut cells: Vec<(Cell, Option<Built>, [Vec<f64>; 2])> = Vec::new();
    for (tool, built) in built {
        let tried = built.and_then(|built| Ok((numbers(&built, &home(tool), python, expected)?, built)));
        let (numbers, built) = match tried {
            Ok((numbers, built)) => (Ok(numbers), Some(built)),
            Err(error) => (Err(error), None),
        };
        cells.push((Cell { application: application.name, tool, numbers }, built, Default::default()));
    }
    if plan.cold > 0 {
        // What is not on the disk yet stays in memory, however often it is dropped.
        run::output(&mut Command::new("sync"))?;
    }
    for turn in 0..plan.cold + plan.warm {
        for (cell, built, [cold, warm]) in &mut cells {
            let Some(built) = built else { continue };
            if turn < plan.cold {
                cold.push(Start::cold(built, &home(cell.tool))?.first_output()?);
            } else {
                warm.push(Start::warm(built, &home(cell.tool)).first_output()?);
            }
        }
    }
    let finish = |(mut cell, _, [cold, warm]): (Cell, Option<Built>, [Vec<f64>; 2])| {
        if let Ok(numbers) = &mut cell.numbers {
            numbers.cold = measure::part(cold, 2);
            numbers.quartiles = (measure::part(warm.clone(), 1), measure::part(warm.clone(), 3));
            numbers.warm = measure::part(warm, 2);
        }
        cell
    };
    Ok(cells.into_iter().map(finish).collect())
}

/// All but the times of starts; an error where the program says something else than in a virtual environment.
fn numbers(built: &Built, home: &Path, python: &Path, expected: &str) -> Result<Numbers, String> {
    let start = Start::warm(built, home);
    let found = start.said().map_err(|error| run::last_line(&format!("{error:#}")))?;
    if found != expected {
        return Err(format!("says {found:?}, expected {expected:?}"));
    }
    let counts = || Ok((start.opened()?, start.memory(python)?));
    let (opened, memory) = counts().map_err(|error: anyhow::Error| format!("{error:#}"))?;
    let (size, build) = (built.size, built.seconds);
    Ok(Numbers { size, build, cold: 0.0, warm: 0.0, quartiles: (0.0, 0.0), opened, memory })
}

/// The command and an executable with CPython inside, of cargo's profile for tests.
///
/// # Errors
/// They do not build.
#[cfg(test)]
pub fn debug_programs() -> Result<[PathBuf; 2]> {
    let mut build = Command::new(env!("CARGO"));
    run::output(build.args(["build", "--quiet", "--package", "hello", "--package", "linktab-verify"]))?;
    // A test is in target/debug/deps.
    let test = std::env::current_exe()?;
    let debug = test.parent().and_then(Path::parent).context("it is below target/")?;
    Ok(["linktab", "hello"].map(|name| debug.join(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a start opens is counted by the kernel: the cheapest comparison that means something.
    #[test]
    fn a_packed_program_opens_fewer_files_than_a_virtual_environment() {
        const SMALL: Plan = Plan {
            applications: &[Application {
                name: "greet",
                about: "",
                code: include_str!("one_file/applications/greet.py"),
                packages: &[],
            }],
            tools: &[Tool::Venv, Tool::Pack],
            cold: 0,
            warm: 1,
            limit: 60,
        };
        let bench = tools::Bench::for_test().expect("the programs build");
        let cells = measured(&bench, &SMALL, |_| Ok(())).expect("both are built and start");
        let numbers: Vec<&Numbers> =
            cells.iter().map(|cell| cell.numbers.as_ref().expect("it says hello")).collect();
        let [venv, pack] = *numbers else { panic!("two tools, found {cells:?}") };
        assert!(pack.opened < venv.opened && pack.size > 1_000_000 && pack.memory > 1_000_000, "{cells:?}");
    }
}
