//! LT006 and LT009: init functions that are not there, and such that are there once for two modules.

use super::{Code, Context, Finding, Findings};
use crate::records::{Init, Record};

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for record in &context.inventory.records {
        if let Some(what) = unresolved(context, record) {
            let message = format!("module `{}` has no usable init function: {what}", record.name);
            let finding = Finding::new(Code::LT006, context.inventory, message).record(record).init(record);
            findings.push(
                finding.help("link the object that defines the init function, and check the name's spelling"),
            );
        }
    }
    shared(context, findings);
}

fn unresolved(context: &Context<'_>, record: &Record) -> Option<String> {
    match &record.init {
        Init::Null => Some("the pointer is null".to_owned()),
        Init::Import(symbol) => {
            // A weak definition of a Mach-O image is bound by name, and may be its own.
            (!context.has_hook(symbol))
                .then(|| format!("`{symbol}` is undefined in {}", context.inventory.label()))
        }
        Init::Address { address, executable: false } => {
            Some(format!("{address:#x} is outside of every executable segment"))
        }
        Init::Address { executable: true, .. } | Init::Resolver(_) => None,
    }
}

fn shared(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut by_address: Vec<(u64, &Record)> = Vec::with_capacity(context.inventory.records.len());
    for record in &context.inventory.records {
        if let Init::Address { address, executable: true } = record.init {
            by_address.push((address, record));
        }
    }
    by_address.sort_by_key(|(address, _)| *address);
    for group in by_address.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        let address = group.first().map_or(0, |(address, _)| *address);
        let mut records: Vec<&Record> = group.iter().map(|(_, record)| *record).collect();
        records.sort_by_key(|record| &record.name);
        // Two records of one name are LT001.
        records.dedup_by_key(|record| &record.name);
        if records.len() < 2 {
            continue;
        }
        let names: Vec<String> = records.iter().take(8).map(|record| format!("`{}`", record.name)).collect();
        let count = if records.len() == 2 { "two".to_owned() } else { records.len().to_string() };
        let message = format!("{count} modules share one init function: {}", joined(&names));
        let mut finding = Finding::new(Code::LT009, context.inventory, message).records(&records);
        if let Some(record) = records.first() {
            finding = finding.init(record);
        }
        let at = match &finding.symbol {
            Some(symbol) => format!("`{symbol}` ({address:#x})"),
            None => format!("{address:#x}"),
        };
        let all = if records.len() == 2 { "both" } else { "all" };
        let note = format!("{all} records point at {at} in {}", context.inventory.label());
        findings.push(finding.note(note).help(
            "give each module its own init symbol: put `#[linktab::extension_module]` above `#[pymodule]`, or rename \
             the C function",
        ));
    }
}

/// `a`, `b` and `c`
fn joined(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
