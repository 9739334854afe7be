//! A module that could be linked in, and the files around it in; out why it would then misbehave.
//!
//! Each of these links without a word and goes wrong at run time, some with wrong results: so they are
//! looked for before, and a module that has one stays a file.

use std::fs;
use std::path::Path;

use linktab::layout::own_file;

use crate::elf::SharedObject;
use crate::installed::Distribution;
use crate::remedies::Remedy;

/// What Python code loads a shared object by its path with.
const LOADERS: &[&str] = &["CDLL(", "PyDLL(", "LoadLibrary(", "ExtensionFileLoader", "load_dynamic("];

/// What a name in quotes is the name of a module behind, in Python and in C that Python code writes.
const IMPORTERS: &[&str] = &["import_module(", "ImportModule(", "__import__(", "modules[", "find_spec("];

/// What Python code sees the files of a folder by, and then imports some of them.
const LISTERS: &[&str] = &["listdir(", "scandir(", "iterdir(", "glob("];

/// A module and what is around it.
pub struct Candidate<'a> {
    pub dotted: &'a str,
    /// Its file, below the folder of packages.
    pub file: &'a str,
    pub shared: &'a SharedObject,
    /// What its twin takes from elsewhere.
    pub undefined: &'a [String],
    pub distribution: &'a Distribution,
    /// The other shared objects of the distribution, by the names that they are known by.
    pub others: &'a [(String, &'a SharedObject)],
}

/// Why the module has to stay a file.
pub fn find(candidate: &Candidate<'_>, remedy: Option<Remedy>, site: &Path) -> Option<String> {
    asks_where(candidate.undefined, remedy)
        .or_else(|| own_library(candidate))
        .or_else(|| lends(candidate))
        .or_else(|| code(candidate, site))
}

/// Whether it asks in which file it is, by what it takes from elsewhere.
pub fn asks_where(undefined: &[String], remedy: Option<Remedy>) -> Option<String> {
    let lists = [&own_file::FUNCTIONS[..], &own_file::SYMBOLS, &own_file::ENDS];
    let is_helped = |symbol: &str| remedy.is_some_and(|of| of.zero.contains(&symbol));
    let is_asked =
        |symbol: &&String| lists.iter().any(|list| list.contains(&symbol.as_str())) && !is_helped(symbol);
    let symbol = undefined.iter().find(is_asked)?;
    Some(format!("asks by `{symbol}` what is in its own file: in one executable everything is"))
}

/// Whether it is a group of mypyc's that is asked for its `__file__`: newer mypyc's modules take their own from that of the
/// group which has their code. `twin` is the object that has the group's.
pub fn is_asking_group(dotted: &str, twin: &[u8]) -> bool {
    let asked = b"__file__\0";
    dotted.ends_with("__mypyc") && twin.windows(asked.len()).any(|bytes| bytes == asked)
}

/// Such a group that is in no package, as is usual: it has no folder then, and no file as soon as it is in an executable.
pub fn group_without_folder(dotted: &str, twin: &[u8]) -> Option<String> {
    let is_one = !dotted.contains('.') && is_asking_group(dotted, twin);
    is_one.then(|| {
        "modules that mypyc compiled ask for its `__file__`, and it is in no package, whose folder would be its own".to_owned()
    })
}

/// A library that the wheel brings along would be looked for beside the executable.
fn own_library(candidate: &Candidate<'_>) -> Option<String> {
    let file = |needed: &&String| {
        candidate.distribution.files.iter().any(|path| path.rsplit('/').next() == Some(needed.as_str()))
    };
    let needed = candidate.shared.needed.iter().find(file)?;
    Some(format!("needs `{needed}`, which is a file of the same wheel"))
}

