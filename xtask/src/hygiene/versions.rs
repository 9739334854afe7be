//! Where the finder may tell CPython's versions apart: one place for what it chooses, and few files
//! that say what the C API of a version has.

use super::File;

/// Where a new version is taught; see "A version of CPython" in CONTRIBUTING.md.
const HOME: [&str; 2] = ["finder/src/load/route.rs", "finder/src/load/versions.rs"];

/// Files that hold a declaration of CPython's which some versions lack, and nothing to choose.
const DECLARATIONS: [(&str, &str); 9] = [
    ("finder/src/libpython.rs", "a member of the static library"),
    ("finder/src/python/configuration.rs", "fields of PyConfig"),
    ("finder/src/load/context.rs", "where the package context is kept"),
    ("finder/src/load.rs", "the types of export hooks"),
    ("finder/src/object/exception.rs", "how the exception is fetched"),
    ("finder/src/object/instance.rs", "where attributes are kept"),
    ("finder/src/object/version.rs", "versions of dictionaries"),
    ("finder/src/module/preload/batch.rs", "importlib's steps"),
    ("finder/src/python/site.rs", "where the configuration is kept"),
];

/// Lines of the finder that tell versions apart, elsewhere.
pub fn elsewhere(file: &File) -> Vec<(usize, String)> {
    let allowed = HOME.into_iter().chain(DECLARATIONS.map(|(path, _)| path));
    if !file.path.starts_with("finder/src/") || allowed.into_iter().any(|path| path == file.path) {
        return Vec::new();
    }
    let told_apart = |line: &str| !line.trim_start().starts_with("//") && line.contains(concat!("Py", "_3_"));
    let lines = file.text.lines().enumerate().filter(|(_, line)| told_apart(line));
    lines.map(|(at, _)| (at + 1, format!("a version of CPython, expected in {}", HOME[1]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str) -> Vec<usize> {
        let text = format!("//! {0}15\nfn f() {{}}\n#[cfg({0}15)]\n", concat!("Py", "_3_"));
        let file = File { path: path.to_owned(), text };
        elsewhere(&file).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn a_version_is_told_in_its_place_only() {
        assert_eq!(lines("finder/src/load/slot.rs"), [3]);
        assert_eq!(lines("finder/src/load/versions.rs"), [0; 0]);
        assert_eq!(lines("finder/src/load/context.rs"), [0; 0]);
        assert_eq!(lines("tests/fixtures/import/host/src/main.rs"), [0; 0]);
    }
}
