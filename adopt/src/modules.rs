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
    let parts: Vec<&str> = parts.into_iter().chain(leaf).collect();
    let is_identifier = |part: &&str| {
        !part.is_empty()
            && !part.starts_with(|sign: char| sign.is_ascii_digit())
            && part.chars().all(|sign| sign == '_' || sign.is_alphanumeric())
    };
    (!parts.is_empty() && parts.iter().all(is_identifier))
        .then(|| Name { dotted: parts.join("."), is_package })
}

/// The function that CPython would call: of an export hook and an init function, the former where it is
/// known (PEP 793).
pub fn hook<'a>(name: &Name, shared: &'a SharedObject, python: &PythonFacts) -> Option<&'a str> {
    let leaf = name.dotted.rsplit('.').next().unwrap_or_default();
    let knows_export = python.hex >> 16 >= 0x030f;
    let prefixes = if knows_export { &["PyModExport", "PyInit"][..] } else { &["PyInit"] };
    prefixes.iter().find_map(|prefix| {
        let plain = format!("{prefix}_{leaf}");
        // A leaf beyond ASCII is in punycode (PEP 489); there is one function then, and it is not spelled out.
        let punycode = format!("{prefix}U_");
        let fits = |hook: &&String| **hook == plain || (!leaf.is_ascii() && hook.starts_with(&punycode));
        shared.hooks.iter().find(fits).map(String::as_str)
    })
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
    let phase = if hook.starts_with("PyModExport") {
        phase::EXPORT
    } else if undefined.iter().any(|symbol| symbol == "PyModuleDef_Init") {
        phase::MULTI
    } else {
        phase::SINGLE
    };
    let is_abi3 = file.ends_with(".abi3.so");
    let mut flags = 0;
    for (is_set, flag) in [
        (python.free_threaded, build_flags::FREE_THREADED),
        (python.debug, build_flags::DEBUG),
        (is_abi3, build_flags::LIMITED_API),
    ] {
        flags |= if is_set { flag } else { 0 };
    }
    Facts {
        name: name.dotted.clone(),
        phase,
        is_package: name.is_package,
        origin: [distribution.name.clone(), distribution.version.clone(), file.to_owned()],
        python: if is_abi3 { oldest(&distribution.tag) } else { python.hex },
        build_flags: flags,
    }
}

/// The oldest CPython that a wheel of the stable ABI is for, by its tag (`cp39-abi3-…`); what `Python.h`
/// makes of `Py_LIMITED_API` without a value is 3.2.
fn oldest(tag: &str) -> u32 {
    let digits = tag.split('-').next().and_then(|python| python.strip_prefix("cp3"));
    let minor = digits.and_then(|digits| digits.parse().ok()).unwrap_or(2_u32);
    0x0300_0000 | minor << 16
}
