//! LT021: Cargo features that an extension has only from others.

use super::finding::MAX_NAMED;
use super::{Code, Context, Finding, Findings};

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for unified in &context.expected.unified {
        let package = &unified.package;
        let message = format!(
            "`{package}` is compiled with features of its dependencies that only other extensions ask for"
        );
        let mut finding = Finding::new(Code::LT021, context.inventory, message);
        let records = context.inventory.records.iter();
        for record in records.filter(|record| record.origin().package == package).take(MAX_NAMED) {
            finding = finding.module(&record.name);
        }
        for shared in unified.features.iter().take(MAX_NAMED) {
            let by: Vec<String> = shared.by.iter().map(|by| format!("`{by}`")).collect();
            finding =
                finding.note(format!("`{}` of {}, by {}", shared.feature, shared.dependency, by.join(", ")));
        }
        if let Some(more @ 1..) = unified.features.len().checked_sub(MAX_NAMED) {
            finding = finding.note(format!("and {more} more"));
        }
        findings.push(finding.help(format!(
            "where results change, write the feature into the manifest of `{package}` and test with it, or give it a \
             version of its own of what it shares"
        )));
    }
}
