//! Text out of a binary in, text that may be printed out. Names and paths come from whoever made the
//! file: a line end in one would make up a line of its own, a CI service would take it for a command, and
//! terminals obey control characters. Every format cleans them here.

use std::borrow::Cow;
use std::path::Path;

/// The text with a replacement character for everything that is no sign of its own, or begins a command
/// of a CI service.
pub fn plain(text: &str) -> Cow<'_, str> {
    let mut before = 0;
    let is_plain = text.bytes().all(|byte| {
        let is_good = matches!(byte, b' '..=b'~') && !(byte == b'#' && before == b'#');
        before = byte;
        is_good
    });
    if is_plain && !commands(text) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        let is_bad = is_hidden(c) || is_second_hash(before, c);
        clean.push(if is_bad { char::REPLACEMENT_CHARACTER } else { c });
        before = Some(c);
    }
    if commands(&clean) {
        clean = clean.replacen(':', "\u{fffd}", 1);
    }
    Cow::Owned(clean)
}

/// A path as [`plain`] text; what is not UTF-8 in it is replaced too.
pub fn path(path: &Path) -> String {
    plain(&path.to_string_lossy()).into_owned()
}

/// What GitHub Actions takes for a command, blanks before it or not: actions/runner, `ActionCommand.cs`.
fn commands(text: &str) -> bool {
    text.trim_start().starts_with("::")
}

/// The older commands of that runner, and those of Azure Pipelines and TeamCity (`##[…]`, `##vso[…]`,
/// `##teamcity[…]`), count wherever they are in a line.
pub fn is_second_hash(before: Option<char>, c: char) -> bool {
    c == '#' && before == Some('#')
}

/// Controls, what changes lines or the direction of writing, and what shows nothing (Unicode,
/// "Line Breaking Algorithm", BK; "Bidirectional Algorithm", explicit formatting characters;
/// `DerivedCoreProperties.txt`, `Default_Ignorable_Code_Point`).
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_is_no_sign_is_replaced() {
        assert_eq!(plain("acme.café"), "acme.café");
        assert_eq!(
            plain("a\n::error::b\u{1b}[31m\u{202e}c\u{85}"),
            "a\u{fffd}::error::b\u{fffd}[31m\u{fffd}c\u{fffd}"
        );
        assert_eq!(plain("a\u{ad}b\u{e0041}c"), "a\u{fffd}b\u{fffd}c");
    }

    #[test]
    fn commands_of_ci_services_are_none_any_more() {
        assert_eq!(plain("::error::boom"), "\u{fffd}:error::boom");
        assert_eq!(plain(" \u{a0}::error::boom"), " \u{a0}\u{fffd}:error::boom");
        assert_eq!(plain("std::mem # 1"), "std::mem # 1");
        assert_eq!(plain("x ##[error]boom ###"), "x #\u{fffd}[error]boom #\u{fffd}\u{fffd}");
    }
}
