//! The tables of `docs/loading.md` in, their rows out: what a CPython is said to do.
//!
//! Knows Markdown's tables and ranges of versions such as `3.9 to 3.11, from 3.12 static`; runs nothing.

use std::fs;
use std::path::Path;

/// One row. The first cell says what is done, the second on which CPythons, the others what comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The first cell.
    pub key: String,
    /// The second cell.
    pub cpython: String,
    /// The cells behind it.
    pub cells: Vec<String>,
}

/// What tells CPythons apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Build {
    /// 14 of 3.14.
    pub minor: u32,
    /// Whether libpython is a file of its own.
    pub shared: bool,
    /// Whether it can run without the GIL.
    pub free_threaded: bool,
}

impl Build {
    /// Every build from 3.9 on, further than there are any.
    pub fn all() -> impl Iterator<Item = Build> {
        (9..20).flat_map(|minor| {
            [(false, false), (true, false), (false, true), (true, true)]
                .into_iter()
                // Free-threaded builds are supported from 3.14 on.
                .filter(move |(_, free_threaded)| !free_threaded || minor >= 14)
                .map(move |(shared, free_threaded)| Build { minor, shared, free_threaded })
        })
    }
}

/// The rows of each table of the page whose first column is headed `title`.
///
/// # Panics
///
/// When the page is not there.
#[must_use]
pub fn rows(page: &str, title: &str) -> Vec<Row> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    rows_of(&text, title)
}

/// As [`rows`], of a text.
#[must_use]
pub fn rows_of(text: &str, title: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let Some(cells) = cells(line) else {
            inside = false;
            continue;
        };
        if cells.first().is_some_and(|cell| cell == title) {
            inside = true;
        } else if inside && !cells.iter().all(|cell| cell.chars().all(|c| c == '-')) {
            let mut cells = cells.into_iter();
            let mut next = || cells.next().unwrap_or_default();
            rows.push(Row { key: next(), cpython: next(), cells: cells.collect() });
        }
    }
    rows
}

/// The cells of a line of a table, without the marks of code.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(|cell| cell.trim().replace('`', "")).collect())
}

impl Row {
    /// Whether the row is about a build.
    ///
    /// # Panics
    ///
    /// When its second cell says no CPythons.
    #[must_use]
    pub fn speaks_of(&self, build: Build) -> bool {
        self.cpython.split(", ").any(|range| {
            range_has(range, build)
                .unwrap_or_else(|| panic!("`{range}` is no range of CPythons, in the row of `{}`", self.key))
        })
    }
}

/// `3.9 to 3.11`, `from 3.12`, `3.14`; then, for some builds only, `static`, `shared`, `with GIL` or
/// `free-threaded`.
fn range_has(range: &str, build: Build) -> Option<bool> {
    let mut words = range.split(' ');
    let minor = |word: &str| word.strip_prefix("3.")?.parse::<u32>().ok();
    let (first, mut last, mut rest) = match words.next()? {
        "from" => (minor(words.next()?)?, u32::MAX, words.collect::<Vec<_>>()),
        word => (minor(word)?, minor(word)?, words.collect()),
    };
    if let ["to", word, ..] = rest[..] {
        last = minor(word)?;
        rest.drain(..2);
    }
    let kind = match rest.join(" ").as_str() {
        "" => true,
        "static" => !build.shared,
        "shared" => build.shared,
        "with GIL" => !build.free_threaded,
        "free-threaded" => build.free_threaded,
        _ => return None,
    };
    Some(kind && (first..=last).contains(&build.minor))
}

/// What keeps `rows` from saying one thing for each build and key; nothing where they do.
#[must_use]
pub fn faults(rows: &[Row]) -> Vec<String> {
    let mut keys: Vec<&str> = rows.iter().map(|row| &*row.key).collect();
    keys.dedup();
    let mut faults = Vec::new();
    for key in keys {
        for build in Build::all() {
            let count = rows.iter().filter(|row| row.key == key && row.speaks_of(build)).count();
            if count != 1 {
                faults.push(format!("{count} rows of `{key}` speak of {build:?}, expected 1"));
            }
        }
    }
    faults
}
