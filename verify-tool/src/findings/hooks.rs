//! LT018: init functions that are linked in and that nobody registered.

use std::collections::HashSet;

use super::{Code, Context, Finding, Findings, builtins};
use crate::records::{Hook, ImageKind, Init};

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (inventory, facts) = (context.inventory, &context.inventory.facts);
    // Where neither is, importing is somebody else's business: this is a shared extension, or a `python`.
    let has_table = !inventory.records.is_empty() || facts.tables.iter().any(|table| table.size > 0);
    if !has_table && !facts.has_runtime {
        return;
    }
    // What cannot be read as a record may be the one that points there.
    if facts.hooks.is_empty() || !context.inventory.defects.is_empty() {
        return;
    }
    let registered = Registered::new(context);
    let inittab = facts.inittab.as_deref().unwrap_or_default();
    for hook in facts.hooks.iter().filter(|hook| !registered.contains(hook)) {
        let leaf = hook.symbol.split_once('_').map_or("", |(_, leaf)| leaf);
        if hook.embedded || registered.is_wheel_export(hook, leaf) {
            continue;
        }
        let is_built_in = inittab.binary_search_by(|name| (**name).cmp(leaf)).is_ok();
        if is_built_in || builtins::is_stdlib(leaf, None) {
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

/// What records point at, in this image and in what went into it.
struct Registered<'a> {
    addresses: HashSet<u64>,
    /// Init functions that records name, being in another file as far as they know; and those of
    /// records that were lost on the way, which is LT007.
    symbols: HashSet<&'a str>,
    /// The last parts of names in a shared object, which may be a wheel's: its hook calls the registered
    /// function, under a name that CPython looks for.
    leaves: HashSet<&'a str>,
}

impl<'a> Registered<'a> {
    fn new(context: &Context<'a>) -> Registered<'a> {
        let (mut addresses, mut symbols) = (HashSet::new(), HashSet::new());
        for record in &context.inventory.records {
            match &record.init {
                Init::Address { address, .. } | Init::Resolver(address) => {
                    addresses.insert(*address);
                }
                Init::Import { symbol, .. } => {
                    symbols.insert(symbol.as_str());
                }
                Init::Null => {}
            }
        }
        let inputs = context.expected.inputs.iter().flat_map(|input| &input.records);
        symbols.extend(inputs.filter_map(|record| record.symbol.as_deref()));
        let records = context.inventory.records.iter();
        let leaves = records.filter(|_| context.inventory.kind == ImageKind::SharedObject);
        let leaves = leaves.map(|record| record.name.rsplit('.').next().unwrap_or_default()).collect();
        Registered { addresses, symbols, leaves }
    }

    /// Whether a hook is how CPython finds a registered module in a wheel. Of names beyond ASCII the hook has
    /// another spelling (PEP 489).
    fn is_wheel_export(&self, hook: &Hook, leaf: &str) -> bool {
        let is_spelt_out = hook.symbol.starts_with("PyInitU_") || hook.symbol.starts_with("PyModExportU_");
        self.leaves.contains(leaf) || is_spelt_out && self.leaves.iter().any(|leaf| !leaf.is_ascii())
    }

    fn contains(&self, hook: &Hook) -> bool {
        self.addresses.contains(&hook.address) || self.symbols.contains(&*hook.symbol)
    }
}
