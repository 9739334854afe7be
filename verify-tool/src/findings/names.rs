//! LT011: names that nothing can import, or that no `import` statement can name.

use unicode_normalization::UnicodeNormalization;

use super::{Code, Context, Finding, Findings, Level};

/// Hard keywords of Python 3.9 to 3.15 (Python reference, "Keywords").
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// `continue` and `nonlocal`.
const LONGEST_KEYWORD: usize = 8;

pub fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for record in &context.inventory.records {
        if is_plain(&record.name) {
            continue;
        }
        let name = record.name.escape_debug();
        // `importlib` asks for the parent first, which would have no name, and the runtime refuses a
        // table with such a record.
        let finding = if record.name.split('.').any(str::is_empty) {
            let message = format!("module `{name}` can never be imported: a part of the name is empty");
            Finding::new(Code::LT011, context.inventory, message)
                .level(Level::Error)
                .help("use identifiers with one dot between them, such as `acme.geo._core`")
        } else if let Some(fault) = record.name.split('.').find_map(fault) {
            let message = format!("no `import` statement can name module `{name}`: {fault}");
            Finding::new(Code::LT011, context.inventory, message).help(
                "use identifiers with one dot between them, unless code imports it with `importlib.import_module`",
            )
        } else {
            continue;
        };
        findings.push(finding.record(record));
    }
}

/// Whether a name is what almost all are: ASCII and without a fault. Says nothing of the others.
fn is_plain(name: &str) -> bool {
    let is_part = |part: &[u8]| {
        let is_keyword = || KEYWORDS.iter().any(|keyword| keyword.as_bytes() == part);
        part.first().is_some_and(|first| !first.is_ascii_digit())
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            && (part.len() > LONGEST_KEYWORD || !is_keyword())
    };
    name.as_bytes().split(|byte| *byte == b'.').all(is_part)
}

/// Why a part of a name cannot stand in an `import` statement.
pub fn fault(part: &str) -> Option<String> {
    let mut chars = part.chars();
    let first = chars.next()?;
    let is_start = first == '_' || unicode_ident::is_xid_start(first);
    if !is_start || !chars.all(unicode_ident::is_xid_continue) {
        return Some(format!("`{}` is no Python identifier", part.escape_debug()));
    }
    if KEYWORDS.contains(&part) {
        return Some(format!("`{part}` is a Python keyword"));
    }
    // The parser normalises what it reads (PEP 3131), so that it asks for the other name.
    let normal: String = part.nfkc().collect();
    (normal != part).then(|| format!("`{part}` is not in normalisation form NFKC, which is `{normal}`"))
}
