//! The comment of `linktab_embed.h` in, the crate and the command that it tells people to write out.
//!
//! Knows nothing of what the words stand for in a test.

use std::fs;

use crate::fixture;

/// The `use` lines of the crate, and the words of the command behind `cc`.
///
/// # Panics
///
/// When the header has neither.
#[must_use]
pub fn embedding_recipe() -> (Vec<String>, Vec<String>) {
    let header = fixture("import").join("../../../finder/include/linktab_embed.h");
    let text = fs::read_to_string(header).expect("the header can be read");
    let code: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(" *     ")).collect();
    let uses = code.iter().filter(|line| line.starts_with("use ")).map(|line| (*line).to_owned()).collect();
    let command = code.join("\n").replace("\\\n", "");
    let command = command.lines().find_map(|line| line.strip_prefix("cc ")).expect("a command for cc");
    // `$(…)` is one word.
    let mut words: Vec<String> = Vec::new();
    for word in command.split_whitespace() {
        match words.last_mut().filter(|last| last.starts_with("$(") && !last.ends_with(')')) {
            Some(open) => *open = format!("{open} {word}"),
            None => words.push(word.to_owned()),
        }
    }
    (uses, words)
}
