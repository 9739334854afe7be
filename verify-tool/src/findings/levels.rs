//! Levels and suppressions over all findings, and LT017 for suppressions that met none.

use super::{Code, Finding, Level};
use crate::expected::{Expected, Suppression};

pub fn apply(mut findings: Vec<Finding>, expected: &Expected) -> Vec<Finding> {
    let mut used = vec![false; expected.suppressions.len()];
    findings.retain(|finding| {
        let hit = expected.suppressions.iter().position(|suppression| covers(suppression, finding));
        if let Some(used) = hit.and_then(|hit| used.get_mut(hit)) {
            *used = true;
        }
        hit.is_none()
    });
    for (suppression, used) in expected.suppressions.iter().zip(used) {
        if !used {
            findings.push(unused(suppression));
        }
    }
    for finding in &mut findings {
        if let Some((_, level)) = expected.levels.iter().rev().find(|(code, _)| *code == finding.code) {
            finding.level = *level;
        }
    }
    findings.retain(|finding| finding.level != Level::Allow);
    findings
}

fn covers(suppression: &Suppression, finding: &Finding) -> bool {
    let names = suppression
        .module
        .as_ref()
        .is_none_or(|module| finding.modules.contains(module) || finding.symbol.as_ref() == Some(module));
    suppression.code == finding.code && names
}

fn unused(suppression: &Suppression) -> Finding {
    let of = suppression.module.as_ref().map_or_else(String::new, |module| format!(" of `{module}`"));
    let message = format!("the suppression of {}{of} suppresses nothing", suppression.code);
    Finding::without_input(Code::LT017, message)
        .expectation(&suppression.path, suppression.line, "suppressed here")
        .note(format!("its reason was: {}", suppression.reason))
        .help("remove it")
}
