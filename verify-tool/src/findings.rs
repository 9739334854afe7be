//! Inventories and expectations in, [`Finding`]s out: looked, and it is wrong.
//!
//! One file for each kind of check. None of them knows a file format, and none chooses words for
//! more than one finding. Levels and suppressions come last, over all of them.

mod arrived;
mod builtins;
mod by_name;
mod dropped;
mod duplicates;
mod expectations;
mod features;
mod finding;
mod hooks;
mod init;
mod inside;
mod levels;
mod names;
mod own_file;
mod packed;
mod parents;
mod python;
mod table;

use std::collections::BTreeMap;

use crate::expected::{Expected, Python};
use crate::records::{Format, ImageKind, Inventory};
use by_name::ByName;
use levels::Levels;

pub use crate::code::{Code, Level};
pub(crate) use builtins::is_stdlib;
pub use finding::{Finding, Location};
pub(crate) use names::fault as name_fault;

/// Judges every linked image.
#[must_use]
pub fn check(inventories: &[Inventory], expected: &Expected) -> Vec<Finding> {
    let mut all = Vec::new();
    let levels = Levels::new(expected);
    for inventory in inventories {
        let context = Context {
            inventory,
            expected,
            python: expected.python.or_else(|| linked_in(inventory)),
            by_name: ByName::new(&inventory.records),
        };
        let mut findings = Findings::new(&levels);
        for check in CHECKS {
            check(&context, &mut findings);
        }
        table::stripped(&context, &mut findings);
        all.extend(findings.finish(&context));
    }
    all.extend(levels.unused());
    all
}

/// Most findings of one code on one image.
const MAX_FINDINGS: usize = 1000;

/// Collects what is found and to be told. Nobody reads thousands of one kind, and an image can be made
/// to have a million; that there are more is a finding itself.
struct Findings<'l> {
    levels: &'l Levels<'l>,
    kept: Vec<Finding>,
    counts: BTreeMap<Code, usize>,
    /// Whether one, told or not, has an address and no symbol.
    has_nameless: bool,
}

impl<'l> Findings<'l> {
    fn new(levels: &'l Levels<'l>) -> Findings<'l> {
        Findings { levels, kept: Vec::new(), counts: BTreeMap::new(), has_nameless: false }
    }

    fn push(&mut self, finding: Finding) {
        self.has_nameless |= finding.address.is_some() && finding.symbol.is_none();
        let Some(finding) = self.levels.admit(finding) else { return };
        let count = self.counts.entry(finding.code).or_default();
        *count += 1;
        if *count <= MAX_FINDINGS {
            self.kept.push(finding);
        }
    }

    fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }

    fn finish(mut self, context: &Context<'_>) -> Vec<Finding> {
        for (code, count) in std::mem::take(&mut self.counts) {
            if count > MAX_FINDINGS {
                let message = format!("there are {count} findings {code}, of which {MAX_FINDINGS} are told");
                self.push(Finding::new(Code::LT016, context.inventory, message).help("mend these first"));
            }
        }
        self.kept
    }
}

type Check = fn(&Context<'_>, &mut Findings<'_>);

const CHECKS: [Check; 14] = [
    duplicates::check,
    expectations::check,
    python::check,
    builtins::check,
    init::check,
    dropped::check,
    table::check,
    inside::check,
    names::check,
    parents::check,
    hooks::check,
    features::check,
    packed::check,
    own_file::check,
];

/// What a check sees.
struct Context<'a> {
    inventory: &'a Inventory,
    expected: &'a Expected,
    /// The Python that the image is for, if that is known.
    python: Option<Python>,
    by_name: ByName<'a>,
}

impl Context<'_> {
    /// Whether an init function or export hook of that name is defined in the image.
    fn has_hook(&self, symbol: &str) -> bool {
        self.inventory.facts.hooks.binary_search_by(|hook| (*hook.symbol).cmp(symbol)).is_ok()
    }

    fn is_elf_program(&self) -> bool {
        self.inventory.format == Format::Elf && self.inventory.kind == ImageKind::Executable
    }
}

/// The CPython inside the image.
fn linked_in(inventory: &Inventory) -> Option<Python> {
    let free_threaded = Some(inventory.facts.free_threaded);
    inventory.facts.python.map(|hex| Python { minor: (hex >> 16 & 0xff) as u8, free_threaded })
}
