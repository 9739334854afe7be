//! `linktab-bench mpi`: many ranks of one machine start and import at once, from a local disk and from a
//! file system that is slow and counts what it is asked (`tests/slow-files`).

mod launch;
mod page;
mod tree;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::build::Site;
use crate::machine;
use launch::{Launch, Run};
use tree::Form;

/// How much is measured.
pub struct Plan {
    modules: usize,
    ranks: &'static [usize],
    runs: usize,
    /// Whether the page in the documentation is written.
    page: bool,
}

impl Plan {
    /// What the documentation shows.
    pub const FULL: Plan = Plan { modules: 500, ranks: &[4, 16], runs: 5, page: true };
    /// Enough to see that everything works.
    pub const SMALL: Plan = Plan { modules: 50, ranks: &[1, 2], runs: 1, page: false };
}

/// Where the ranks' files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The disk that this is built on, warm.
    Local,
    /// A millisecond away, seen for the first time.
    Remote,
}

impl Place {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Place::Local => "local disk, warm",
            Place::Remote => "FUSE, 1 ms, cold",
        }
    }
}

/// One cell of the table, as medians.
#[derive(Debug)]
pub struct Cell {
    /// Where from.
    pub place: Place,
    /// In which form.
    pub form: Form,
    /// How many at once.
    pub ranks: usize,
    /// From the slowest rank's start to the end of its imports, in seconds.
    pub slowest: f64,
    /// CPU of one rank, in seconds.
    pub cpu: f64,
    /// What the server was asked, if there is one.
    pub requests: Option<f64>,
    /// The same by kind, of one run.
    pub kinds: Vec<(String, u64)>,
}

/// Measures all cells and shows them.
///
/// # Errors
/// Something does not build, MPI or FUSE are not to be had, or a rank fails.
pub fn all(plan: &Plan) -> Result<()> {
    let site = Site::new()?;
    let mut machine = machine::describe();
    machine.push(machine::first_line("mpirun", "--version"));
    println!("{}\n", machine.join("\n"));
    eprintln!("building {} extensions, as files and in executables", plan.modules);
    let tree = tree::make(&site, plan.modules)?;
    let mut cells = Vec::new();
    for &ranks in plan.ranks {
        for place in [Place::Local, Place::Remote] {
            cells.extend(measure(&tree, plan, place, ranks)?);
        }
    }
    print!("{}", page::table(&cells));
    if plan.page {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/performance");
        fs::write(docs.join("mpi.md"), page::markdown(&cells, &machine, plan.modules, plan.runs))?;
        page::plot(&docs.join("mpi.svg"), &cells)?;
        eprintln!("written: docs/performance/mpi.md and mpi.svg");
    }
    Ok(())
}

/// The three forms take turns, so that a busy minute of the machine meets all of them.
fn measure(tree: &Path, plan: &Plan, place: Place, ranks: usize) -> Result<Vec<Cell>> {
    let mut runs: [Vec<Run>; 3] = Default::default();
    for turn in 0..plan.runs {
        for (form, runs) in Form::ALL.into_iter().zip(&mut runs) {
            let launch = Launch { tree, form, place, ranks, modules: plan.modules };
            if turn == 0 && place == Place::Local {
                launch.run()?; // Warm.
            }
            let run = launch.run()?;
            eprintln!("{ranks} ranks, {}, {}: {:.2} s", place.name(), form.name(), run.slowest);
            runs.push(run);
        }
    }
    let cell = |(form, runs): (Form, Vec<Run>)| {
        let of = |value: fn(&Run) -> f64| median(runs.iter().map(value).collect());
        let last = runs.last().context("there is a run")?;
        let requests = (place == Place::Remote).then(|| of(|run| run.requests() as f64));
        let kinds = last.kinds.clone();
        Ok(Cell {
            place,
            form,
            ranks,
            slowest: of(|run| run.slowest),
            cpu: of(|run| run.cpu),
            requests,
            kinds,
        })
    };
    Form::ALL.into_iter().zip(runs).map(cell).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
