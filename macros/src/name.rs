//! Dotted names: what Python's `import` statement can name, and what symbols follow from it.

use unicode_normalization::UnicodeNormalization;

/// Hard keywords of Python 3.9 to 3.15 (Python reference, "Keywords"). Soft ones such as `match`
/// can be imported. In order, to be found in six steps of unoptimised code and not in 35.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Longest name in bytes that the runtime reads (`linktab::layout::MAX_NAME_LEN`).
const MAX_LEN: usize = 1024;

/// What keeps `name` from being a dotted name that can be imported: one sentence per fault. With `any`, by
/// `importlib.import_module`, which takes parts that are no identifiers.
pub fn faults(name: &str, any: bool) -> Vec<String> {
    if name.is_empty() {
        return vec!["the name is empty: expected a dotted name such as \"acme.geo._core\"".to_owned()];
    }
    let mut faults: Vec<String> =
        name.split('.').filter_map(|part| component_fault(part, name, any)).collect();
    if let Some(last) = faults.last_mut().filter(|_| !any && self::faults(name, true).is_empty()) {
        last.push_str("; the option `any_name` allows it, for `importlib.import_module` alone");
    }
    if name.len() > MAX_LEN {
        faults.push(format!("the name is {} bytes long: at most {MAX_LEN} are allowed", name.len()));
    }
    faults
}

fn component_fault(part: &str, name: &str, any: bool) -> Option<String> {
    let mut chars = part.chars();
    let Some(first) = chars.next() else {
        return Some(format!(
            "{name:?} has an empty component: expected identifiers with one dot between them"
        ));
    };
    if any {
        // A linker's symbol, which the marker is, ends at a zero byte.
        return part.contains('\0').then(|| format!("{part:?} cannot be imported: it contains a zero byte"));
    }
    if first != '_' && !unicode_ident::is_xid_start(first) {
        return Some(format!("`{part}` is no Python identifier: it cannot begin with {first:?}"));
    }
    if let Some(bad) = chars.find(|&c| !unicode_ident::is_xid_continue(c)) {
        return Some(format!("`{part}` is no Python identifier: it cannot contain {bad:?}"));
    }
    if KEYWORDS.binary_search(&part).is_ok() {
        return Some(format!("`{part}` is a Python keyword: no `import` statement can name it"));
    }
    if part.is_ascii() {
        return None;
    }
    // Python's parser normalises identifiers (PEP 3131), so `import` would look for the other one.
    let normal: String = part.nfkc().collect();
    (normal != part).then(|| format!("`{part}` is not in normalisation form NFKC: write \"{normal}\""))
}

/// The part behind the last dot.
pub fn leaf(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The part before the last dot.
pub fn parent(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(parent, _)| parent)
}

/// The symbol that CPython looks up in a shared object (`_PyImport_GetModuleExportHooks`, PEP 489
/// "Export Hook Name"; PEP 793 for `PyModExport`).
pub fn hook(name: &str, prefix: &str) -> String {
    let leaf = leaf(name);
    if leaf.is_ascii() {
        return format!("{prefix}_{leaf}");
    }
    match punycode::encode(leaf) {
        Ok(encoded) => format!("{prefix}U_{}", encoded.replace('-', "_")),
        Err(()) => format!("{prefix}_{leaf}"),
    }
}

/// The exported symbol that makes two extensions of one name collide (`linktab::layout::MARKER_PREFIX`).
pub fn marker(name: &str) -> String {
    let mut marker = String::from("__linktab_mod$");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            marker.push(char::from(byte));
        } else {
            // Version scripts, which rustc writes for shared objects, take ASCII only, and `*`, `@` and
            // their like mean something in them.
            marker.push_str(&format!("${byte:02x}"));
        }
    }
    marker
}

#[cfg(test)]
mod tests {
    use super::{faults, hook, marker};

    #[test]
    fn names_that_import_can_name_have_no_faults() {
        for name in ["a", "_a", "a.b", "acme.geo._core", "pkg.match", "café.naïve", "a1.b2"] {
            assert_eq!(faults(name, false), Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn importlib_takes_parts_that_are_no_identifiers() {
        for name in ["30fcd23745efe32ce681__mypyc", "a.class", "a.b-c", "a.ﬁ"] {
            assert_eq!((faults(name, true), faults(name, false).len()), (Vec::new(), 1), "{name}");
        }
        for name in ["", "a..1", "1.", "1\0"] {
            assert_eq!(faults(name, true).len(), 1, "{name}");
        }
    }

    #[test]
    fn every_fault_of_a_name_is_told() {
        let names = ["", ".", "a.", ".a", "a..b", "a b", "1a", "a-b.class", "a.ﬁ", "pkg.None.2"];
        let told: Vec<String> =
            names.iter().map(|name| format!("{name:?}\n  {}", faults(name, false).join("\n  "))).collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn every_keyword_is_a_fault() {
        for keyword in super::KEYWORDS {
            assert_eq!(faults(keyword, false).len(), 1, "{keyword}");
        }
    }

    #[test]
    fn hooks_are_those_that_cpython_looks_up() {
        assert_eq!(hook("acme.geo._core", "PyInit"), "PyInit__core");
        // PEP 489's own example, and what `'lančmít'.encode('punycode')` gives in Python.
        assert_eq!(hook("food.lančmít", "PyInit"), "PyInitU_lanmt_2sa6t");
    }

    #[test]
    fn markers_are_ascii() {
        assert_eq!(marker("café.x"), "__linktab_mod$caf$c3$a9.x");
        assert_eq!(marker("a b$.2-d"), "__linktab_mod$a$20b$24.2-d");
    }
}
