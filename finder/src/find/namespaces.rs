//! The top-level names of the table: a cheap first answer to "could this name be one of ours".
//!
//! Every failing import asks, `sitecustomize` at each start included, so the whole table is walked
//! once and never sorted for it.

use std::collections::HashSet;
use std::sync::OnceLock;

use linktab::Registry;

use super::own;

pub struct Namespaces(HashSet<&'static str>);

/// The namespaces of the executable's registry.
pub fn of(registry: &'static Registry) -> &'static Namespaces {
    static NAMESPACES: OnceLock<Namespaces> = OnceLock::new();
    NAMESPACES.get_or_init(|| Namespaces::collect(registry))
}

impl Namespaces {
    fn collect(registry: &'static Registry) -> Namespaces {
        let mut roots = HashSet::new();
        let mut last = "";
        // As they were linked: neighbours are mostly of one namespace, which is then compared and not hashed.
        for record in registry.iter_as_linked() {
            let rest = record.name().strip_prefix(last);
            if last.is_empty() || !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
                last = root(record.name());
                roots.insert(last);
            }
        }
        // linktab's own module says nothing about what else should be there.
        roots.remove(own::NAME);
        Namespaces(roots)
    }

    /// Whether a name lies in a namespace of the table, or the table is empty and any name could be
    /// the one that should have been in it.
    pub fn could_hold(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.contains(root(name))
    }
}

fn root(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}
