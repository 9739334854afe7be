//! LT003, LT008, LT013, LT014 and LT015: the section as such.

use std::collections::BTreeSet;

use linktab::layout::{ABI_VERSION, RECORD_SIZE};

use super::{Code, Context, Finding, Findings};
use crate::records::{DefectKind, Format, Record};

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    versions(context, findings);
    for defect in &context.inventory.defects {
        if matches!(defect.kind, DefectKind::Abi(_)) {
            continue;
        }
        let message = format!(
            "section `{}`, offset {:#x}: slot {} holds no valid record: {}",
            defect.section, defect.offset, defect.slot, defect.kind
        );
        findings.push(Finding::new(Code::LT008, context.inventory, message).help(
            "register with a linktab macro or LINKTAB_MODULE only; `linktab list` on the objects that were linked \
             finds the one that holds it",
        ));
    }
    presence(context, findings);
}

/// Records of other ABI versions.
fn versions(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut versions: BTreeSet<u16> = BTreeSet::new();
    let mut slots = Vec::new();
    for defect in &context.inventory.defects {
        if let DefectKind::Abi(version) = defect.kind {
            versions.insert(version);
            slots.push(format!("slot {}: ABI {version}", defect.slot));
        }
    }
    if slots.is_empty() {
        return;
    }
    if !context.inventory.records.is_empty() {
        versions.insert(ABI_VERSION);
    }
    let help = "build every extension against one version of linktab (crate and linktab.h)";
    let list: Vec<String> = versions.iter().map(ToString::to_string).collect();
    let finding = if versions.len() > 1 {
        let message = format!("records of several ABI versions are in one image: {}", list.join(", "));
        Finding::new(Code::LT013, context.inventory, message)
    } else {
        let message = format!("record ABI: expected {ABI_VERSION}, found {}", list.join(", "));
        Finding::new(Code::LT003, context.inventory, message)
    };
    findings.push(finding.note(slots.join(", ")).help(help));
}

fn presence(context: &Context<'_>, findings: &mut Findings<'_>) {
    let inventory = context.inventory;
    let facts = &inventory.facts;
    let size: u64 = match &facts.walked {
        Some(walked) => walked.end - walked.start,
        None => facts.tables.iter().map(|table| table.size).sum(),
    };
    let has_records = size >= RECORD_SIZE as u64;
    if facts.has_runtime && !has_records {
        findings.push(
            Finding::new(
                Code::LT014,
                inventory,
                "the linktab runtime is linked in, and there is no table of records",
            )
            .help(if inventory.format == Format::Pe {
                // linkme, issue 25: nothing marks a record as used there.
                "GNU ld collects every record of a Windows program: link with `-Clink-arg=-Wl,--no-gc-sections`, or \
                 name an extension crate in code if none is (`use the_crate as _;`)"
            } else {
                "name at least one extension crate in code (`use the_crate as _;`), or leave the runtime out"
            }),
        );
    }
    if has_records && !facts.has_runtime && !facts.note_removed {
        findings.extend(without_runtime(context));
    }
}

/// Records that nobody reads, or that whoever reads records does not see.
fn without_runtime(context: &Context<'_>) -> Option<Finding> {
    let inventory = context.inventory;
    let finding = |message: String| Finding::new(Code::LT014, inventory, message);
    let apart =
        "have no crate as a `dylib` (`crate-type = [\"lib\"]`), so that records and runtime are in one file";
    let all: Vec<&Record> = inventory.records.iter().collect();
    if let Some(holder) = context.expected.loaded.iter().find(|library| library.facts.has_runtime) {
        let message = format!(
            "records are in {}, and the linktab runtime is in {}, where it sees only that file's ({})",
            inventory.label(),
            holder.label(),
            holder.records.len()
        );
        return Some(finding(message).records(&all).help(apart));
    }
    if inventory.format == Format::Elf && inventory.facts.has_finder {
        let message = "there is a table of records, and the linktab runtime that the finder here calls is in \
                       another file, where it does not see them";
        return Some(finding(message.to_owned()).records(&all).help(apart));
    }
    // Only ELF shows the runtime even in stripped programs; but for those from before the anchor, whose
    // note was taken away.
    let message = "there is a table of records, and no linktab runtime to read it";
    context.is_elf_program().then(|| {
        finding(message.to_owned())
            .help("call `linktab_finder::main()` or `install()`, or `linktab_install()` from C")
    })
}

/// LT015, when findings would be better with names.
pub fn stripped(context: &Context<'_>, findings: &mut Findings<'_>) {
    if findings.has_nameless && !context.inventory.facts.has_symbols {
        let message = "the symbols were stripped, so that init functions are told by address";
        findings.push(
            Finding::new(Code::LT015, context.inventory, message)
                .help("check the program before it is stripped"),
        );
    }
}
