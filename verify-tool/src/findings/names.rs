//! LT011 and LT012: names that `import` cannot take, and such that it can never reach.

use super::{Code, Context, Finding, Findings};
use crate::records::Record;

/// Hard keywords of Python 3.9 to 3.15 (Python reference, "Keywords").
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// `continue` and `nonlocal`.
const LONGEST_KEYWORD: usize = 8;

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for record in &context.inventory.records {
        if is_plain(&record.name) {
            continue;
        }
        if let Some(fault) = record.name.split('.').find_map(fault) {
            let message = format!("module `{}` can never be imported: {fault}", record.name.escape_debug());
            let finding = Finding::new(Code::LT011, context.inventory, message).record(record);
            findings
                .push(finding.help("use identifiers with one dot between them, such as `acme.geo._core`"));
        }
    }
}

/// Whether a name is what almost all are: ASCII and without a fault. Says nothing of the others.
fn is_plain(name: &str) -> bool {
    let mut start = 0;
    let is_part = |start: usize, end: usize| {
        let part = name.get(start..end).unwrap_or_default();
        !part.is_empty() && (part.len() > LONGEST_KEYWORD || !KEYWORDS.contains(&part))
    };
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {}
            b'0'..=b'9' if at > start => {}
            b'.' if is_part(start, at) => start = at + 1,
            _ => return false,
        }
    }
    is_part(start, name.len())
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

pub fn check_parents(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut orphans: Vec<(&Record, &Record)> = Vec::new();
    // Neighbours in the table mostly have the same parent.
    let mut last = ("", None);
    for record in &context.inventory.records {
        let Some((parent, _)) = record.name.rsplit_once('.') else { continue };
        if last.0 != parent {
            last = (parent, context.by_name.get(parent).filter(|parent| !parent.package));
        }
        orphans.extend(last.1.map(|parent| (record, parent)));
    }
    orphans.sort_by_key(|(record, _)| (&record.name, record.slot));
    orphans.dedup_by_key(|(record, _)| &record.name);
    for (record, parent) in orphans {
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
