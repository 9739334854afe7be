//! LT022: whether the Python code behind a program is what `linktab pack` put there.

use super::finding::MAX_NAMED;
use super::{Code, Context, Finding, Findings};
use crate::records::Packed;

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let message = match &context.inventory.facts.packed {
        None => return,
        Some(Packed::Gone) => "the Python code that `linktab pack` put behind the program is gone".to_owned(),
        Some(Packed::Directory) => {
            "the directory of the Python code behind the program is damaged".to_owned()
        }
        Some(Packed::Entries { damaged, .. }) if damaged.is_empty() => return,
        Some(Packed::Entries { count, damaged }) => {
            format!("{} of {count} files behind the program are damaged", damaged.len())
        }
    };
    let mut finding = Finding::new(Code::LT022, context.inventory, message);
    if let Some(Packed::Entries { damaged, .. }) = &context.inventory.facts.packed {
        for name in damaged.iter().take(MAX_NAMED) {
            finding = finding.note(format!("`{name}` is not what was packed"));
        }
        if let Some(more @ 1..) = damaged.len().checked_sub(MAX_NAMED) {
            finding = finding.note(format!("and {more} more"));
        }
    }
    findings.push(finding.help("copy the file again, or pack it again: strip first, and pack then"));
}
