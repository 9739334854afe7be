//! A place in a text file in, a message that quotes it out: mistakes in config and lock files.

use std::cell::OnceCell;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// A text file, or some lines of one.
pub struct Quoted<'t> {
    path: &'t str,
    pub text: &'t str,
    /// The number of the first line.
    first: u32,
    /// Where lines end. Thousands of places may be asked for.
    ends: OnceCell<Vec<usize>>,
}

impl<'t> Quoted<'t> {
    pub fn new(path: &'t str, text: &'t str, first: u32) -> Quoted<'t> {
        Quoted { path, text, first, ends: OnceCell::new() }
    }

    /// The line of a place in the text.
    pub fn line(&self, span: &Range<usize>) -> u32 {
        let ends = self.ends.get_or_init(|| memchr::memchr_iter(b'\n', self.text.as_bytes()).collect());
        self.first + ends.partition_point(|&end| end < span.start) as u32
    }

    /// A message with the line that it is about, without the word `error` in front.
    pub fn message(&self, span: Range<usize>, message: &str) -> String {
        let end = span.end.min(self.text.len());
        let span = span.start.min(end)..end;
        let snippet = Snippet::source(self.text).path(self.path).line_start(self.first as usize);
        let snippet = snippet.annotation(AnnotationKind::Primary.span(span));
        let block = Level::ERROR.primary_title(message).element(snippet);
        let rendered = Renderer::plain().render(&[block]);
        rendered.strip_prefix("error: ").unwrap_or(&rendered).to_owned()
    }

    /// What the parser of TOML says, as [`Quoted::message`] does.
    pub fn parse_error(&self, error: &toml::de::Error) -> String {
        match error.span() {
            Some(span) => self.message(span, error.message()),
            None => format!("{}: {}", self.path, error.message()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Quoted;

    #[test]
    fn a_place_behind_the_end_is_the_end() {
        let quoted = Quoted::new("a.toml", "x", 1);
        assert_eq!(quoted.message(9..12, "cut off").lines().next(), Some("cut off"));
    }

    #[test]
    fn lines_are_counted_from_the_first() {
        let quoted = Quoted::new("a.toml", "a\nb\n\nc", 7);
        let lines: Vec<u32> = (0..=6).map(|at| quoted.line(&(at..at))).collect();
        assert_eq!(lines, [7, 7, 8, 8, 9, 10, 10]);
    }
}
