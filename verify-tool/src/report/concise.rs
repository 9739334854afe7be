//! For people with many findings, and for `grep`: one line each.

use std::io::{self, Write};

use super::Report;
use crate::plain::plain;

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let place = match finding.locations.first() {
            Some(location) => format!("{}:{}", location.file, location.line),
            None => finding.input.clone(),
        };
        let line = format!("{place}: {}[{}]: {}", finding.level, finding.code, finding.message);
        writeln!(out, "{}", plain(&line))?;
    }
    for error in &report.errors {
        writeln!(out, "{}", plain(&format!("error[{}]: {error}", error.code())))?;
    }
    report.summaries().iter().try_for_each(|line| writeln!(out, "{line}"))
}
