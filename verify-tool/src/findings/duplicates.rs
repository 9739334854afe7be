//! LT001: one name, two records.

use std::collections::BTreeMap;

use super::{Code, Context, Finding, Findings};
use crate::records::Record;

pub fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut by_name: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in &context.inventory.records {
        by_name.entry(&record.name).or_default().push(record);
    }
    for (name, records) in by_name.into_iter().filter(|(_, records)| records.len() > 1) {
        let message = format!("module `{name}` is registered {} times", records.len());
        let finding = Finding::new(Code::LT001, context.inventory, message).records(&records);
        findings.push(finding.help("rename all but one, or leave all but one out of the link"));
    }
}
