//! LT002, LT004 and LT010: the lock, `--expect`, and packages that ought to register something.

use std::collections::BTreeSet;

use super::{Code, Context, Finding, Findings, Level};

pub fn check(context: &Context<'_>, findings: &mut Findings) {
    locked(context, findings);
    for expected in context.expected.names.iter().filter(|expected| !context.by_name.contains(&expected.name))
    {
        let message =
            format!("module `{}` is expected, and is not in {}", expected.name, context.inventory.label());
        let mut finding = Finding::new(Code::LT002, context.inventory, message).module(&expected.name);
        if let Some((file, line)) = &expected.place {
            finding = finding.expectation(file, *line, "expected here");
        }
        findings.push(finding.help(format!(
            "register it with `#[linktab::extension_module(\"{}\")]`, and name its crate in code (`use the_crate as _;`)",
            expected.name
        )));
    }
    for package in &context.expected.silent_packages {
        let message = format!("package `{package}` depends on linktab, and registers no module");
        let finding = Finding::new(Code::LT002, context.inventory, message).level(Level::Warning);
        findings.push(finding.help("register its module, or remove its dependency on linktab"));
    }
}

fn locked(context: &Context<'_>, findings: &mut Findings) {
    let Some(lock) = &context.expected.lock else { return };
    let input = context.inventory.label();
    for module in &lock.modules {
        match context.by_name.get(&module.name) {
            None => {
                let message = format!("module `{}` is locked, and is not in {input}", module.name);
                findings.push(
                    Finding::new(Code::LT002, context.inventory, message)
                        .module(&module.name)
                        .expectation(&lock.path, module.line, "locked here")
                        .help("link its crate again, or run `linktab lock` if it was removed on purpose"),
                );
            }
            Some(record) if record.phase.as_str() != module.phase => {
                let message = format!(
                    "module `{}`: expected phase {} as locked, found {}",
                    module.name, module.phase, record.phase
                );
                findings.push(
                    Finding::new(Code::LT004, context.inventory, message)
                        .record(record)
                        .expectation(&lock.path, module.line, "locked here")
                        .help("run `linktab lock` if the phase was changed on purpose"),
                );
            }
            Some(_) => {}
        }
    }
    let names: BTreeSet<&str> = lock.modules.iter().map(|module| &*module.name).collect();
    let firsts = context.by_name.groups().filter_map(|group| group.first());
    let mut extra: Vec<_> =
        firsts.map(|(_, record)| *record).filter(|record| !names.contains(&*record.name)).collect();
    extra.sort_by_key(|record| &record.name);
    for record in extra {
        let message = format!("module `{}` is in {input}, and is not locked", record.name);
        let level = if context.expected.locked { Level::Error } else { Level::Warning };
        findings.push(
            Finding::new(Code::LT010, context.inventory, message)
                .level(level)
                .record(record)
                .help("run `linktab lock` if it was added on purpose"),
        );
    }
}
