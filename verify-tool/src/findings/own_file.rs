//! LT023: code that asks which file it is in.

use super::finding::MAX_NAMED;
use super::{Code, Context, Finding, Findings};
use crate::records::{ImageKind, Inventory};

const HELP: &str = "leave an extension that takes what is in its file for its own a shared object, as `linktab adopt` \
                    does; elsewhere suppress it";

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (inventory, facts) = (context.inventory, &context.inventory.facts);
    if inventory.kind != ImageKind::Executable || inventory.records.is_empty() && !facts.has_runtime {
        return;
    }
    let asking = |input: &&Inventory| !input.facts.asks_for_file.is_empty();
    let mut by_input = context.expected.inputs.iter().filter(asking).peekable();
    if by_input.peek().is_some() {
        findings.extend(by_input.map(|input| of_input(context, input)));
    } else if let Some(names) = words(&facts.asks_for_file) {
        let message = format!("code in the program asks by {names} which file it is in");
        let finding = Finding::new(Code::LT023, inventory, message)
            .note("nothing in a program tells which code it is: `--inputs` names the object files that do");
        findings.push(finding.help(HELP));
    }
}

fn of_input(context: &Context<'_>, input: &Inventory) -> Finding {
    let names = words(&input.facts.asks_for_file).unwrap_or_default();
    let message = format!(
        "{} asks by {names} which file its code is in, and everything is in {}",
        input.label(),
        context.inventory.label()
    );
    let records: Vec<_> = input.records.iter().take(MAX_NAMED).collect();
    Finding::new(Code::LT023, context.inventory, message).records(&records).help(HELP)
}

/// Names in words, if there are any.
fn words(names: &[String]) -> Option<String> {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let (last, first) = quoted.split_last()?;
    Some(if first.is_empty() { last.clone() } else { format!("{} and {last}", first.join(", ")) })
}
