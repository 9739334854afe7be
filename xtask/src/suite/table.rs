//! Results of parts in, the text that closes a run out. The last line is the one that CI reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
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
    /// The processors' time that all of its processes took, where the system tells.
    pub processors: Option<Duration>,
}

/// The processors' time of all processes that this one started and waited for, and of theirs: `cutime` and `cstime` of
/// proc_pid_stat(5), in hundredths of a second.
pub fn processors() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name, in parentheses, and may have any letter in it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(13).map(|field| field.parse::<u64>().ok());
    Some(Duration::from_millis(10 * (fields.next()?? + fields.next()??)))
}

/// The table, the reasons of what was skipped, and `N passed, N failed, N skipped`.
pub fn render(rows: &[Row]) -> String {
    let mut text = format!(
        "{:12} {:>7} {:>7} {:>7} {:>9} {:>10}\n",
        "part", "passed", "failed", "skipped", "time", "processors"
    );
    let mut all = Tally::default();
    for row in rows {
        let Tally { passed, failed, skipped, .. } = &row.tally;
        let seconds = row.time.as_secs_f64();
        // How many of them it kept busy.
        let busy = row.processors.map(|time| time.as_secs_f64() / seconds.max(0.01));
        let busy = busy.map(|busy| format!(" {busy:>10.1}")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:12} {passed:>7} {failed:>7} {:>7} {seconds:>7.1} s{busy}",
            row.name,
            skipped.len()
        );
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
            processors: (seconds > 1).then(|| Duration::from_secs(seconds * 3 / 2)),
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

    #[test]
    fn what_a_process_took_is_counted_once_it_has_ended() {
        let before = processors();
        // A hundredth of a second is the least that is seen.
        let busy = "for i in $(seq 100000); do :; done";
        let status = std::process::Command::new("sh").args(["-c", busy]).status().expect("a shell");
        assert!(status.success() && processors() > before, "{before:?}");
    }
}
