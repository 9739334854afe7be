//! Cells in, the page `docs/performance/one-file.md`, its verdicts and its picture out.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use super::tools::Tool;
use super::{Cell, Numbers, Plan};
use crate::page::verdict;
use crate::plot::{self, Bar};
use crate::row::Row;

const NOTES: &str = include_str!("notes.md");
/// What `--compress` may have over the smallest.
const SIZE: f64 = 1.2;

/// What was promised, and what was found.
pub fn rows(cells: &[Cell]) -> Vec<Row> {
    let mut rows = Vec::new();
    for application in applications(cells) {
        let of = |wanted: fn(Tool) -> bool, value: fn(&Numbers) -> f64| {
            let found = cells.iter().filter(|cell| cell.application == application && wanted(cell.tool));
            let found = found.filter_map(|cell| Some((cell.tool, value(cell.numbers.as_ref().ok()?))));
            found.min_by(|a, b| a.1.total_cmp(&b.1))
        };
        let mut row = |what: &str,
                       promise: &str,
                       ours: Option<(Tool, f64)>,
                       best: Option<(Tool, f64)>,
                       most: Option<f64>,
                       say: fn(f64) -> String| {
            let (Some(ours), Some(best)) = (ours, best) else { return };
            let times = ours.1 / best.1;
            rows.push(Row {
                what: format!("{application}: {what}"),
                promise: promise.to_owned(),
                found: format!("{}, {times:.2} x of {} ({})", say(ours.1), best.0.name(), say(best.1)),
                holds: Some(most.map_or(times < 1.0, |most| times <= most)),
            });
        };
        let ours = |tool| tool == Tool::Pack;
        let others = |tool: Tool| !tool.is_ours();
        let first = "less than any other";
        row("first start", first, of(ours, |n| n.cold), of(others, |n| n.cold), None, milliseconds);
        row("start", first, of(ours, |n| n.warm), of(others, |n| n.warm), None, milliseconds);
        let opened = |n: &Numbers| n.opened as f64;
        row("files opened", first, of(ours, opened), of(others, opened), None, |value| format!("{value:.0}"));
        let size = |n: &Numbers| n.size as f64;
        let promise = format!("with --compress=all at most {SIZE} x of the smallest that brings CPython");
        let bring = |tool: Tool| !tool.is_ours() && tool.brings_python();
        row(
            "size",
            &promise,
            of(|tool| tool == Tool::PackCompressed, size),
            of(bring, size),
            Some(SIZE),
            megabytes,
        );
    }
    rows
}

/// For the documentation.
pub fn markdown(cells: &[Cell], plan: &Plan, machine: &[String]) -> String {
    // Writing to a string cannot fail.
    let mut text = format!(
        "# One file\n\nWritten by `cargo xtask bench one-file`: {} applications, each shipped by `linktab pack` and by \
         what people use, from PyPI at their newest versions, for the same CPython; each says the same as in a virtual \
         environment. All were started in turns, on a machine that others used too: trust ratios within one table.\n\n",
        plan.applications.len()
    );
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str("\n## Promised and found\n\n| What | Promised | Found | |\n|---|---|---|---|\n");
    for row in rows(cells) {
        let _ = writeln!(text, "| {} | {} | {} | {} |", row.what, row.promise, row.found, verdict(&row));
    }
    // What a tool says names files of this machine.
    let here = env!("CARGO_MANIFEST_DIR").replace("xtask/bench", "");
    text.push_str("\n## All numbers\n\n![time to the first output](one-file.svg)\n");
    for application in plan.applications {
        let _ = writeln!(text, "\n### {}: {}\n", application.name, application.about);
        text.push_str(
            "| Tool | brings CPython | size, MB | build, s | first start, ms | start, ms (quartiles) | files opened | memory, MB |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
        for cell in cells.iter().filter(|cell| cell.application == application.name) {
            let (name, brings) = (cell.tool.name(), if cell.tool.brings_python() { "yes" } else { "no" });
            let _ = match &cell.numbers {
                Ok(n) => writeln!(
                    text,
                    "| {name} | {brings} | {:.1} | {:.1} | {:.0} | {:.0} ({:.0} to {:.0}) | {} | {:.1} |",
                    n.size as f64 / 1e6,
                    n.build,
                    n.cold * 1e3,
                    n.warm * 1e3,
                    n.quartiles.0 * 1e3,
                    n.quartiles.1 * 1e3,
                    n.opened,
                    n.memory as f64 / 1e6
                ),
                Err(why) => writeln!(
                    text,
                    "| {name} | {brings} | not measured: {} | | | | | |",
                    why.replace('|', "/").replace(&here, "")
                ),
            };
        }
    }
    let _ = write!(
        text,
        "\n## What was done\n\n{}",
        NOTES
            .replace("{cold}", &plan.cold.to_string())
            .replace("{warm}", &plan.warm.to_string())
            .replace("{limit}", &plan.limit.to_string())
    );
    text
}

/// Bars: the start of each application with each tool, on a logarithmic scale.
///
/// # Errors
/// The file cannot be written.
pub fn plot(path: &Path, cells: &[Cell]) -> Result<()> {
    let caption = "Milliseconds to the first output, everything in memory (logarithmic)";
    let bars: Vec<Bar> = cells
        .iter()
        .filter_map(|cell| {
            let milliseconds = cell.numbers.as_ref().ok()?.warm * 1e3;
            let colour = if cell.tool.is_ours() { 0 } else { 1 };
            let name = format!("{}, {}", cell.application, cell.tool.name());
            Some(Bar { name, value: milliseconds, colour })
        })
        .collect();
    plot::bars(path, caption, &bars)
}

fn applications(cells: &[Cell]) -> Vec<&'static str> {
    let mut names: Vec<&str> = cells.iter().map(|cell| cell.application).collect();
    names.dedup();
    names
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.0} ms", seconds * 1e3)
}

fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One application: linktab is first but for its size, and a tool has failed.
    fn cells() -> Vec<Cell> {
        let numbers = |size, warm| {
            let quartiles = (warm * 0.9, warm * 1.1);
            Ok(Numbers {
                size,
                build: 2.0,
                cold: warm * 9.0,
                warm,
                quartiles,
                opened: (warm * 1e3) as usize,
                memory: 12_345_678,
            })
        };
        let cell = |tool, numbers| Cell { application: "greet", tool, numbers };
        vec![
            cell(Tool::Venv, numbers(1_000, 0.020)),
            cell(Tool::PyInstaller, numbers(8_000_000, 0.200)),
            cell(Tool::Nuitka, Err(format!("no build | in {}", concat!(env!("CARGO_MANIFEST_DIR"), "/src")))),
            cell(Tool::Pack, numbers(20_000_000, 0.019)),
            cell(Tool::PackCompressed, numbers(10_000_000, 0.021)),
        ]
    }

    #[test]
    fn the_page_has_every_number_and_its_verdict() {
        let plan = Plan { applications: &Plan::FULL.applications[..1], ..Plan::FULL };
        insta::assert_snapshot!(markdown(&cells(), &plan, &["1 x a processor".to_owned()]));
    }

    #[test]
    fn each_start_has_a_bar() {
        let path = std::env::temp_dir().join(format!("linktab-bench-one-file-{}.svg", std::process::id()));
        plot(&path, &cells()).expect("the folder can be written");
        let drawn = std::fs::read_to_string(&path).expect("it was written");
        std::fs::remove_file(&path).expect("it is there");
        let numbers = ["20", "200", "19", "21"].map(|number| drawn.lines().any(|line| line.trim() == number));
        assert_eq!(numbers, [true; 4]);
    }
}
