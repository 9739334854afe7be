//! The shared objects of an installed distribution in, which module each is out, or why it is none.

use linktab::layout::{build_flags, phase};

use crate::elf::SharedObject;
use crate::installed::Distribution;
use crate::python::Facts as PythonFacts;
use crate::record::Facts;

/// What CPython would import a file as.
#[derive(Debug, PartialEq, Eq)]
pub struct Name {
    /// The dotted name.
    pub dotted: String,
    /// Whether the file is the `__init__` of a package.
    pub is_package: bool,
}

/// The name of a shared object, by its path below the folder of packages.
pub fn name(file: &str) -> Option<Name> {
    let (folder, file) = file.rsplit_once('/').unwrap_or(("", file));
    let leaf = file.strip_suffix(".so")?.split('.').next()?;
    let is_package = leaf == "__init__";
    let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let leaf = (!is_package).then_some(leaf);
    let dotted = parts.into_iter().chain(leaf).collect::<Vec<_>>().join(".");
    is_dotted(&dotted).then_some(Name { dotted, is_package })
}

/// Whether each part of a name could be imported.
pub fn is_dotted(name: &str) -> bool {
    name.split('.').all(|part| {
        !part.is_empty()
            && !part.starts_with(|sign: char| sign.is_ascii_digit())
            && part.chars().all(|sign| sign == '_' || sign.is_alphanumeric())
    })
}

/// The function that CPython would call: of an export hook and an init function, the former where it is
/// known (PEP 793).
pub fn hook<'a>(name: &Name, shared: &'a SharedObject, python: &PythonFacts) -> Option<&'a str> {
    let is_ascii = name.dotted.rsplit('.').next().is_some_and(str::is_ascii);
    hooks(&name.dotted, python).iter().find_map(|wanted| {
        // A leaf beyond ASCII is in punycode (PEP 489); there is one function then, and it is not spelled out.
        let punycode = wanted.split_once('_').map(|(prefix, _)| format!("{prefix}U_"));
        let is_punycode = |hook: &str| punycode.as_ref().is_some_and(|start| hook.starts_with(start));
        let fits = |hook: &&String| *hook == wanted || (!is_ascii && is_punycode(hook));
        shared.hooks.iter().find(fits).map(String::as_str)
    })
}

/// The functions that CPython would look for, in this order.
pub fn hooks(dotted: &str, python: &PythonFacts) -> Vec<String> {
    let leaf = dotted.rsplit('.').next().unwrap_or_default();
    let knows_export = python.hex >> 16 >= 0x030f;
    let prefixes = if knows_export { &["PyModExport", "PyInit"][..] } else { &["PyInit"] };
    prefixes.iter().map(|prefix| format!("{prefix}_{leaf}")).collect()
}

/// How the function answers.
pub fn phase(hook: &str, undefined: &[String]) -> u8 {
    if hook.starts_with("PyModExport") {
        phase::EXPORT
    } else if undefined.iter().any(|symbol| symbol == "PyModuleDef_Init") {
        phase::MULTI
    } else {
        phase::SINGLE
    }
}

/// What it was compiled for.
pub fn build_flags(python: &PythonFacts, is_abi3: bool) -> u32 {
    let all = [
        (python.free_threaded, build_flags::FREE_THREADED),
        (python.debug, build_flags::DEBUG),
        (is_abi3, build_flags::LIMITED_API),
    ];
    all.into_iter().filter(|(is_set, _)| *is_set).fold(0, |flags, (_, flag)| flags | flag)
}

/// What the record of a module says. `undefined` is what its twin takes from elsewhere.
pub fn facts(
    name: &Name,
    file: &str,
    hook: &str,
    undefined: &[String],
    distribution: &Distribution,
    python: &PythonFacts,
) -> Facts {
    let is_abi3 = file.ends_with(".abi3.so");
    Facts {
        name: name.dotted.clone(),
        phase: phase(hook, undefined),
        is_package: name.is_package,
        has_file: false,
        origin: [distribution.name.clone(), distribution.version.clone(), file.to_owned()],
        python: if is_abi3 { oldest(&distribution.tag) } else { python.hex },
        build_flags: build_flags(python, is_abi3),
    }
}

/// The oldest CPython that a wheel of the stable ABI is for, by its tag (`cp39-abi3-…`); what `Python.h`
/// makes of `Py_LIMITED_API` without a value is 3.2.
fn oldest(tag: &str) -> u32 {
    let digits = tag.split('-').next().and_then(|python| python.strip_prefix("cp3"));
    let minor = digits.and_then(|digits| digits.parse().ok()).unwrap_or(2_u32);
    0x0300_0000 | minor << 16
}
