//! LT005: names that Python has taken already. Also knows which hooks are Python's own.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::{Code, Context, Finding, Findings};
use crate::expected::Python;

/// Lines of name, first and last minor version; see the file's head for where they come from.
const STDLIB: &str = include_str!("stdlib.txt");

/// Longest of those names: most records have a longer one, and need no look.
static LONGEST: LazyLock<usize> =
    LazyLock::new(|| NAMES.keys().map(|name| name.len()).max().unwrap_or_default());

/// First and last minor version by name.
static NAMES: LazyLock<HashMap<&str, RangeInclusive<u8>>> = LazyLock::new(|| {
    let entries = STDLIB.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split(' ');
        let name = fields.next()?;
        let first = fields.next()?.parse().ok()?;
        Some((name, first..=fields.next()?.parse().ok()?))
    });
    entries.collect()
});

/// Whether a version of Python, or any version when none is known, has a module of its own of that
/// name.
pub fn is_stdlib(name: &str, python: Option<Python>) -> bool {
    name.len() <= *LONGEST
        && NAMES.get(name).is_some_and(|minors| python.is_none_or(|python| minors.contains(&python.minor)))
}

pub fn check(context: &Context<'_>, findings: &mut Findings) {
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
