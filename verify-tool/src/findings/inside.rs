//! LT019 and LT020: whether CPython is in the program, and whether shared extensions can find it there.

use super::{Code, Context, Finding, Findings, Level};
use crate::records::ImageKind;

/// Modules of the standard library that builds of CPython have as shared extensions, by how often they are
/// missed.
const USUALLY_SHARED: [&str; 10] =
    ["math", "_struct", "_socket", "select", "_random", "_datetime", "array", "zlib", "_json", "_ctypes"];

const HELP: &str =
    "link with `-rdynamic`; in a build script: `println!(\"cargo::rustc-link-arg=-rdynamic\")`";

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let facts = &context.inventory.facts;
    if !facts.has_runtime || context.inventory.kind != ImageKind::Executable {
        return;
    }
    match &facts.python_needed {
        Some(library) => findings.push(needs(context, library)),
        None if facts.python_hidden => findings.extend(hides(context)),
        None if facts.python_unseen => findings.push(may_hide(context)),
        None => {}
    }
}

fn needs(context: &Context<'_>, library: &str) -> Finding {
    let message = format!("CPython is not inside: the loader looks for `{library}` on the machine");
    let finding = Finding::new(Code::LT019, context.inventory, message);
    let finding = if context.expected.python_inside { finding.level(Level::Error) } else { finding };
    finding
        .help("link a static libpython (`PYO3_CONFIG_FILE` says which), or ship the library with the program")
}

fn hides(context: &Context<'_>) -> Option<Finding> {
    let inittab = context.inventory.facts.inittab.as_deref().unwrap_or_default();
    let is_inside = |name: &str| inittab.iter().any(|other| other == name) || context.by_name.contains(name);
    let shared: Vec<_> = USUALLY_SHARED.into_iter().filter(|name| !is_inside(name)).collect();
    let (first, others) = shared.split_first()?;
    let message = "CPython is inside, and its functions are not exported: shared extensions cannot load";
    let finding = Finding::new(Code::LT020, context.inventory, message);
    let others = if others.is_empty() { String::new() } else { format!(", nor are {}", others.join(", ")) };
    let finding = finding.note(format!("`{first}` of the standard library is not built in{others}"));
    Some(finding.help(HELP))
}

/// Of a stripped program nothing tells which modules are built in, so that it may need no others.
fn may_hide(context: &Context<'_>) -> Finding {
    let message = "CPython is inside, and its functions are not exported: no shared extension can load";
    let finding = Finding::new(Code::LT020, context.inventory, message).level(Level::Note);
    finding
        .note("the program is stripped, so that nothing tells which modules of the standard library are built in")
        .help(HELP)
}
