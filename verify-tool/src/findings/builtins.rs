//! LT005: names that Python has taken already. Also knows which hooks are Python's own.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::{Code, Context, Finding, Findings};
use crate::expected::Python;

/// Lines of name, first and last minor version; see the file's head for where they come from.
const STDLIB: &str = include_str!("stdlib.txt");

/// A name with its first and last minor version.
struct Entry {
    hash: u64,
    name: &'static str,
    minors: RangeInclusive<u8>,
}

/// Ordered by the names' hashes: ten thousand records are looked up here, and none is to be found.
static NAMES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entries = STDLIB.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split(' ');
        let name = fields.next()?;
        let minors = fields.next()?.parse().ok()?..=fields.next()?.parse().ok()?;
        Some(Entry { hash: hash(name), name, minors })
    });
    let mut names: Vec<Entry> = entries.collect();
    names.sort_unstable_by_key(|entry| entry.hash);
    names
});

fn hash(name: &str) -> u64 {
    linktab::hash::hash(name.as_bytes())
}

/// Whether a version of Python, or any version when none is known, has a module of its own of that
/// name.
pub fn is_stdlib(name: &str, python: Option<Python>) -> bool {
    let wanted = hash(name);
    let start = NAMES.partition_point(|entry| entry.hash < wanted);
    let mut same = NAMES.iter().skip(start).take_while(|entry| entry.hash == wanted);
    same.any(|entry| entry.name == name && python.is_none_or(|python| entry.minors.contains(&python.minor)))
}

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let inittab = context.inventory.facts.inittab.as_deref().unwrap_or_default();
    for record in &context.inventory.records {
        let what = if inittab.binary_search_by(|name| (**name).cmp(&record.name)).is_ok() {
            "a module that is built into the Python that is linked in"
        } else if is_stdlib(&record.name, context.python) {
            "a module of Python's standard library"
        } else {
            continue;
        };
        let message = format!("module `{}` shadows {what}", record.name);
        let finding = Finding::new(Code::LT005, context.inventory, message).record(record);
        findings.push(finding.help(format!("give it another name, such as `your_package.{}`", record.name)));
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMES, is_stdlib};
    use crate::expected::Python;

    #[test]
    fn names_belong_to_the_versions_that_have_them() {
        let has = |name: &str, minor: u8| is_stdlib(name, Some(Python { minor, free_threaded: None }));
        assert!(NAMES.len() > 800, "{} names", NAMES.len());
        // Removed by PEP 594, and added by PEP 799.
        assert!(has("cgi", 12) && !has("cgi", 13) && is_stdlib("cgi", None));
        assert!(!has("profiling", 14) && has("profiling", 15));
        assert!(has("xml.etree.ElementTree", 9) && has("os.path", 15) && has("importlib._bootstrap", 13));
        assert!(!is_stdlib("json._native", None) && !is_stdlib("", None) && !is_stdlib("acme.json", None));
    }
}
