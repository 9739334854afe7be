//! LT002, LT004 and LT010: the lock, `--expect`, and packages that ought to register something.

use super::{Code, Context, Finding, Findings, Level};
use crate::expected::lock::{Lock, LockedModule, registered_by};
use crate::records::Record;

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    locked(context, findings);
    for expected in context.expected.names.iter().filter(|expected| !context.by_name.contains(&expected.name))
    {
        let message =
            format!("module `{}` is expected, and is not in {}", expected.name, context.inventory.label());
        let mut finding = Finding::new(Code::LT002, context.inventory, message).module(&expected.name);
        if let Some((file, line)) = &expected.place {
            finding = finding.expectation(file, *line, "expected here");
        }
        findings.push(finding.help(format!(
            "register it with `#[linktab::extension_module(\"{}\")]`, and name its crate in code (`use the_crate as _;`)",
            expected.name
        )));
    }
    for package in &context.expected.silent_packages {
        let message = format!("package `{package}` depends on linktab, and registers no module");
        let finding = Finding::new(Code::LT002, context.inventory, message).level(Level::Warning);
        findings.push(finding.help("register its module, or remove its dependency on linktab"));
    }
}

fn locked(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(lock) = &context.expected.lock else { return };
    let part = context.inventory.part();
    let mut is_locked = vec![false; context.by_name.len()];
    for module in lock.modules().filter(|module| module.is_for(part)) {
        let (position, records) = context.by_name.group(module.name);
        if let (Some(is_locked), false) = (is_locked.get_mut(position), records.is_empty()) {
            *is_locked = true;
        }
        findings.extend(against(context, lock, &module, records));
    }
    let mut position = 0;
    let mut extra: Vec<&Record> = Vec::new();
    for group in context.by_name.groups() {
        if is_locked.get(position) == Some(&false) {
            extra.extend(group.first().map(|(_, record)| *record));
        }
        position += group.len();
    }
    extra.sort_unstable_by_key(|record| &record.name);
    for record in extra {
        let message =
            format!("module `{}` is in {}, and is not locked", record.name, context.inventory.label());
        let level = if context.expected.locked { Level::Error } else { Level::Warning };
        findings.push(
            Finding::new(Code::LT010, context.inventory, message)
                .level(level)
                .record(record)
                .help("run `linktab lock` if it was added on purpose"),
        );
    }
}

/// What is wrong with a locked module: it is not there, another package registers its name, or it has
/// another phase.
fn against(
    context: &Context<'_>,
    lock: &Lock,
    module: &LockedModule<'_>,
    records: &[(u64, &Record)],
) -> Option<Finding> {
    let finding = |code, message: String| Finding::new(code, context.inventory, message);
    let here = |finding: Finding| finding.expectation(&lock.path, module.line, "locked here");
    let name = module.name;
    let Some((_, first)) = records.first() else {
        let input = context.inventory.label();
        let message = format!("module `{name}` is locked, and is not in {input}");
        let help = "link its crate again, or run `linktab lock` if it was removed on purpose";
        return Some(here(finding(Code::LT002, message).module(name)).help(help));
    };
    let by = module.registered_by;
    let mut own = records.iter().map(|(_, record)| *record).filter(|it| is_registered_by(it, by)).peekable();
    let Some(record) = own.peek().copied() else {
        let other = registered_by(&first.origin);
        let other = if other.is_empty() { "an unknown source" } else { other };
        let message = format!("module `{name}`: expected to be registered by {by} as locked, found {other}");
        let help = format!("link {by} again, or run `linktab lock` if the change is meant");
        return Some(here(finding(Code::LT002, message).record(first)).help(help));
    };
    if own.any(|record| record.phase == module.phase) {
        return None;
    }
    let message =
        format!("module `{name}`: expected phase {} as locked, found {}", module.phase, record.phase);
    let help = "run `linktab lock` if the phase was changed on purpose";
    Some(here(finding(Code::LT004, message).record(record)).help(help))
}

/// Whether a record comes from there; from anywhere, when a lock does not say it.
fn is_registered_by(record: &Record, by: &str) -> bool {
    // Most origins begin with it, and the rest of them need not be read.
    let behind = record.origin.strip_prefix(by);
    by.is_empty() || behind.is_some_and(|rest| rest.starts_with('\n')) || registered_by(&record.origin) == by
}
