//! Text out of a binary in, text that may be printed out. Names come from whoever made the file: a
//! line end in one would make up a line of its own, which a CI service may take for a command, and
//! terminals obey control characters.

use std::borrow::Cow;

/// The text with a replacement character for everything that is no sign of its own.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) || !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
}

/// Controls, and what changes lines or the direction of writing (Unicode, "Bidirectional Algorithm",
/// explicit formatting characters; "Line Breaking Algorithm", BK).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
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
    }
}
