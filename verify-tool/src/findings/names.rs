//! LT011 and LT012: names that `import` cannot take, and such that it can never reach.

use std::collections::BTreeMap;

use super::{Code, Context, Finding, Findings};
use crate::records::Record;

/// Hard keywords of Python 3.9 to 3.15 (Python reference, "Keywords").
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

pub fn check(context: &Context<'_>, findings: &mut Findings) {
    for record in &context.inventory.records {
        if let Some(fault) = record.name.split('.').find_map(fault) {
            let message = format!("module `{}` can never be imported: {fault}", record.name.escape_debug());
            let finding = Finding::new(Code::LT011, context.inventory, message).record(record);
            findings
                .push(finding.help("use identifiers with one dot between them, such as `acme.geo._core`"));
        }
    }
}

fn fault(part: &str) -> Option<String> {
    let mut chars = part.chars();
    let Some(first) = chars.next() else { return Some("a part of the name is empty".to_owned()) };
    let is_start = first == '_' || unicode_ident::is_xid_start(first);
    if !is_start || !chars.all(unicode_ident::is_xid_continue) {
        return Some(format!("`{}` is no Python identifier", part.escape_debug()));
    }
    KEYWORDS.contains(&part).then(|| format!("`{part}` is a Python keyword"))
}

pub fn check_parents(context: &Context<'_>, findings: &mut Findings) {
    let by_name: BTreeMap<&str, &Record> =
        context.inventory.records.iter().map(|record| (&*record.name, record)).collect();
    for record in by_name.values() {
        let parent = record.name.rsplit_once('.').and_then(|(parent, _)| by_name.get(parent));
        if let Some(parent) = parent.filter(|parent| !parent.package) {
            let message =
                format!("module `{}` can never be imported: `{}` is no package", record.name, parent.name);
            findings.push(
                Finding::new(Code::LT012, context.inventory, message)
                    .record(record)
                    .record(parent)
                    .help(format!("register `{}` with `package`", parent.name)),
            );
        }
    }
}
