//! Inventories and expectations in, [`Finding`]s out: looked, and it is wrong.
//!
//! One file for each kind of check. None of them knows a file format, and none chooses words for
//! more than one finding. Levels and suppressions come last, over all of them.

mod builtins;
mod dropped;
mod duplicates;
mod expectations;
mod finding;
mod hooks;
mod init;
mod levels;
mod names;
mod python;
mod table;

use crate::expected::{Expected, Python};
use crate::records::{Format, ImageKind, Inventory};

pub use crate::code::{Code, Level};
pub use finding::{Finding, Location};

/// Judges every linked image.
#[must_use]
pub fn check(inventories: &[Inventory], expected: &Expected) -> Vec<Finding> {
    let mut findings = Vec::new();
    for inventory in inventories {
        let context =
            Context { inventory, expected, python: expected.python.or_else(|| linked_in(inventory)) };
        let before = findings.len();
        for check in CHECKS {
            check(&context, &mut findings);
        }
        table::stripped(&context, before, &mut findings);
    }
    levels::apply(findings, expected)
}

type Check = fn(&Context<'_>, &mut Vec<Finding>);

const CHECKS: [Check; 10] = [
    duplicates::check,
    expectations::check,
    python::check,
    builtins::check,
    init::check,
    dropped::check,
    table::check,
    names::check,
    names::check_parents,
    hooks::check,
];

/// What a check sees.
struct Context<'a> {
    inventory: &'a Inventory,
    expected: &'a Expected,
    /// The Python that the image is for, if that is known.
    python: Option<Python>,
}

impl Context<'_> {
    fn is_elf_program(&self) -> bool {
        self.inventory.format == Format::Elf && self.inventory.kind == ImageKind::Executable
    }
}

/// The version of the CPython inside the image. Whether it is free-threaded, it does not say.
fn linked_in(inventory: &Inventory) -> Option<Python> {
    inventory.facts.python.map(|hex| Python { minor: (hex >> 16 & 0xff) as u8, free_threaded: None })
}
