//! Cells in, a table for the terminal, the page `docs/performance/mpi.md` and its picture out.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use super::tree::Form;
use super::{Cell, Place};
use crate::plot::{self, Bar};

const NOTES: &str = include_str!("notes.md");

/// A Markdown table; requests first, which noise does not move.
pub fn table(cells: &[Cell]) -> String {
    let mut text = "| File system | ranks | Form | requests to the server | against files | slowest rank, s | against files | CPU of a rank, s |\n\
                    |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for cell in cells {
        let base = find(cells, cell.place, Form::Files, cell.ranks).unwrap_or(cell);
        let requests = cell.requests.map_or("–".to_owned(), |requests| format!("{requests:.0}"));
        let fewer = ratio(base.requests, cell.requests);
        let faster = ratio(Some(base.slowest), Some(cell.slowest));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {requests} | {fewer} | {:.2} | {faster} | {:.2} |",
            cell.place.name(),
            cell.ranks,
            cell.form.name(),
            cell.slowest,
            cell.cpu
        );
    }
    text
}

/// For the documentation.
pub fn markdown(cells: &[Cell], machine: &[String], modules: usize, runs: usize) -> String {
    let mut text = format!(
        "# Many ranks at once\n\nWritten by `cargo xtask bench mpi`: an application with {modules} extensions, \
         as many Python modules around them and a good part of the standard library, started by `mpirun` and \
         imported by every rank. Medians of {runs} runs in which the forms took turns.\n\n"
    );
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str("\n![requests that reach the server](mpi.svg)\n\n");
    text.push_str(&table(cells));
    text.push_str("\n## What was asked\n\n| ranks | Form | requests by kind, of one run |\n|---|---|---|\n");
    for cell in cells.iter().filter(|cell| cell.place == Place::Remote) {
        let kinds: Vec<String> = cell.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        let _ = writeln!(text, "| {} | {} | {} |", cell.ranks, cell.form.name(), kinds.join(", "));
    }
    text.push_str("\n## Per node and per rank\n\n");
    text.push_str(
        "Ranks of one node share what its kernel remembers. With *a* requests for a node and *b* for each rank \
         on it, the counts above are *a* + *b* x ranks:\n\n| Form | a, per node | b, per rank |\n|---|---|---|\n",
    );
    for form in Form::ALL {
        if let Some((node, rank)) = line(cells, form) {
            let _ = writeln!(text, "| {} | {node:.0} | {rank:.1} |", form.name());
        }
    }
    text.push('\n');
    text.push_str(NOTES);
    text
}

/// Requests as a line through the fewest and the most ranks: per node, and per rank.
fn line(cells: &[Cell], form: Form) -> Option<(f64, f64)> {
    let of_form = || cells.iter().filter(|cell| cell.form == form && cell.requests.is_some());
    let few = of_form().min_by_key(|cell| cell.ranks)?;
    let many = of_form().max_by_key(|cell| cell.ranks)?;
    let (few, many) = ((few.ranks as f64, few.requests?), (many.ranks as f64, many.requests?));
    let rank = (many.1 - few.1) / (many.0 - few.0);
    Some((few.1 - rank * few.0, rank))
}

fn find(cells: &[Cell], place: Place, form: Form, ranks: usize) -> Option<&Cell> {
    cells.iter().find(|cell| cell.place == place && cell.form == form && cell.ranks == ranks)
}

/// `12 x less`
fn ratio(base: Option<f64>, value: Option<f64>) -> String {
    match (base, value) {
        (Some(base), Some(value)) if value > 0.0 && (base - value).abs() > f64::EPSILON => {
            format!("1 / {:.1}", base / value)
        }
        (Some(_), Some(_)) => "1".to_owned(),
        _ => "–".to_owned(),
    }
}

/// Bars: requests of each form, for each number of ranks, on a logarithmic scale.
///
/// # Errors
/// The file cannot be written.
pub fn plot(path: &Path, cells: &[Cell]) -> Result<()> {
    let caption =
        "Requests that reach the file server until every rank has imported everything (logarithmic)";
    let bars: Vec<Bar> = cells
        .iter()
        .filter_map(|cell| {
            let name = format!("{} ranks, {}", cell.ranks, cell.form.name());
            let colour = Form::ALL.iter().position(|form| *form == cell.form).unwrap_or(0);
            Some(Bar { name, value: cell.requests?, colour })
        })
        .collect();
    plot::bars(path, caption, &bars)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells() -> Vec<Cell> {
        let mut cells = Vec::new();
        for ranks in [4, 16] {
            for (form, node, rank) in [(Form::Files, 4_000.0, 100.0), (Form::OneFile, 90.0, 2.0)] {
                let requests = node + rank * ranks as f64;
                let kinds = vec![("lookup".to_owned(), requests as u64)];
                let cell = Cell {
                    place: Place::Local,
                    form,
                    ranks,
                    slowest: 0.5,
                    cpu: 0.25,
                    requests: None,
                    kinds: vec![],
                };
                cells.push(cell);
                let (slowest, requests) = (requests / 1e3, Some(requests));
                cells.push(Cell { place: Place::Remote, form, ranks, slowest, cpu: 0.3, requests, kinds });
            }
        }
        cells
    }

    #[test]
    fn the_page_has_every_cell_and_the_line_through_them() {
        let page = markdown(&cells(), &["1 x a processor".to_owned()], 500, 5);
        insta::assert_snapshot!(page.strip_suffix(NOTES).expect("the notes come last"));
    }

    #[test]
    fn each_number_of_requests_has_a_bar() {
        let path = std::env::temp_dir().join(format!("linktab-bench-mpi-{}.svg", std::process::id()));
        plot(&path, &cells()).expect("the folder can be written");
        let drawn = std::fs::read_to_string(&path).expect("it was written");
        std::fs::remove_file(&path).expect("it is there");
        let numbers =
            ["4400", "98", "5600", "122"].map(|number| drawn.lines().any(|line| line.trim() == number));
        assert_eq!(numbers, [true; 4]);
    }
}
