//! A page of the repository in, the fenced blocks that are held against something out.

use std::fs;
use std::path::Path;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace")
}

/// The blocks of a page below a line `<!-- KIND: KEY -->`, as (key, text).
///
/// # Panics
///
/// When there is no such page, or no block where one is announced.
#[must_use]
pub fn blocks(page: &str, kind: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(workspace().join(page)).expect("it is there");
    let opening = format!("<!-- {kind}: ");
    let marked = text.split(&opening).skip(1);
    marked
        .map(|rest| {
            let (key, rest) = rest.split_once(" -->\n```").expect("a fenced block follows");
            let (_language, rest) = rest.split_once('\n').expect("the fence ends its line");
            let (text, _) = rest.split_once("\n```").expect("the block is closed");
            (key.to_owned(), format!("{text}\n"))
        })
        .collect()
}

/// How many files of the repository a page shows, each as it is.
///
/// # Panics
///
/// When one is not as it is shown.
#[must_use]
pub fn files_shown(page: &str) -> usize {
    let shown = blocks(page, "file");
    for (path, text) in &shown {
        assert_eq!(fs::read_to_string(workspace().join(path)).expect("it is there"), *text, "{path}");
    }
    shown.len()
}
