//! LT012: names below something that is no package, so that `import` stops there and never asks for them.

use std::collections::HashMap;

use super::{Code, Context, Finding, Findings, builtins};
use crate::records::Record;

/// Most parents whose answer is kept: a hostile image has a million, all different.
const KEPT: usize = 10_000;

/// An ancestor that is no package.
#[derive(Clone, Copy)]
enum Obstacle<'a> {
    /// One of the table.
    Record(&'a Record),
    /// One of Python's own.
    Taken { ancestor: &'a str, what: &'static str, is_file: bool },
}

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut known: HashMap<&str, Option<Obstacle<'_>>> = HashMap::new();
    let mut orphans: Vec<(&Record, Obstacle<'_>)> = Vec::new();
    for record in &context.inventory.records {
        let Some((parent, _)) = record.name.rsplit_once('.') else { continue };
        if known.len() >= KEPT {
            known.clear();
        }
        let obstacle = *known.entry(parent).or_insert_with(|| obstacle(context, parent));
        orphans.extend(obstacle.map(|obstacle| (record, obstacle)));
    }
    orphans.sort_unstable_by_key(|(record, _)| (&record.name, record.slot));
    orphans.dedup_by_key(|(record, _)| &record.name);
    for (record, obstacle) in orphans {
        findings.push(orphan(context, record, obstacle));
    }
}

/// The first of a parent's ancestors, itself included, that is no package. The finder comes first, so that a
/// record hides what Python has of the same name.
fn obstacle<'a>(context: &Context<'a>, parent: &'a str) -> Option<Obstacle<'a>> {
    let ends = parent.match_indices('.').map(|(at, _)| at).chain([parent.len()]);
    ends.filter_map(|end| parent.get(..end)).find_map(|ancestor| match context.by_name.get(ancestor) {
        Some(record) => (!record.package).then_some(Obstacle::Record(record)),
        None => {
            let taken = builtins::taken(context, ancestor).filter(|taken| !taken.is_package)?;
            Some(Obstacle::Taken { ancestor, what: taken.what, is_file: taken.is_file })
        }
    })
}

fn orphan(context: &Context<'_>, record: &Record, obstacle: Obstacle<'_>) -> Finding {
    let finding = |message: String| Finding::new(Code::LT012, context.inventory, message).record(record);
    match obstacle {
        Obstacle::Record(parent) => {
            let (name, parent_name) = (&record.name, &parent.name);
            finding(format!("module `{name}` can never be imported: `{parent_name}` is no package"))
                .record(parent)
                .help(format!("register `{parent_name}` with `package`"))
        }
        Obstacle::Taken { ancestor, what, is_file } => {
            let name = &record.name;
            let help = format!("give it a name outside of `{ancestor}`");
            let finding = finding(format!(
                "module `{name}` cannot be imported: `{ancestor}` is {what}, and no package"
            ));
            if is_file {
                let note = format!("unless a package `{ancestor}` comes first on `sys.path`");
                return finding.note(note).help(help);
            }
            finding.help(help)
        }
    }
}
