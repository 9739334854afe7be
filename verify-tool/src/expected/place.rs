//! A place in a text file in, a message that quotes it out: mistakes in config and lock files.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// The line of a place in a text.
pub fn line(text: &str, span: &Range<usize>) -> u32 {
    let before = text.get(..span.start).unwrap_or_default();
    before.bytes().filter(|&byte| byte == b'\n').count() as u32 + 1
}

/// A message with the line that it is about, without the word `error` in front.
pub fn quoted(path: &str, text: &str, span: Range<usize>, message: &str) -> String {
    let end = span.end.min(text.len());
    let span = span.start.min(end)..end;
    let snippet = Snippet::source(text).path(path).annotation(AnnotationKind::Primary.span(span));
    let block = Level::ERROR.primary_title(message).element(snippet);
    let rendered = Renderer::plain().render(&[block]);
    rendered.strip_prefix("error: ").unwrap_or(&rendered).to_owned()
}

/// What the parser of TOML says, as [`quoted`] does.
pub fn parse_error(path: &str, text: &str, error: &toml::de::Error) -> String {
    match error.span() {
        Some(span) => quoted(path, text, span, error.message()),
        None => format!("{path}: {}", error.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_place_behind_the_end_is_the_end() {
        assert_eq!(quoted("a.toml", "x", 9..12, "cut off").lines().next(), Some("cut off"));
    }
}
