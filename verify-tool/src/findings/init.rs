//! LT006 and LT009: init functions that are not there, and such that are there once for two modules.

use super::{Code, Context, Finding, Findings};
use crate::records::{ImageKind, Init, Record};

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    // Objects have no addresses yet, and what they lack another may have.
    if context.inventory.kind == ImageKind::Object {
        return;
    }
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
        Init::Import { symbol, has_library } => {
            (!has_library).then(|| format!("`{symbol}` is undefined in {}", context.inventory.label()))
        }
        Init::Address { address, executable: false } => Some(format!("there is no code at {address:#x}")),
        Init::Address { executable: true, .. } | Init::Resolver(_) => None,
    }
}

/// Where a usable init function is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place<'a> {
    Address(u64),
    Resolver(u64),
    Import(&'a str),
}

impl Place<'_> {
    fn of(record: &Record) -> Option<Place<'_>> {
        match &record.init {
            Init::Address { address, executable: true } => Some(Place::Address(*address)),
            Init::Resolver(address) => Some(Place::Resolver(*address)),
            Init::Import { symbol, .. } => Some(Place::Import(symbol)),
            Init::Address { executable: false, .. } | Init::Null => None,
        }
    }
}

fn shared(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut by_place: Vec<(Place<'_>, &Record)> = Vec::with_capacity(context.inventory.records.len());
    for record in &context.inventory.records {
        by_place.extend(Place::of(record).map(|place| (place, record)));
    }
    by_place.sort_unstable_by_key(|(place, _)| *place);
    for group in by_place.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        let mut records: Vec<&Record> = group.iter().map(|(_, record)| *record).collect();
        records.sort_unstable_by_key(|record| (&record.name, record.slot));
        // Two records of one name are LT001.
        records.dedup_by_key(|record| &record.name);
        if let ([first, _, ..], Some((place, _))) = (&records[..], group.first()) {
            findings.push(twins(context, *place, first, &records));
        }
    }
}

fn twins(context: &Context<'_>, place: Place<'_>, first: &Record, records: &[&Record]) -> Finding {
    let names: Vec<String> = records.iter().take(8).map(|record| format!("`{}`", record.name)).collect();
    let count = if records.len() == 2 { "two".to_owned() } else { records.len().to_string() };
    let message = format!("{count} modules share one init function: {}", joined(&names));
    let finding = Finding::new(Code::LT009, context.inventory, message).records(records).init(first);
    let at = match (&finding.symbol, place) {
        (_, Place::Import(symbol)) => format!("`{symbol}` (imported)"),
        (Some(symbol), Place::Address(address)) => format!("`{symbol}` ({address:#x})"),
        (None, Place::Address(address)) => format!("{address:#x}"),
        (Some(symbol), Place::Resolver(address)) => format!("`{symbol}` (resolver, {address:#x})"),
        (None, Place::Resolver(address)) => format!("resolver at {address:#x}"),
    };
    let all = if records.len() == 2 { "both" } else { "all" };
    finding.note(format!("{all} records point at {at} in {}", context.inventory.label())).help(
        "give each module its own init symbol: put `#[linktab::extension_module]` above `#[pymodule]`, or rename \
         the C function",
    )
}

/// `a`, `b` and `c`
fn joined(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
