//! LT005: names that Python has taken already. Also knows which hooks are Python's own.

use super::{Code, Context, Finding};
use crate::expected::Python;

/// Lines of name, first and last minor version; see the file's head for where they come from.
const STDLIB: &str = include_str!("stdlib.txt");

/// Whether a version of Python, or any version when none is known, has a module of its own of that
/// name.
pub fn is_stdlib(name: &str, python: Option<Python>) -> bool {
    STDLIB.lines().filter(|line| !line.starts_with('#')).any(|line| {
        let mut fields = line.split(' ');
        let is_it = fields.next() == Some(name);
        let mut minor = || fields.next().and_then(|field| field.parse::<u8>().ok()).unwrap_or(0);
        is_it && python.is_none_or(|python| (minor()..=minor()).contains(&python.minor))
    })
}

pub fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let inittab = context.inventory.facts.inittab.as_deref().unwrap_or_default();
    for record in &context.inventory.records {
        let what = if inittab.contains(&record.name) {
            "built into the Python that is linked in"
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
