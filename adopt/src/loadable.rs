//! A wheel that was built in, whether a loader finds all that its extensions take from elsewhere out.
//!
//! A linker lets a shared object take what nobody defines. Sources that lack a file, as some uploads do, so build without
//! a word what no CPython can import, and in an executable one such module would keep all others from being linked.

use std::fs;
use std::path::Path;

use crate::elf::{self, SharedObject};
use crate::process;
use crate::python::Python;

/// Unpacks a wheel into a folder, and prints of each of its shared objects its path there and what the loader says of it.
/// All that it takes is looked for at once, as a linker does (`RTLD_NOW`, which `ctypes` always asks for).
const LOAD: &str = r#"
import ctypes, pathlib, sys, zipfile
wheel, folder = sys.argv[1:]
zipfile.ZipFile(wheel).extractall(folder)
for file in sorted(pathlib.Path(folder).rglob("*.so")):
    try:
        ctypes.CDLL(str(file))
        said = ""
    except OSError as error:
        said = str(error)
    print(file.relative_to(folder), said, sep="\t")
"#;

/// Looks at the extensions of a wheel, which is unpacked into a folder for that long. One that cannot be used is removed, as
/// another may be looked for in its place.
///
/// # Errors
/// In words: which of them takes what from nowhere.
pub fn check(wheel: &Path, folder: &Path, python: &Python) -> Result<(), String> {
    let said = process::output(python.code(LOAD).arg(wheel).arg(folder));
    // Where an extension cannot be loaded alone, or by this CPython, nothing is known of it.
    let lacking = said.ok().and_then(|said| lacking(&said, folder));
    // What is left of it is left among the logs.
    let _ = fs::remove_dir_all(folder);
    let Some(why) = lacking else { return Ok(()) };
    let removed = fs::remove_file(wheel);
    Err(removed.err().map_or(why, |error| format!("cannot remove {}: {error}", wheel.display())))
}

/// The first module of which the loader misses what no other file of the wheel has either.
fn lacking(said: &str, folder: &Path) -> Option<String> {
    let files: Vec<(&str, &str)> = said.lines().filter_map(|line| line.split_once('\t')).collect();
    let read = |file: &str| elf::shared_object(&fs::read(folder.join(file)).ok()?).ok();
    let all: Vec<SharedObject> = files.iter().filter_map(|(file, _)| read(file)).collect();
    files.iter().find_map(|(file, said)| {
        // glibc, `elf/dl-lookup.c`; a version may follow, behind a comma.
        let (_, behind) = said.split_once("undefined symbol: ")?;
        let symbol = behind.split([' ', ',']).next()?;
        let is_lent = all.iter().any(|other| other.exports.iter().any(|export| export == symbol));
        let is_module = read(file).is_some_and(|own| !own.hooks.is_empty());
        (is_module && !is_lent).then(|| {
            format!("{file} takes `{symbol}`, which no source or library of its build defines: no CPython can import it")
        })
    })
}
