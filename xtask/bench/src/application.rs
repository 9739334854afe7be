//! `linktab-bench application`: the whole start of an application with thirty packages from PyPI, and the memory of
//! many of its processes, as a virtual environment, as one file with the wheels' shared objects, and as one file
//! with their extensions linked in.

mod memory;
mod page;
mod tree;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::build::Site;
use crate::one_file::measure::Start;
use crate::slow_files::Server;
use crate::turns::Spread;
use crate::{machine, run};
use memory::Memory;
use tree::{Form, Tree};

/// How much is measured.
pub struct Plan {
    /// Of the folder that everything is made in.
    name: &'static str,
    /// Its one module, whose `main` is called.
    code: &'static str,
    /// What it requires, as pip reads it.
    requirements: &'static str,
    /// Starts of each form: warm, with an empty page cache, and from the slow file system.
    turns: [usize; 3],
    /// How many run at once where memory is measured.
    processes: usize,
    /// Whether instructions are counted, which takes minutes.
    instructions: bool,
    /// Whether the page in the documentation is written.
    page: bool,
}

impl Plan {
    /// What the documentation shows.
    pub const FULL: Plan = Plan {
        name: "thirty",
        code: include_str!("application/application.py"),
        requirements: include_str!("application/requirements.txt"),
        turns: [11, 7, 5],
        processes: 16,
        instructions: true,
        page: true,
    };
    /// Enough to see that everything works.
    pub const SMALL: Plan = Plan {
        name: "small",
        code: include_str!("application/small.py"),
        requirements: include_str!("application/small.txt"),
        turns: [1, 1, 1],
        processes: 2,
        instructions: false,
        page: false,
    };
}

/// What was found of one form.
pub struct Cell {
    /// In which form.
    form: Form,
    /// Of all files that are shipped, in bytes.
    size: u64,
    /// Calls that opened something, and calls that name a file.
    calls: [usize; 2],
    /// In user space, of a warm start.
    instructions: Option<f64>,
    /// Seconds to the first output: warm, with an empty page cache, from the slow file system.
    seconds: [Option<Spread>; 3],
    /// What the server of the slow file system was asked, in the last start.
    requests: Vec<(String, u64)>,
    /// Bytes that it was asked for there, those that the kernel read ahead among them.
    bytes: u64,
    /// Of each of many processes.
    memory: Memory,
}

/// Measures all forms, and writes the page.
///
/// # Errors
/// Something does not build or start, this is not root, or there is no FUSE.
pub fn all(plan: &Plan) -> Result<()> {
    let site = Site::new()?;
    let machine = machine::describe();
    println!("{}\n", machine.join("\n"));
    let tree = tree::make(&site, plan, &tree::Programs::release()?)?;
    let cells = measured(&tree, plan)?;
    print!("{}{}", page::table(&cells, plan), crate::page::text(&page::rows(&cells)));
    if plan.page {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/performance");
        fs::write(docs.join("application.md"), page::markdown(&cells, plan, &machine))?;
        page::plot(&docs.join("application.svg"), &cells)?;
        eprintln!("written: docs/performance/application.md and application.svg");
    }
    Ok(())
}

/// The forms take turns, so that a busy minute of the machine meets all of them.
fn measured(tree: &Tree, plan: &Plan) -> Result<Vec<Cell>> {
    let mut cells = Vec::new();
    let mut expected = None;
    for form in Form::ALL {
        let start = Start::warm(tree.built(form), tree.home(form));
        let said = start.said()?;
        let expected = expected.get_or_insert_with(|| said.clone());
        ensure!(said == *expected, "{}: says {said:?}, expected {expected:?}", form.name());
        eprintln!("{}: calls, instructions, memory", form.name());
        let named = start.calls("%file")?.lines().count();
        let instructions = plan.instructions.then(|| {
            run::count_instructions(&[], |tool| {
                start.command(&tool.iter().map(Path::new).collect::<Vec<_>>())
            })
        });
        cells.push(Cell {
            form,
            size: tree.built(form).size,
            calls: [start.opened()?, named],
            instructions: instructions.transpose()?,
            seconds: [None; 3],
            requests: Vec::new(),
            bytes: 0,
            memory: memory::of(&start, plan.processes)?,
        });
    }
    for (place, turns) in plan.turns.into_iter().enumerate() {
        if turns > 0 {
            timed(tree, &mut cells, place, turns)?;
        }
    }
    Ok(cells)
}

/// Starts from one place.
fn timed(tree: &Tree, cells: &mut [Cell], place: usize, turns: usize) -> Result<()> {
    // What is not on the disk yet stays in memory, however often it is dropped.
    run::output(&mut Command::new("sync"))?;
    let mut seconds = vec![Vec::new(); cells.len()];
    for _ in 0..turns {
        for (cell, seconds) in cells.iter_mut().zip(&mut seconds) {
            let (built, home) = (tree.built(cell.form), tree.home(cell.form));
            let took = match place {
                0 => Start::warm(built, home).first_output()?,
                1 => Start::cold(built, home)?.first_output()?,
                _ => {
                    let mut server = Server::start(&tree.files(), &tree.mountpoint())?;
                    let took = tree
                        .shown_at(server.mountpoint())
                        .and_then(|()| Start::cold(built, home)?.first_output());
                    let requests = server.counts();
                    cell.bytes = server.bytes;
                    // Unmounted whatever happened.
                    server.stop()?;
                    tree.shown_at(&tree.files())?;
                    cell.requests = requests?;
                    took?
                }
            };
            eprintln!("{}, {}: {:.0} ms", cell.form.name(), page::PLACES[place], took * 1e3);
            seconds.push(took);
        }
    }
    for (cell, seconds) in cells.iter_mut().zip(seconds) {
        cell.seconds[place] = Some(Spread::of(seconds));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a start opens is counted by the kernel: the cheapest comparison that means something.
    #[test]
    fn one_file_opens_fewer_files_than_a_virtual_environment_and_says_the_same() {
        let plan = Plan { turns: [1, 0, 0], ..Plan::SMALL };
        let site = Site::new().expect("`cargo xtask python` has set the variables");
        let programs = tree::Programs::for_test().expect("the programs build");
        let tree = tree::make(&site, &plan, &programs).expect("all forms build");
        let cells = measured(&tree, &plan).expect("all forms start");
        let opened: Vec<usize> = cells.iter().map(|cell| cell.calls[0]).collect();
        assert!(opened[1] * 2 < opened[0] && opened[2] <= opened[1], "{opened:?}");
        let table = page::table(&cells, &plan);
        assert_eq!(table.lines().count(), 2 + Form::ALL.len(), "{table}");
    }
}
