//! Cells in, the page `docs/performance/application.md`, its verdicts and its picture out.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use super::tree::Form;
use super::{Cell, Plan};
use crate::page::verdict;
use crate::plot::{self, Bar};
use crate::row::Row;

const NOTES: &str = include_str!("notes.md");
/// Where starts are timed.
pub const PLACES: [&str; 3] = ["everything in memory", "page cache empty", "slow file system"];
/// How many times faster one file has to be, there.
const FASTER: [Option<f64>; 3] = [None, Some(2.0), Some(10.0)];
/// Private memory of a process, of that with `.so` files.
const PRIVATE: f64 = 0.5;

/// What was promised, and what was found.
pub fn rows(cells: &[Cell]) -> Vec<Row> {
    let find = |form| cells.iter().find(|cell| cell.form == form);
    let (Some(files), Some(ours)) = (find(Form::Environment), find(Form::Static)) else { return Vec::new() };
    let mut rows = Vec::new();
    for (place, faster) in FASTER.into_iter().enumerate() {
        let (Some(theirs), Some(our)) = (files.seconds[place], ours.seconds[place]) else { continue };
        let times = theirs.median / our.median;
        rows.push(Row {
            what: format!("first output, {}", PLACES[place]),
            promise: faster.map_or("reported".to_owned(), |faster| {
                format!("at least {faster} x faster than from files")
            }),
            found: format!("{:.0} ms against {:.0} ms: {times:.1} x", our.median * 1e3, theirs.median * 1e3),
            holds: faster.map(|faster| times >= faster),
        });
    }
    let times = ours.memory.private_dirty / files.memory.private_dirty;
    rows.push(Row {
        what: "private dirty memory of a process".to_owned(),
        promise: format!("at most {PRIVATE} x of that with `.so` files"),
        found: format!(
            "{:.0} KiB against {:.0} KiB: {times:.2} x",
            ours.memory.private_dirty, files.memory.private_dirty
        ),
        holds: Some(times <= PRIVATE),
    });
    let times = ours.memory.of_files / files.memory.of_files;
    rows.push(Row {
        what: "the same, of programs and libraries alone".to_owned(),
        promise: "reported".to_owned(),
        found: format!(
            "{:.0} KiB against {:.0} KiB: {times:.2} x",
            ours.memory.of_files, files.memory.of_files
        ),
        holds: None,
    });
    rows
}

/// Two Markdown tables: starts and memory.
pub fn table(cells: &[Cell], plan: &Plan) -> String {
    let mut text = format!(
        "| Form | size, MB | {} | {} | {} | requests to the server | MB read from it | files opened | calls with a file's name | \
         M instructions | of {} processes each: Rss, MiB | Pss, MiB | private dirty, MiB | of programs and libraries, MiB |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        PLACES[0], PLACES[1], PLACES[2], plan.processes
    );
    for cell in cells {
        let seconds = cell
            .seconds
            .map(|seconds| seconds.map_or("–".to_owned(), |s| format!("{:.0} ms", s.over(1e-3))));
        let requests: u64 = cell.requests.iter().map(|(_, count)| count).sum();
        let instructions = cell.instructions.map_or("–".to_owned(), |n| format!("{:.0}", n / 1e6));
        let memory = [cell.memory.rss, cell.memory.pss, cell.memory.private_dirty, cell.memory.of_files];
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {:.1} | {} | {requests} | {:.1} | {} | {} | {instructions} | {} |",
            cell.form.name(),
            cell.size as f64 / 1e6,
            seconds.join(" | "),
            cell.bytes as f64 / 1e6,
            cell.calls[0],
            cell.calls[1],
            memory.map(|kib| format!("{:.1}", kib / 1024.0)).join(" | ")
        );
    }
    text
}

/// For the documentation.
pub fn markdown(cells: &[Cell], plan: &Plan, machine: &[String]) -> String {
    let packages = plan.requirements.lines().count();
    // Writing to a string cannot fail.
    let mut text = format!(
        "# A whole application\n\nWritten by `cargo xtask bench application`: a command that imports 30 packages from \
         PyPI at its start, {packages} with what they require, shipped in three forms around one CPython. The forms took \
         turns, on a machine that others used too: trust ratios.\n\n"
    );
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str("\n## Promised and found\n\n| What | Promised | Found | |\n|---|---|---|---|\n");
    for row in rows(cells) {
        let _ = writeln!(text, "| {} | {} | {} | {} |", row.what, row.promise, row.found, verdict(&row));
    }
    text.push_str("\n## All numbers\n\n![time to the first output](application.svg)\n\n");
    text.push_str(&table(cells, plan));
    text.push_str("\n| Form | requests by kind, of one start |\n|---|---|\n");
    for cell in cells {
        let kinds: Vec<String> =
            cell.requests.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        let _ = writeln!(text, "| {} | {} |", cell.form.name(), kinds.join(", "));
    }
    let [warm, cold, slow] = plan.turns.map(|turns| turns.to_string());
    let notes = NOTES.replace("{warm}", &warm).replace("{cold}", &cold).replace("{slow}", &slow);
    text.push('\n');
    text + &notes.replace("{processes}", &plan.processes.to_string())
}

/// Bars: each form at each place, on a logarithmic scale.
///
/// # Errors
/// The file cannot be written.
pub fn plot(path: &Path, cells: &[Cell]) -> Result<()> {
    let caption = "Milliseconds to the first output of an application with 30 packages (logarithmic)";
    let bars = PLACES.iter().enumerate().flat_map(|(place, name)| {
        cells.iter().filter_map(move |cell| {
            let value = cell.seconds[place]?.median * 1e3;
            let name = format!("{name}: {}", cell.form.name());
            Some(Bar { name, value, colour: usize::from(cell.form == Form::Environment) })
        })
    });
    plot::bars(path, caption, &bars.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::super::memory::Memory;
    use super::*;
    use crate::turns::Spread;

    /// Numbers of which each promise but one holds.
    fn cells() -> Vec<Cell> {
        Form::ALL
            .iter()
            .zip([10.0, 2.0, 1.0])
            .map(|(&form, times)| Cell {
                form,
                size: 20_000_000,
                calls: [100, 200].map(|calls| calls * times as usize),
                instructions: Some(1e9 * times),
                seconds: [0.1, 0.2, 0.3].map(|seconds| {
                    let seconds = seconds * times;
                    Some(Spread::of(vec![seconds * 0.9, seconds, seconds * 1.1]))
                }),
                requests: vec![("lookup".to_owned(), 5 * times as u64), ("read".to_owned(), 7)],
                bytes: 3_000_000,
                memory: Memory {
                    rss: 40_000.0,
                    pss: 30_000.0,
                    private_dirty: 20_000.0 + 1_000.0 * times,
                    of_files: 1_000.0 * times,
                },
            })
            .collect()
    }

    #[test]
    fn the_page_has_every_number_and_its_verdict() {
        let page = markdown(&cells(), &Plan::FULL, &["1 x a processor".to_owned()]);
        let (numbers, _) = page.split_once("\n## How to read this").expect("the notes come last");
        insta::assert_snapshot!(numbers);
    }

    #[test]
    fn each_start_has_a_bar() {
        let path = std::env::temp_dir().join(format!("linktab-bench-application-{}.svg", std::process::id()));
        plot(&path, &cells()).expect("the folder can be written");
        let drawn = std::fs::read_to_string(&path).expect("it was written");
        std::fs::remove_file(&path).expect("it is there");
        let numbers =
            ["1000", "2000", "3000", "600"].map(|number| drawn.lines().any(|line| line.trim() == number));
        assert_eq!(numbers, [true; 4]);
    }
}
