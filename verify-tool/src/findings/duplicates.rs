//! LT001: one name, two records.

use super::{Code, Context, Finding, Findings};
use crate::records::Record;

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let groups = context.by_name.groups().filter(|group| group.len() > 1);
    let mut doubled: Vec<Vec<&Record>> =
        groups.map(|group| group.iter().map(|(_, record)| *record).collect()).collect();
    doubled.sort_unstable_by_key(|records| records.first().map(|record| &record.name));
    for records in doubled {
        let name = records.first().map_or("", |record| &*record.name);
        let message = format!("module `{name}` is registered {} times", records.len());
        let finding = Finding::new(Code::LT001, context.inventory, message).records(&records);
        findings.push(finding.help("rename all but one, or leave all but one out of the link"));
    }
}
