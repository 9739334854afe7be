//! A missing name, the name that was wanted, the folders that were searched and the table in, the words
//! of the `ModuleNotFoundError` out.
//!
//! Begins exactly as CPython's own message, because programs look for that. Knows no Python.

use std::borrow::Cow;
use std::collections::BTreeSet;

use linktab::Registry;

use super::own;

/// How many of the nearest names are shown.
const SHOWN: usize = 3;

/// What CPython says of a missing name.
pub fn beginning(name: &str) -> String {
    ["No module named '", &shown(name), "'"].concat()
}

/// `name` is what could not be found: `wanted`, or a package that it lies in. `folders` is the `__path__`
/// of the package around `name`, if there is one.
pub fn of_missing(name: &str, wanted: &str, folders: Option<&[String]>, registry: &Registry) -> String {
    let table = table(registry);
    let subject = if name == wanted { "it".to_owned() } else { format!("'{}'", shown(wanted)) };
    let nearest = nearest(wanted, registry);
    let nearest = match nearest.as_slice() {
        [] => String::new(),
        names => format!(" (nearest: {})", names.join(", ")),
    };
    let fix = fix(name, folders, registry);
    let executable =
        crate::running::program().map_or_else(|| "<executable>".into(), |p| p.display().to_string());
    let beginning = beginning(name);
    format!(
        "{beginning}; {subject} is not in {table}{nearest}{fix}`linktab list {executable}` shows what was linked in"
    )
}

/// `name` is in the table, and the finder in the module `home` was not asked for it.
pub fn of_unasked(name: &str, wanted: &str, home: &str, registry: &Registry) -> String {
    let (beginning, table) = (beginning(name), table(registry));
    let needs = if name == wanted { String::new() } else { format!(", which '{}' needs,", shown(wanted)) };
    format!(
        "{beginning}; it{needs} is in {table}, but {home}.finder is not on sys.meta_path: \
         `sys.meta_path.insert(0, {home}.finder)` puts it back"
    )
}

fn table(registry: &Registry) -> String {
    match registry.len() {
        0 => "this executable's table, which is empty".to_owned(),
        1 => "this executable's table, which holds linktab's own module only".to_owned(),
        n => format!("this executable's table of {n} extensions"),
    }
}

/// What to look at: an extension can be anywhere, Python code only where there are folders for it.
fn fix(name: &str, folders: Option<&[String]>, registry: &Registry) -> String {
    let package = name.rsplit_once('.').map_or("", |(package, _)| package);
    match folders {
        Some([]) if registry.get(package).is_some() => format!(
            ", and Python code of the static package '{package}' was not looked for: when it was imported, no \
             folder of its name was on the path. "
        ),
        None | Some([]) => {
            ". If it should be: is its crate named in code, as in `use my_extension as _;`? ".to_owned()
        }
        Some([folder]) => format!(", and no Python module in {}. ", shown(folder)),
        Some([folder, others @ ..]) => {
            format!(", and no Python module in {} and {} more. ", shown(folder), others.len())
        }
    }
}

/// As `repr` shows it: a name may hold anything.
fn shown(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Cow::Borrowed(name);
    }
    let escaped = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(name.chars().map(escaped).collect())
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
    let names = registry.iter().map(|record| record.name()).filter(|name| *name != own::NAME);
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
