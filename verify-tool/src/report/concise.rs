//! For people with many findings, and for `grep`: one line each.

use std::io::{self, Write};

use super::Report;

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let place = match finding.locations.first() {
            Some(location) => format!("{}:{}", location.file, location.line),
            None => finding.input.clone(),
        };
        writeln!(out, "{place}: {}[{}]: {}", finding.level, finding.code, finding.message)?;
    }
    for error in &report.errors {
        writeln!(out, "error[{}]: {error}", error.code())?;
    }
    report.summaries().iter().try_for_each(|line| writeln!(out, "{line}"))
}
