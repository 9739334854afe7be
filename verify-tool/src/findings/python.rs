//! LT003 and LT004: records against the Python of the image, and hooks against phases.

use linktab::layout::build_flags::{FREE_THREADED, LIMITED_API};

use super::{Code, Context, Finding, Findings};
use crate::expected::Python;
use crate::records::{Phase, Record};

/// The first CPython that knows export hooks (PEP 793).
const EXPORT_SINCE: u8 = 15;

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    findings.extend(linked_in(context));
    for record in &context.inventory.records {
        if let Some(python) = context.python {
            findings.extend(against(context, record, python));
        }
        findings.extend(hook_kind(context, record));
    }
    if context.python.is_none() {
        findings.extend(among_themselves(context));
    }
}

/// The Python that was asked for, against the one that is there.
fn linked_in(context: &Context<'_>) -> Option<Finding> {
    let (wanted, found) = (context.expected.python?, super::linked_in(context.inventory)?);
    let threads_fit = wanted.free_threaded.is_none() || wanted.free_threaded == found.free_threaded;
    if wanted.minor == found.minor && threads_fit {
        return None;
    }
    let message = format!("expected Python {wanted} in the image, found Python {found}");
    let finding = Finding::new(Code::LT003, context.inventory, message);
    Some(finding.help("link the other Python, or correct `--python` or `python` in the config"))
}

fn against(context: &Context<'_>, record: &Record, python: Python) -> Option<Finding> {
    if record.phase == Phase::Export && python.minor < EXPORT_SINCE {
        let message = format!(
            "module `{}` has an export hook, which Python 3.{} does not know: expected Python 3.{EXPORT_SINCE} or later",
            record.name, python.minor
        );
        let finding = Finding::new(Code::LT004, context.inventory, message).record(record);
        return Some(finding.help("register its `PyInit_*` function, with phase \"multi\" or \"single\""));
    }
    let built_for = minor(record)?;
    let is_limited = record.build_flags & LIMITED_API != 0;
    let fits = if is_limited { built_for <= python.minor } else { built_for == python.minor };
    let is_free_threaded = record.build_flags & FREE_THREADED != 0;
    let threads_fit = python.free_threaded.is_none_or(|expected| expected == is_free_threaded);
    if fits && threads_fit {
        return None;
    }
    let message = format!(
        "module `{}` was compiled for Python {}{}, and the image holds {python}",
        record.name,
        Python { minor: built_for, free_threaded: Some(is_free_threaded) },
        if is_limited { " (limited API)" } else { "" },
    );
    let finding = Finding::new(Code::LT003, context.inventory, message).record(record);
    Some(finding.help("compile it with the `Python.h` of the Python that is linked in"))
}

/// Without a known Python, records can still contradict each other.
fn among_themselves(context: &Context<'_>) -> Option<Finding> {
    let exact = |record: &&Record| record.build_flags & LIMITED_API == 0 && minor(record).is_some();
    let mut records = context.inventory.records.iter().filter(exact);
    let first = records.next()?;
    let other = records.find(|record| minor(record) != minor(first))?;
    let message = format!(
        "module `{}` was compiled for Python 3.{}, and `{}` for Python 3.{}",
        first.name,
        minor(first)?,
        other.name,
        minor(other)?
    );
    let finding = Finding::new(Code::LT003, context.inventory, message).record(first).record(other);
    Some(finding.help("compile both with the `Python.h` of the Python that is linked in"))
}

/// The minor version that a record was compiled for.
fn minor(record: &Record) -> Option<u8> {
    (record.python >> 24 == 3).then_some((record.python >> 16 & 0xff) as u8)
}

/// `PyInit_*` under phase export, or `PyModExport_*` under another.
fn hook_kind(context: &Context<'_>, record: &Record) -> Option<Finding> {
    let symbol = record.symbol.as_deref()?;
    let is_export = symbol.starts_with("PyModExport_") || symbol.starts_with("PyModExportU_");
    let is_init = symbol.starts_with("PyInit_") || symbol.starts_with("PyInitU_");
    let (expected, fits) = match record.phase {
        Phase::Export => ("an export hook", !is_init),
        _ => ("an init function", !is_export),
    };
    if fits {
        return None;
    }
    let message = format!(
        "module `{}` has phase {}, which takes {expected}, and points at `{symbol}`",
        record.name, record.phase
    );
    let finding = Finding::new(Code::LT003, context.inventory, message).record(record).init(record);
    Some(finding.help("register the other hook, or correct the phase"))
}
