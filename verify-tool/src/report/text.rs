//! For people: a block for each finding, with the lines of source that it is about.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level as Style, Origin, Renderer, Snippet};

use super::Report;
use crate::findings::{Finding, Level, Location};
use crate::plain::plain;

pub fn render(report: &Report, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    for finding in &report.findings {
        writeln!(out, "{}\n", renderer.render(&[block(report, finding)]))?;
    }
    for error in &report.errors {
        let title = Style::ERROR.primary_title(plain(&error.to_string()).into_owned()).id(error.code());
        let help = format!("`linktab explain {}` says what to do", error.code());
        let block = Group::with_title(title).element(Style::HELP.message(help));
        writeln!(out, "{}\n", renderer.render(&[block]))?;
    }
    report.summaries().iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn block<'a>(report: &Report, finding: &'a Finding) -> Group<'a> {
    let style = match finding.level {
        Level::Error => Style::ERROR,
        Level::Warning => Style::WARNING,
        Level::Note | Level::Allow => Style::NOTE,
    };
    let title = style.primary_title(finding.message.as_str()).id(finding.code.as_str());
    let mut block = Group::with_title(title);
    for (index, location) in finding.locations.iter().enumerate() {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        block = match quoted(report, location, kind) {
            Some(snippet) => block.element(snippet),
            None => block.element(Origin::path(location.file.as_str()).line(location.line as usize)),
        };
    }
    for note in &finding.notes {
        block = block.element(Style::NOTE.message(note.as_str()));
    }
    let help = format!("{}; `linktab explain {}`", finding.help, finding.code);
    block.element(Style::HELP.message(help))
}

fn quoted<'a>(
    report: &Report,
    location: &'a Location,
    kind: AnnotationKind,
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let line = report.sources.line(location)?;
    let start = line.len() - line.trim_start().len();
    let end = line.trim_end().len();
    Some(
        Snippet::source(line)
            .line_start(location.line as usize)
            .path(location.file.as_str())
            .annotation(kind.span(start..end).label(location.label.as_str())),
    )
}
