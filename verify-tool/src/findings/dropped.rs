//! LT007: what went into the link and did not come out, and why.

use std::collections::BTreeSet;

use super::{Code, Context, Finding, Findings};
use crate::records::{Format, ImageKind, Inventory, Record, TableFacts};

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    split(context, findings);
    let mut told = BTreeSet::new();
    for input in &context.expected.inputs {
        for record in input.records.iter().filter(|record| !context.by_name.contains(&record.name)) {
            if told.insert(record.name.to_string()) {
                findings.push(dropped(context, input, record));
            }
        }
        for name in input.markers.iter().filter(|name| !context.by_name.contains(name)) {
            if told.insert(name.clone()) {
                findings.push(never_named(context, input, Lost { name, package: "", record: None }));
            }
        }
    }
}

struct Lost<'a> {
    name: &'a str,
    package: &'a str,
    record: Option<&'a Record>,
}

fn dropped(context: &Context<'_>, input: &Inventory, record: &Record) -> Finding {
    let is_retained = input.facts.tables.get(record.table as usize).is_some_and(|table| table.retained);
    let is_rlib = input.path.ends_with(".rlib");
    let origin = record.origin();
    // An rlib holds objects of a build script's C compiler too.
    if is_rlib && origin.file.ends_with(".rs") {
        let package = origin.package;
        return never_named(context, input, Lost { name: &record.name, package, record: Some(record) });
    }
    let is_function_here = record.symbol.as_deref().is_some_and(|symbol| context.has_hook(symbol));
    let in_archive = input.member.is_some();
    let (why, help) = if in_archive && (is_retained || !is_function_here) {
        (
            format!(
                "the linker never pulled its archive member, {}, because nothing refers to it",
                input.label()
            ),
            if is_rlib {
                "build the C library with `static:+whole-archive` (`cargo::rustc-link-lib=static:+whole-archive=name`)"
            } else {
                "link the archive with `-Wl,--whole-archive` (`-force_load` on macOS), or refer to the extension from \
                 code that is linked"
            },
        )
    } else if !is_retained {
        (
            format!("the linker collected its section, which {} does not mark to be retained", input.label()),
            "register with `LINKTAB_MODULE` of linktab.h and GCC 11 or Clang 13 or later, or link with \
             `-Wl,-z,nostart-stop-gc`",
        )
    } else {
        (
            format!("{} was given as an input, and is not part of the output", input.label()),
            "add the object to the linker's command line",
        )
    };
    finding(context, &record.name, Some(record)).note(why).help(help)
}

fn never_named(context: &Context<'_>, input: &Inventory, lost: Lost<'_>) -> Finding {
    let package = if lost.package.is_empty() { crate_of(&input.path) } else { lost.package.to_owned() };
    let krate = package.replace('-', "_");
    // The file is called by the crate's name, the record by the package's.
    let known = context.expected.crates.iter().find(|it| it.package == package || it.name == krate);
    let (krate, place) = match known {
        Some(known) => {
            (known.name.clone(), format!("in the crate `{}`, which depends on it", known.dependent))
        }
        None => (krate, "in the crate that makes the program".to_owned()),
    };
    let inventory = context.inventory;
    if inventory.format == Format::Pe && inventory.facts.has_runtime && inventory.records.is_empty() {
        // linkme, issue 25. The two cannot be told apart in a program without any record.
        return finding(context, lost.name, lost.record)
            .note(format!(
                "GNU ld collected it, as it does every record of a Windows program, or no code names the crate `{krate}`"
            ))
            .help(format!(
                "link with `-Clink-arg=-Wl,--no-gc-sections`, and write `use {krate} as _;` {place}"
            ));
    }
    finding(context, lost.name, lost.record)
        .note(format!(
            "no code names the crate `{krate}`, so that rustc compiled it and never passed {} to the linker",
            input.path
        ))
        .help(format!("write `use {krate} as _;` {place}"))
}

fn finding(context: &Context<'_>, name: &str, record: Option<&Record>) -> Finding {
    let message = format!("module `{name}` went into the link, and is not in {}", context.inventory.label());
    let finding = Finding::new(Code::LT007, context.inventory, message);
    match record {
        Some(record) => finding.record(record),
        None => finding.module(name),
    }
}

/// The crate of `…/libname-0123456789abcdef.rlib`.
fn crate_of(rlib: &str) -> String {
    let file = rlib.rsplit(['/', '\\']).next().unwrap_or(rlib);
    let stem = file.strip_suffix(".rlib").unwrap_or(file);
    let stem = stem.strip_prefix("lib").unwrap_or(stem);
    stem.rsplit_once('-').map_or(stem, |(name, _)| name).to_owned()
}

/// What is in the image, and the program never gets to see: a linker that makes two sections of one name
/// leaves it with one of them.
fn split(context: &Context<'_>, findings: &mut Findings<'_>) {
    let facts = &context.inventory.facts;
    if context.inventory.format != Format::Elf || context.inventory.kind == ImageKind::Object {
        return;
    }
    let is_lost = |table: &TableFacts| match &facts.walked {
        Some(range) => !range.contains(&table.address),
        // `__start_` and `__stop_` symbols bound the first section of a name.
        None => context.is_elf_program() && facts.tables.first() != Some(table),
    };
    let why = match (facts.tables.len(), &facts.walked) {
        (0 | 1, Some(range)) => {
            format!("the program reads {:#x}..{:#x}, where no record is", range.start, range.end)
        }
        (0 | 1, None) => return,
        (count, _) => format!("the linker made {count} sections of one name, of which the program reads one"),
    };
    for record in &context.inventory.records {
        if facts.tables.get(record.table as usize).is_some_and(is_lost) {
            let finding = finding(context, &record.name, Some(record)).note(why.clone());
            findings.push(finding.help(
                "build every extension with one version of linktab, and without `relocation-model=static` under mold; \
                 no linker script may set the section's bounds",
            ));
        }
    }
}