/// Files of one distribution that take symbols from each other find them in files alone.
fn lends(candidate: &Candidate<'_>) -> Option<String> {
    let leaf = candidate.file.rsplit('/').next().unwrap_or_default();
    candidate.others.iter().find_map(|(other, shared)| {
        if shared.needed.iter().any(|needed| needed == leaf) {
            return Some(format!("`{other}` is linked with its file"));
        }
        if let Some(taken) = taken(shared, candidate.shared) {
            return Some(format!("`{other}` takes `{taken}` from its file"));
        }
        taken(candidate.shared, shared).map(|taken| format!("takes `{taken}` from `{other}`"))
    })
}

/// What one takes from another. Weak symbols, as templates are, each file has for itself.
fn taken<'a>(taker: &'a SharedObject, giver: &SharedObject) -> Option<&'a String> {
    let is_own = |symbol: &String| taker.exports.contains(symbol) || symbol.starts_with("_Z");
    taker.imports.iter().find(|symbol| !is_own(symbol) && giver.exports.contains(symbol))
}

/// Whether the package's Python code asks for the module's `__file__`, and can be given one: its folder is that of
/// the package around it.
pub fn asks_for_file(candidate: &Candidate<'_>, site: &Path) -> bool {
    candidate.dotted.contains('.') && sources(candidate, site).any(|(_, text)| asks(&text, candidate.dotted))
}

/// Whether code asks for the `__file__` of a module by its name or its last part, or for the same by its spec.
fn asks(text: &str, dotted: &str) -> bool {
    let leaf = dotted.rsplit('.').next().unwrap_or(dotted);
    let questions = [".__file__", ".__spec__.origin", "\").origin", "').origin"];
    names(text, leaf, |_| true, |behind| questions.iter().any(|question| behind.starts_with(question)))
}

/// The package's Python code. Tests and examples do not count.
fn sources<'a>(candidate: &Candidate<'a>, site: &Path) -> impl Iterator<Item = (&'a str, String)> {
    let files = candidate.distribution.files.iter().map(String::as_str);
    files.filter(|file| file.ends_with(".py") && !is_beside(file)).filter_map(|file| {
        let bytes = fs::read(site.join(file)).ok()?;
        Some((file, String::from_utf8_lossy(&bytes).into_owned()))
    })
}

/// Python code that loads the file by its path, or for all to see, or asks where it is and cannot be told.
fn code(candidate: &Candidate<'_>, site: &Path) -> Option<String> {
    let leaf = candidate.dotted.rsplit('.').next()?;
    for (file, text) in sources(candidate, site) {
        let line = |word: &str| text.lines().position(|line| line.contains(word)).map(|line| line + 1);
        let asks = asks(&text, candidate.dotted);
        if asks && !candidate.dotted.contains('.') {
            return Some(format!(
                "{file} asks for its `__file__`, and it is in no package, whose folder would be its own"
            ));
        }
        let loader = LOADERS.iter().find_map(|word| Some((word, line(word)?)));
        if let (Some((word, line)), true) = (loader, asks || is_file_name(&text, leaf)) {
            let word = word.trim_end_matches('(');
            let this = if asks { "asks for the `__file__` of this one" } else { "names this one" };
            return Some(format!("{file}:{line} loads a file by its path (`{word}`), and {this}"));
        }
        let lister = LISTERS.iter().find_map(|word| Some((word, line(word)?)));
        if let (Some((word, line)), true) = (lister, imports_own_files(&text))
            && parted(file).0 == parted(candidate.file).0
        {
            let word = word.trim_end_matches('(');
            return Some(format!(
                "{file}:{line} imports what it finds in its own folder (`{word}`), where it would be no file"
            ));
        }
        if let (Some(line), true) = (line("setdlopenflags"), text.contains("RTLD_GLOBAL"))
            && names(&text, leaf, |_| true, |_| true)
        {
            return Some(format!("{file}:{line} loads it for others to take symbols from (RTLD_GLOBAL)"));
        }
    }
    None
}

