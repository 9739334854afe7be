//! Results of parts in, the text that closes a run out. The last line is the one that CI reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use super::tally::Tally;

/// Above the columns.
const HEAD: [&str; 6] = ["part", "passed", "failed", "skipped", "time", "processors"];

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
    let [part, passed, failed, skipped, time, processors] = HEAD;
    let mut text = format!("{part:12} {passed:>7} {failed:>7} {skipped:>7} {time:>9} {processors:>10}\n");
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

/// The rows of `parts` in a text that [`render`] closed.
pub fn read(parts: &[&'static str], text: &str) -> Option<Vec<Row>> {
    let lines: Vec<&str> = text.lines().collect();
    let head = lines.iter().rposition(|line| line.split_whitespace().eq(HEAD))?;
    let closing = &lines[head + 1..];
    parts.iter().map(|part| closing.iter().find_map(|line| row(part, line, closing))).collect()
}

fn row(part: &'static str, line: &str, closing: &[&str]) -> Option<Row> {
    let mut cells = line.split_whitespace();
    let name = cells.next()?;
    let mut number = || cells.next()?.parse::<f64>().ok();
    let (passed, failed, _, seconds) = (number()?, number()?, number()?, number()?);
    if name != part {
        return None;
    }
    // Behind the unit.
    let busy = cells.nth(1).and_then(|busy| busy.parse::<f64>().ok());
    let mut tally = Tally { passed: passed as usize, failed: failed as usize, ..Tally::default() };
    let head = format!("skipped in {part}: ");
    for line in closing.iter().filter_map(|line| line.strip_prefix(&head)) {
        let times = line.strip_suffix(" times)").and_then(|line| line.rsplit_once(" ("));
        let times = times.and_then(|(reason, times)| Some((reason, times.parse().ok()?)));
        let (reason, times): (&str, usize) = times.unwrap_or((line, 1));
        tally.skipped.extend((0..times).map(|_| reason.to_owned()));
    }
    let time = Duration::from_secs_f64(seconds);
    Some(Row { name: part, tally, time, processors: busy.map(|busy| time.mul_f64(busy)) })
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
    fn what_some_parts_close_with_is_read_as_it_was_counted() {
        let skipped = ["gold is not installed", "mold is not installed", "mold is not installed"];
        let skipped: Vec<String> = skipped.iter().map(|&it| it.to_owned()).collect();
        let tally = Tally { passed: 4, failed: 1, skipped, ..Tally::default() };
        let time = Duration::from_secs(10);
        let first = Row { name: "matrix", tally: tally.clone(), time, processors: Some(time.mul_f64(1.5)) };
        let second = Row { name: "demo", tally: Tally::default(), time, processors: None };
        let text = format!("skipped in matrix: said by a test\nmatrix 1 1 1\n{}", render(&[first, second]));
        let rows = read(&["matrix", "demo"], &text).expect("both are there");
        assert_eq!(rows[0].tally, tally);
        assert_eq!(rows[0].processors, Some(Duration::from_secs(15)));
        assert_eq!((rows[1].name, rows[1].processors), ("demo", None));
        assert!(read(&["matrix", "bench"], &text).is_none() && read(&["matrix"], "it broke off\n").is_none());
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
