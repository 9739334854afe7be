//! A missing name, the name that was wanted and the table in, the words of the
//! `ModuleNotFoundError` out.
//!
//! Begins exactly as CPython's own message, because programs look for that. Knows no Python.

use std::collections::BTreeSet;

use linktab::Registry;

/// How many of the nearest names are shown.
const SHOWN: usize = 3;

/// `name` is what could not be found: `wanted`, or a package that it lies in.
pub fn of_missing(name: &str, wanted: &str, registry: &Registry) -> String {
    let table = match registry.len() {
        0 => "this executable's table, which is empty".to_owned(),
        1 => "this executable's table, which holds linktab's own module only".to_owned(),
        n => format!("this executable's table of {n} extensions"),
    };
    let missing = shown(name);
    let subject = if name == wanted { "it".to_owned() } else { format!("'{}'", shown(wanted)) };
    let nearest = nearest(wanted, registry);
    let nearest = match nearest.as_slice() {
        [] => String::new(),
        names => format!(" (nearest: {})", names.join(", ")),
    };
    let executable =
        std::env::current_exe().map_or_else(|_| "<executable>".into(), |p| p.display().to_string());
    format!(
        "No module named '{missing}'; {subject} is not in {table}{nearest}. If it should be: is its crate named in \
         code, as in `use my_extension as _;`? `linktab list {executable}` shows what was linked in"
    )
}

/// As `repr` shows it: a name may hold anything.
fn shown(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() })
        .collect()
}

/// Quoted names that a typing error or a wrong package would explain, best first.
fn nearest(name: &str, registry: &Registry) -> Vec<String> {
    let leaf = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let wanted = leaf(name);
    let limit = 1 + name.len() / 8;
    let mut candidates: Vec<(usize, &str)> = extensions_and_packages(registry)
        .into_iter()
        .filter_map(|other| match distance(name, other, limit) {
            Some(distance) => Some((distance, other)),
            None => (leaf(other) == wanted).then_some((limit + 1, other)),
        })
        .collect();
    candidates.sort_unstable();
    candidates.iter().take(SHOWN).map(|(_, name)| format!("'{name}'")).collect()
}

/// Every name that could be imported from the table, the packages around extensions included.
fn extensions_and_packages(registry: &Registry) -> BTreeSet<&'static str> {
    let names = registry.iter().map(|record| record.name()).filter(|name| *name != "linktab");
    names
        .flat_map(|name| {
            let ends = name.match_indices('.').map(|(at, _)| at);
            ends.chain([name.len()]).map(move |end| &name[..end])
        })
        .collect()
}

/// How many characters have to be put in, taken out or replaced, up to `limit` (Levenshtein).
fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit * 4 {
        return None;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
        if row.iter().all(|cost| *cost > limit) {
            return None;
        }
    }
    row.last().copied().filter(|cost| *cost <= limit)
}
