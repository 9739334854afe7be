//! Results of parts in, the text that closes a run out. The last line is the one that CI reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::tally::Tally;

/// What became of one part.
#[derive(Debug)]
pub struct Row {
    /// The part.
    pub name: &'static str,
    /// Its counts.
    pub tally: Tally,
    /// How long it took.
    pub time: Duration,
}

/// The table, the reasons of what was skipped, and `N passed, N failed, N skipped`.
pub fn render(rows: &[Row]) -> String {
    let mut text = format!("{:10} {:>7} {:>7} {:>7} {:>9}\n", "part", "passed", "failed", "skipped", "time");
    let mut all = Tally::default();
    for row in rows {
        let Tally { passed, failed, skipped, .. } = &row.tally;
        let seconds = row.time.as_secs_f64();
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "{:10} {passed:>7} {failed:>7} {:>7} {seconds:>7.1} s", row.name, skipped.len());
        all += row.tally.clone();
    }
    text.push('\n');
    for row in rows {
        for (reason, times) in counted(&row.tally.skipped) {
            let times = if times > 1 { format!(" ({times} times)") } else { String::new() };
            let _ = writeln!(text, "skipped in {}: {reason}{times}", row.name);
        }
    }
    let _ = writeln!(text, "{} passed, {} failed, {} skipped", all.passed, all.failed, all.skipped.len());
    text
}

/// Each reason once, with how often it was given.
pub fn counted(reasons: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason.as_str()).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_closes_with_one_line_over_all_parts() {
        let row = |name, passed, failed, skipped: &[&str], seconds| Row {
            name,
            tally: Tally {
                passed,
                failed,
                skipped: skipped.iter().map(|&s| s.to_owned()).collect(),
                ..Tally::default()
            },
            time: Duration::from_secs(seconds),
        };
        insta::assert_snapshot!(render(&[
            row("fmt", 1, 0, &[], 1),
            row("unit", 120, 2, &[], 75),
            row("miri", 0, 0, &["miri is not installed"], 0),
            row(
                "matrix",
                4,
                0,
                &["mold is not installed", "gold is not installed", "mold is not installed"],
                0
            ),
        ]));
    }
}
