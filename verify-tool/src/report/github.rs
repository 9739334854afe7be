//! For GitHub Actions: workflow commands that become annotations (GitHub's documentation, "Workflow
//! commands for GitHub Actions").

use std::io::{self, Write};

use super::Report;
use crate::findings::Level;
use crate::plain::plain;

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let command = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note | Level::Allow => "notice",
        };
        let mut properties = Vec::new();
        if let Some(location) = finding.locations.first() {
            properties.push(format!("file={}", property(&location.file)));
            properties.push(format!("line={}", location.line));
        }
        properties.push(format!("title={}", property(&format!("{} {}", finding.code, finding.code.slug()))));
        let mut message = finding.message.clone();
        for location in finding.locations.iter().skip(1) {
            message.push_str(&format!("\n{}:{}: {}", location.file, location.line, location.label));
        }
        for note in &finding.notes {
            message.push_str(&format!("\nnote: {note}"));
        }
        message.push_str(&format!("\nhelp: {}", finding.help));
        writeln!(out, "::{command} {}::{}", properties.join(","), data(&message))?;
    }
    for error in &report.errors {
        writeln!(out, "::error title={}::{}", error.code(), data(&plain(&error.to_string())))?;
    }
    report.summaries().iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
