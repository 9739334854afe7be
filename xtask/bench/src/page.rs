//! Results in, the page `docs/performance/README.md` out.

use std::fmt::Write as _;

use crate::results::Results;
use crate::row::Row;

/// For a table.
pub fn verdict(row: &Row) -> &'static str {
    match row.holds {
        Some(true) => "holds",
        Some(false) => "**missed**",
        None => "",
    }
}

/// For a terminal.
pub fn text(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| {
        let verdict = verdict(row).trim_matches('*');
        format!("{verdict:7} {}: {}\n        {}\n", row.what, row.promise, row.found)
    });
    lines.collect()
}

/// For the documentation. `notes` is what a person wrote of these numbers.
pub fn markdown(results: &Results, machine: &[String], command: &str, notes: &str) -> String {
    let mut text = format!(
        "# Performance\n\nWritten by `{command}`, which builds every peer from this repository, around the same \
         static CPython. Instructions are callgrind's, of user code; times are CPU, medians of runs that take turns, \
         on a machine that others used too: trust ratios within one table, and instructions.\n\n"
    );
    // Writing to a string cannot fail.
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str("\n## Promised and found\n\n| What | Promised | Found | |\n|---|---|---|---|\n");
    for row in results.rows() {
        let _ = writeln!(text, "| {} | {} | {} | {} |", row.what, row.promise, row.found, verdict(&row));
    }
    text.push_str("\n## One import\n\n![instructions per import](imports.svg)\n\n");
    text.push_str("| Way | modules | instructions | us of CPU (quartiles) |\n|---|---|---|---|\n");
    for import in &results.imports {
        let (n, cpu) = (import.instructions, import.cpu.over(1e3));
        let _ = writeln!(text, "| {} | {} | {n:.0} | {cpu:.1} |", import.route, import.count);
    }
    text.push_str("\n## Start-up to finder ready\n\n![instructions of start-up](start.svg)\n\n");
    text.push_str("| Way | modules | instructions over nothing registered | ms of CPU, all (quartiles) | KiB |\n|---|---|---|---|---|\n");
    for start in &results.starts {
        let (n, cpu) = (start.instructions, start.cpu.over(1e6));
        let _ = writeln!(
            text,
            "| {} | {} | {n:.0} | {cpu:.2} | {:.0} |",
            start.route, start.count, start.private_dirty_kib
        );
    }
    text.push_str("\n## Tables\n\n![time to build](tables.svg)\n\n");
    text.push_str("| Table | names | build, fresh process, us (quartiles) | look-up, cold, ns (quartiles) |\n|---|---|---|---|\n");
    for fresh in &results.fresh {
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} | {:.0} |",
            fresh.table,
            fresh.count,
            fresh.build.spread().over(1e3),
            fresh.cold.spread()
        );
    }
    text.push_str("\n| Table | names | hit, warm, ns | miss, warm, ns |\n|---|---|---|---|\n");
    for (table, count, hit, miss) in &results.warm {
        let _ = writeln!(text, "| {table} | {count} | {hit:.1} | {miss:.1} |");
    }
    text.push('\n');
    text.push_str(notes);
    text
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::compile::{Compile, in_c::InC};
    use crate::measure::{Fresh, Import, Miss, Start};
    use crate::route;
    use crate::turns::Turns;

    /// Numbers of which each promise but one holds; two series for each picture.
    pub fn results() -> Results {
        let turns = |value: f64| Turns::of(vec![value * 1.1, value, value * 0.9]);
        let spread = |value| turns(value).spread();
        let start = |route, instructions| Start {
            route,
            count: 1_000,
            instructions,
            cpu: spread(6e6),
            private_dirty_kib: 120.0,
        };
        let import = |route: route::Route, instructions, cpu| Import {
            route: route.name,
            count: 1_000,
            instructions,
            cpu: spread(cpu),
        };
        let miss = |route, cpu| Miss { route, cpu: turns(cpu), instructions: cpu * 10.0 };
        let fresh =
            |table, build, cold| Fresh { table, count: 1_000, build: turns(build), cold: turns(cold) };
        Results {
            starts: vec![
                start("nothing registered", 0.0),
                start("linktab", 9e5),
                start(route::MAP.name, 8e6),
                start(route::STATIC.name, 2e7),
                start(route::EXTEND.name, 2e7),
                start(route::APPEND.name, 3e8),
            ],
            imports: vec![
                import(route::FLOOR, 8e3, 1e3),
                import(route::PRELOAD, 1.2e4, 2e3),
                import(route::BEHIND, 1.4e4, 2e3),
                import(route::LEAST, 6e4, 7e3),
                import(route::LINKTAB, 7e4, 8e3),
                import(route::MAP, 7.1e4, 8e3),
                import(route::EXTEND, 1.7e6, 2e5),
                import(route::SHARED, 5e5, 9e4),
            ],
            misses: vec![
                miss("importlib's loop alone", 260.0),
                miss("linktab", 290.0),
                miss(route::MAP.name, 380.0),
            ],
            optional: [8e4, 7.7e4],
            fresh: vec![
                fresh("linktab", 5e4, 100.0),
                fresh("unordered_map", 4e5, 200.0),
                fresh("open addressing", 2e5, 90.0),
            ],
            warm: vec![("linktab", 1_000, 20.0, 10.0), ("unordered_map", 1_000, 30.0, 30.0)],
            file_calls: Some([0.0, 11.0]),
            file_bytes: vec![("linktab", 200.0), ("inittab", 60.0)],
            top: 1_000,
            compile: Some(Compile { expansion: 50.0, seconds: 2.0, without: 1.0, link: [0.3, 0.2] }),
            compile_c: vec![InC { count: 1_000, compile: [2.5, 2.0], link: [0.3, 0.2] }],
            verify: "`check` against `readelf -r` and `nm`, times    wanted at least 5     found    6.7  reached\n\
                     `check` against pyelftools, times          wanted at least 50    found  222.0  reached\n\
                     `check` of 4 GiB, peak memory in MiB       wanted at most 64     found   70.0  MISSED\n"
                .to_owned(),
        }
    }

    #[test]
    fn the_page_has_every_number_and_its_verdict() {
        insta::assert_snapshot!(markdown(
            &results(),
            &["1 x a processor".to_owned()],
            "cargo xtask bench",
            "notes\n"
        ));
    }

    #[test]
    fn the_terminal_gets_the_verdicts() {
        insta::assert_snapshot!(text(&results().rows()));
    }

    #[test]
    fn a_picture_names_each_line_once() {
        let path = std::env::temp_dir().join(format!("linktab-bench-plot-{}.svg", std::process::id()));
        let series =
            vec![("one", vec![(100.0, 5.0), (1_000.0, 50.0)]), ("two", vec![(100.0, 7e6), (1_000.0, 9e6)])];
        crate::plot::lines(&path, "caption", "instructions", &series).expect("the folder can be written");
        let drawn = std::fs::read_to_string(&path).expect("it was written");
        std::fs::remove_file(&path).expect("it is there");
        let words = ["caption", "instructions", "one", "two"].map(|word| {
            let lines = drawn.lines().filter(|line| line.trim() == word);
            format!("{word}: {}", lines.count())
        });
        assert_eq!(words, ["caption: 1", "instructions: 1", "one: 1", "two: 1"]);
    }
}