/// Whether code that lists files imports those beside its own. Where it looks for Python's alone, it misses no extension.
fn imports_own_files(text: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(&["__file__", "__path__"]) && has(&["import_module(", "__import__("]) && !has(&[".py\"", ".py'"])
}

/// Whether an extension is for a package's own tests, by its folders or by its name, such as `_testcapi`.
pub fn is_of_tests(file: &str) -> bool {
    let (folders, leaf) = parted(file);
    is_folder_of_tests(folders)
        || leaf.split('_').any(|word| matches!(word, "test" | "tests" | "testing" | "testcapi"))
}

/// Whether Python code is none that the package runs: for tests, its own or those of others, or an example.
fn is_beside(file: &str) -> bool {
    const FOLDERS: [&str; 5] = ["testing", "examples", "_examples", "doc", "docs"];
    let (folders, leaf) = parted(file);
    is_folder_of_tests(folders)
        || folders.split('/').any(|part| FOLDERS.contains(&part))
        || leaf.starts_with("test_")
        || leaf == "conftest"
}

fn is_folder_of_tests(folders: &str) -> bool {
    folders.split('/').any(|part| matches!(part, "tests" | "test"))
}

/// The folders of a file, and its name without any ending.
fn parted(file: &str) -> (&str, &str) {
    let (folders, name) = file.rsplit_once('/').unwrap_or(("", file));
    (folders, name.split('.').next().unwrap_or_default())
}

/// Whether a text has a file's name: in quotes or behind a slash, and not an identifier.
fn is_file_name(text: &str, leaf: &str) -> bool {
    let before = |before: &str| match before.strip_suffix(['"', '\'']) {
        Some(call) => !IMPORTERS.iter().any(|importer| call.ends_with(importer)),
        None => before.ends_with('/'),
    };
    let behind = ["\"", "'", "*", "{", "%", ".*", ".{", ".%", ".so", ".cpython", ".abi3"];
    names(text, leaf, before, |text| behind.iter().any(|start| text.starts_with(start)))
}

/// Whether a word is in a text, by itself, between what is wished for.
fn names(text: &str, word: &str, before: impl Fn(&str) -> bool, behind: impl Fn(&str) -> bool) -> bool {
    let is_part = |sign: char| sign == '_' || sign.is_alphanumeric();
    text.match_indices(word).any(|(at, _)| {
        let (left, right) = (&text[..at], &text[at + word.len()..]);
        !left.ends_with(is_part) && !right.starts_with(is_part) && before(left) && behind(right)
    })
}

#[cfg(test)]
mod tests {
    use super::{asks, group_without_folder, is_asking_group};

    #[test]
    fn a_group_of_mypyc_s_in_no_package_has_no_file_where_its_modules_ask_for_it() {
        let (asks, not) = (&b"\0__file__\0"[..], &b"\0__file__s\0"[..]);
        let is_kept = |dotted, twin| group_without_folder(dotted, twin).is_some();
        assert_eq!([asks, not].map(|twin| is_kept("ab12__mypyc", twin)), [true, false]);
        assert_eq!(["acme.ab12__mypyc", "acme_core"].map(|dotted| is_kept(dotted, asks)), [false, false]);
        assert_eq!([asks, not].map(|twin| is_asking_group("acme.ab12__mypyc", twin)), [true, false]);
    }

    #[test]
    fn a_module_is_asked_for_its_file_by_attribute_or_by_spec() {
        let asking = [
            "open(_core.__file__)",
            "_core.__spec__.origin",
            "importlib.util.find_spec(\"acme._core\").origin",
            "find_spec('acme._core').origin",
        ];
        let not =
            ["acme.__file__", "_core_.__file__", "_core.__spec__", "find_spec('acme._core')", "_core.origin"];
        assert_eq!(asking.map(|text| asks(text, "acme._core")), [true; 4]);
        assert_eq!(not.map(|text| asks(text, "acme._core")), [false; 5]);
    }
}
