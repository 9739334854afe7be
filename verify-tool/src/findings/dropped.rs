//! LT007: what went into the link and did not come out, and why.

use std::collections::BTreeSet;

use super::arrived::Arrived;
use super::{Code, Context, Finding, Findings, Level};
use crate::expected::CrateName;
use crate::records::{Format, ImageKind, Inventory, Record, TableFacts};

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    split(context, findings);
    let inputs = &context.expected.inputs;
    let arrived = Arrived::new(&context.by_name, inputs);
    let mut told = BTreeSet::new();
    for input in inputs {
        let records = input.records.iter().map(|record| Lost { name: &record.name, record: Some(record) });
        let markers = input.markers.iter().map(|name| Lost { name, record: None });
        let is_to_come = |name: &str| context.inventory.markers.iter().any(|marker| marker == name);
        let is_lost = |lost: &Lost<'_>| match lost.record {
            Some(record) => {
                arrived.count(record) == 0 && !is_to_come(lost.name) && !is_loaded(context, record)
            }
            None => !arrived.has_marker(lost.name),
        };
        for lost in records.chain(markers).filter(is_lost) {
            if told.insert((lost.name, lost.record.map_or("", |record| &record.origin))) {
                findings.push(unless_elsewhere(context, lost, dropped(context, input, lost)));
            }
        }
    }
    for (record, packages) in arrived.shared(context.expected) {
        findings.push(shared(context, record, arrived.count(record), &packages));
    }
}

/// Whether a shared library that the program loads has the record.
fn is_loaded(context: &Context<'_>, record: &Record) -> bool {
    let mut loaded = context.expected.loaded.iter().flat_map(|library| &library.records);
    loaded.any(|other| other.name == record.name && other.origin == record.origin)
}

/// Programs of one package need not have the same extensions: what another of them has is only a note.
fn unless_elsewhere(context: &Context<'_>, lost: Lost<'_>, finding: Finding) -> Finding {
    let key = lost.record.map(|record| (record.name.to_string(), record.origin.to_string()));
    match key.and_then(|key| context.expected.elsewhere.get(&key)) {
        None => finding,
        Some(place) => {
            finding.level(Level::Note).note(format!("{place}, so that it may be left out on purpose"))
        }
    }
}

/// Two packages may compile files of one name and say nothing of themselves.
fn shared(context: &Context<'_>, record: &Record, count: usize, packages: &BTreeSet<&str>) -> Finding {
    let label = context.inventory.label();
    let names: Vec<String> = packages.iter().map(|package| format!("`{package}`")).collect();
    let lost = Lost { name: &record.name, record: Some(record) };
    finding(context, lost, format!("is in {label} for {count} of the {} packages that register it", names.len()))
        .note(format!("{} register it with the same origin, so that nothing tells which is there", names.join(" and ")))
        .help(
            "rename all but one, or leave all but one out of the link; define `LINKTAB_ORIGIN_PACKAGE`, so that reports can \
             tell them apart",
        )
}

/// A module that went into the link.
#[derive(Clone, Copy)]
struct Lost<'a> {
    name: &'a str,
    /// `None` where only a marker tells of it.
    record: Option<&'a Record>,
}

fn dropped(context: &Context<'_>, input: &Inventory, lost: Lost<'_>) -> Finding {
    if is_rust(input, lost) {
        return never_named(context, input, lost);
    }
    // What the linker compiles it gets back with all of its attributes.
    let is_retained = lost.record.is_none_or(|record| {
        input.facts.tables.get(record.table as usize).is_some_and(|table| table.retained)
    });
    let symbol = lost.record.and_then(|record| record.symbol.as_deref());
    let is_function_here = symbol.is_some_and(|symbol| context.has_hook(symbol));
    let in_archive = input.member.is_some();
    let (why, help) = if in_archive && (is_retained || !is_function_here) {
        (
            format!(
                "the linker never pulled its archive member, {}, because nothing refers to it",
                input.label()
            ),
            whole(context, input, lost),
        )
    } else if !is_retained {
        (
            format!("the linker collected its section, which {} does not mark to be retained", input.label()),
            "register with `LINKTAB_MODULE` of linktab.h and GCC 11 or Clang 13 or later, or link with \
             `-Wl,-z,nostart-stop-gc`"
                .to_owned(),
        )
    } else {
        (
            format!("{} was given as an input, and is not part of the output", input.label()),
            if lost.record.is_some() {
                "add the object to the linker's command line"
            } else {
                "add the object to the command line of a linker that compiles it: `gcc -flto` or `clang -flto` calls one"
            }
            .to_owned(),
        )
    };
    tell(context, lost, why, &help)
}

