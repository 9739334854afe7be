//! Levels and suppressions for all findings, and LT017 for suppressions that met none.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{Code, Finding, Level};
use crate::expected::{Expected, Suppression};

/// Decides what is told, and how loudly.
pub struct Levels<'e> {
    expected: &'e Expected,
    /// Suppressions by what they suppress: thousands of findings are held against thousands of them.
    by: HashMap<(Code, Option<&'e str>), usize>,
    used: RefCell<Vec<bool>>,
}

impl<'e> Levels<'e> {
    pub fn new(expected: &'e Expected) -> Levels<'e> {
        let mut by = HashMap::new();
        for (index, suppression) in expected.suppressions.iter().enumerate() {
            by.entry((suppression.code, suppression.module.as_deref())).or_insert(index);
        }
        Levels { expected, by, used: RefCell::new(vec![false; expected.suppressions.len()]) }
    }

    /// The finding with its level, unless it is not to be told.
    pub fn admit(&self, finding: Finding) -> Option<Finding> {
        let names = finding.modules.iter().chain(&finding.symbol).map(|name| Some(&**name));
        let hits = names.chain([None]).filter_map(|name| self.by.get(&(finding.code, name)));
        if let Some(hit) = hits.min() {
            if let Some(used) = self.used.borrow_mut().get_mut(*hit) {
                *used = true;
            }
            return None;
        }
        self.with_level(finding)
    }

    fn with_level(&self, mut finding: Finding) -> Option<Finding> {
        if let Some((_, level)) = self.expected.levels.iter().rev().find(|(code, _)| *code == finding.code) {
            finding.level = *level;
        }
        (finding.level != Level::Allow).then_some(finding)
    }

    /// What no finding met.
    pub fn unused(self) -> Vec<Finding> {
        let all = self.expected.suppressions.iter().zip(self.used.take()).filter(|(_, used)| !used);
        all.filter_map(|(suppression, _)| self.with_level(unused(suppression))).collect()
    }
}

fn unused(suppression: &Suppression) -> Finding {
    let of = suppression.module.as_ref().map_or_else(String::new, |module| format!(" of `{module}`"));
    let message = format!("the suppression of {}{of} suppresses nothing", suppression.code);
    Finding::without_input(Code::LT017, message)
        .expectation(&suppression.path, suppression.line, "suppressed here")
        .note(format!("its reason was: {}", suppression.reason))
        .help("remove it")
}
