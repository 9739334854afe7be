//! LT018: init functions that are linked in and that nobody registered.

use std::collections::BTreeSet;

use super::{Code, Context, Finding, Findings, builtins};
use crate::records::Init;

pub fn check(context: &Context<'_>, findings: &mut Findings) {
    let facts = &context.inventory.facts;
    let registered: BTreeSet<u64> = context
        .inventory
        .records
        .iter()
        .filter_map(|record| match record.init {
            Init::Address { address, .. } | Init::Resolver(address) => Some(address),
            Init::Null | Init::Import(_) => None,
        })
        .collect();
    let inittab = facts.inittab.as_deref().unwrap_or_default();
    for hook in facts.hooks.iter().filter(|hook| !registered.contains(&hook.address)) {
        let leaf = hook.symbol.split_once('_').map_or("", |(_, leaf)| leaf);
        let is_pythons = builtins::is_stdlib(leaf, None) || inittab.iter().any(|name| name == leaf);
        // A record that was lost on the way is LT007.
        let mut lost = context.expected.inputs.iter().flat_map(|input| &input.records);
        let is_lost = lost.any(|record| record.symbol.as_deref() == Some(&*hook.symbol));
        if is_pythons
            || is_lost
            || context.inventory.records.iter().any(|record| is_import_of(&record.init, &hook.symbol))
        {
            continue;
        }
        let message = format!("`{}` is linked in, and no record points at it", hook.symbol);
        let mut finding = Finding::new(Code::LT018, context.inventory, message);
        finding.address = Some(hook.address);
        finding.symbol = Some(hook.symbol.clone());
        let finding = finding.note(format!("it is at {:#x} in {}", hook.address, context.inventory.label()));
        findings.push(finding.help(format!(
            "register it with `linktab::extern_module!(\"your_package.{leaf}\", {})` or LINKTAB_EXTERN_MODULE",
            hook.symbol
        )));
    }
}

fn is_import_of(init: &Init, symbol: &str) -> bool {
    matches!(init, Init::Import(name) if **name == *symbol)
}