/// What to do about a member that nothing refers to. Nothing shows whether the crate that it belongs to is
/// linked: rustc passes on the C library of a crate that code names, and no other.
fn whole(context: &Context<'_>, input: &Inventory, lost: Lost<'_>) -> String {
    let package = lost.record.map_or("", |record| record.origin().package);
    let krate = if input.path.ends_with(RLIB) { crate_of(&input.path) } else { String::new() };
    let known = known(context, package, &krate);
    let whole = if known.is_some() || !krate.is_empty() {
        "build the C library with `static:+whole-archive` (`cargo::rustc-link-lib=static:+whole-archive=name`)"
    } else {
        "link the archive with `-Wl,--whole-archive` (`-force_load` on macOS), or refer to the extension from code that \
         is linked"
    };
    let Some(CrateName { package, name, dependent }) = known else { return whole.to_owned() };
    format!(
        "if no code names the crate `{name}`, write `use {name} as _;` in the crate `{dependent}`, which depends on it \
         (`linktab add {package}`); else {whole}"
    )
}

/// What cargo tells of a package, or of the crate of that name.
fn known<'c>(context: &Context<'c>, package: &str, krate: &str) -> Option<&'c CrateName> {
    context.expected.crates.iter().find(|it| it.package == package || it.name == krate)
}

/// The ending of rustc's libraries.
const RLIB: &str = ".rlib";

/// Whether it is Rust's. An rlib holds objects of a build script's C compiler too.
fn is_rust(input: &Inventory, lost: Lost<'_>) -> bool {
    input.path.ends_with(RLIB)
        && match lost.record {
            Some(record) => record.origin().file.ends_with(".rs"),
            // rustc's name for the object of a codegen unit.
            None => input.member.as_deref().is_some_and(|member| member.ends_with(".rcgu.o")),
        }
}

fn never_named(context: &Context<'_>, input: &Inventory, lost: Lost<'_>) -> Finding {
    let package = lost.record.map(|record| record.origin().package).filter(|package| !package.is_empty());
    let package = package.map_or_else(|| crate_of(&input.path), str::to_owned);
    let krate = package.replace('-', "_");
    // The file is called by the crate's name, the record by the package's.
    let (krate, place) = match known(context, &package, &krate) {
        Some(known) if known.package == known.dependent => {
            (known.name.clone(), format!("in the program of `{package}`, beside whose library it is"))
        }
        Some(known) => {
            (known.name.clone(), format!("in the crate `{}`, which depends on it", known.dependent))
        }
        None => (krate, "in the crate that makes the program".to_owned()),
    };
    let inventory = context.inventory;
    if inventory.format == Format::Pe && inventory.facts.has_runtime && inventory.records.is_empty() {
        // linkme, issue 25. The two cannot be told apart in a program without any record.
        let why = format!(
            "GNU ld collected it, as it does every record of a Windows program, or no code names the crate `{krate}`"
        );
        let help =
            format!("link with `-Clink-arg=-Wl,--no-gc-sections`, and write `use {krate} as _;` {place}");
        return tell(context, lost, why, &help);
    }
    let why = format!(
        "no code names the crate `{krate}`, so that rustc compiled it and never passed {} to the linker",
        input.path
    );
    tell(context, lost, why, &format!("write `use {krate} as _;` {place}"))
}

fn tell(context: &Context<'_>, lost: Lost<'_>, why: String, help: &str) -> Finding {
    let label = context.inventory.label();
    let Some(other) = context.by_name.get(lost.name) else {
        return finding(context, lost, format!("is not in {label}")).note(why).help(help);
    };
    let by = |record: &Record| {
        let package = if record.package { ", a package" } else { "" };
        format!("by {} (phase {}{package})", record.origin(), record.phase)
    };
    let lost_one =
        lost.record.map_or_else(String::new, |record| format!("it is registered {}; ", by(record)));
    // Whoever mends the link alone gets LT001, or a symbol that is defined twice.
    finding(context, lost, format!("another of that name is in {label}"))
        .note(why)
        .note(format!("{lost_one}the one in {label} is registered {}", by(other)))
        .help(format!("rename one of the two, or leave one out of the link; then {help}"))
}

fn finding(context: &Context<'_>, lost: Lost<'_>, what: String) -> Finding {
    let message = format!("module `{}` went into the link, and {what}", lost.name);
    let finding = Finding::new(Code::LT007, context.inventory, message);
    match lost.record {
        Some(record) => finding.record(record),
        None => finding.module(lost.name),
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
            let lost = Lost { name: &record.name, record: Some(record) };
            let what = format!("is not in {}", context.inventory.label());
            let finding = finding(context, lost, what).note(why.clone());
            findings.push(finding.help(
                "build every extension with one version of linktab, and without `relocation-model=static` under mold; \
                 no linker script may set the section's bounds",
            ));
        }
    }
}
