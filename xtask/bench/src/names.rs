//! A count in, as many dotted names out, as an application with so many extensions has them: vendors,
//! packages, and leaf names that repeat from package to package. The same each time.

const VENDORS: [&str; 12] = [
    "acme", "borealis", "corelib", "dataflow", "easel", "fathom", "graphite", "helios", "ionic", "jasper",
    "kelvin", "lumen",
];
const AREAS: [&str; 20] = [
    "geometry", "network", "storage", "imaging", "solver", "tokens", "signals", "finance", "physics",
    "codec", "layout", "metrics", "parsing", "search", "crypto", "events", "graph", "sparse", "stats",
    "text",
];
const PARTS: [&str; 25] = [
    "core",
    "utils",
    "linalg",
    "io",
    "backend",
    "kernels",
    "bindings",
    "transport",
    "index",
    "cache",
    "reader",
    "writer",
    "filters",
    "planner",
    "random",
    "special",
    "ops",
    "memory",
    "types",
    "random_access",
    "interop",
    "compat",
    "runtime",
    "scheduler",
    "schema",
];
const LEAVES: [&str; 10] = [
    "_native",
    "_core",
    "_speedups",
    "_ext",
    "_impl",
    "_fast",
    "_lowlevel",
    "_compiled",
    "_kernels",
    "_bindings",
];

/// `count` names, all different, 16 to 44 bytes long, about ten to a package.
pub fn names(count: usize) -> Vec<String> {
    (0..count).map(name).collect()
}

fn name(index: usize) -> String {
    let leaf = LEAVES[index % LEAVES.len()];
    let rest = index / LEAVES.len();
    let part = PARTS[rest % PARTS.len()];
    let rest = rest / PARTS.len();
    let area = AREAS[rest % AREAS.len()];
    let rest = rest / AREAS.len();
    let vendor = VENDORS[rest % VENDORS.len()];
    // With all words used up, versioned vendors follow.
    match rest / VENDORS.len() {
        0 => format!("{vendor}.{area}.{part}.{leaf}"),
        round => format!("{vendor}{round}.{area}.{part}.{leaf}"),
    }
}

/// The name as an identifier of C.
pub fn symbol(name: &str) -> String {
    name.replace('.', "_x_")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_symbols_are_all_different() {
        let names = names(50_000);
        let symbols: HashSet<String> = names.iter().map(|name| symbol(name)).collect();
        assert_eq!(symbols.len(), 50_000);
        assert!(names.iter().all(|name| (14..=48).contains(&name.len())));
    }
}
