//! LT005: names that Python has taken already. Also knows which hooks are Python's own, and which of its
//! names are packages.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::{Code, Context, Finding, Findings};
use crate::expected::Python;

/// Lines of name, first and last minor version, and since when it is a package; see the file's head for
/// where they come from.
const STDLIB: &str = include_str!("stdlib.txt");

/// A name with its first and last minor version, and the first in which it is a package.
struct Entry {
    hash: u64,
    name: &'static str,
    minors: RangeInclusive<u8>,
    package_since: Option<u8>,
}

/// Ordered by the names' hashes: ten thousand records are looked up here, and none is to be found.
static NAMES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entries = STDLIB.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split(' ');
        let name = fields.next()?;
        let minors = fields.next()?.parse().ok()?..=fields.next()?.parse().ok()?;
        let package_since = fields.next().and_then(|minor| minor.parse().ok());
        Some(Entry { hash: hash(name), name, minors, package_since })
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
    find(name, python).is_some()
}

fn find(name: &str, python: Option<Python>) -> Option<&'static Entry> {
    let wanted = hash(name);
    let start = NAMES.partition_point(|entry| entry.hash < wanted);
    let mut same = NAMES.iter().skip(start).take_while(|entry| entry.hash == wanted);
    same.find(|entry| entry.name == name && python.is_none_or(|python| entry.minors.contains(&python.minor)))
}

/// A name that Python has a module of.
#[derive(Clone, Copy)]
pub struct Taken {
    pub what: &'static str,
    /// Whether the module is a package, or may be: not every version need agree.
    pub is_package: bool,
    /// Whether it comes from a file, so that another one may come before it.
    pub is_file: bool,
}

/// Python's own module of a name.
pub fn taken(context: &Context<'_>, name: &str) -> Option<Taken> {
    let facts = &context.inventory.facts;
    let inittab = facts.inittab.as_deref().unwrap_or_default();
    if inittab.binary_search_by(|builtin| (**builtin).cmp(name)).is_ok() {
        let what = "a module that is built into the Python that is linked in";
        return Some(Taken { what, is_package: false, is_file: false });
    }
    if let Ok(index) = facts.frozen.binary_search_by(|frozen| (*frozen.name).cmp(name)) {
        let is_package = facts.frozen.get(index).is_some_and(|frozen| frozen.package);
        let what = "a module that is frozen into the Python that is linked in";
        return Some(Taken { what, is_package, is_file: false });
    }
    let entry = find(name, context.python)?;
    let is_package = match (entry.package_since, context.python) {
        (Some(since), Some(python)) => python.minor >= since,
        (since, _) => since.is_some(),
    };
    Some(Taken { what: "a module of Python's standard library", is_package, is_file: true })
}

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for record in &context.inventory.records {
        let Some(Taken { what, .. }) = taken(context, &record.name) else { continue };
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
        let is_package = |name: &str, minor: u8| {
            let entry = super::find(name, Some(Python { minor, free_threaded: None })).expect("a known name");
            entry.package_since.is_some_and(|since| since <= minor)
        };
        assert!(is_package("json", 9) && !is_package("math", 15) && !is_package("os", 15));
        assert!(!is_package("re", 10) && is_package("re", 11) && is_package("pathlib", 14));
        assert!(!is_stdlib("json._native", None) && !is_stdlib("", None) && !is_stdlib("acme.json", None));
    }
}
