//! An image in, the names out by which its code asks in which file it is.
//!
//! Knows CPython's own objects, which ask too and mean the whole program.

use linktab::layout::own_file::{FUNCTIONS, SYMBOLS};

use crate::error::Error;
use crate::image::{Image, ImageKind, Query, Symbol};

/// Windows imports a function through a pointer of that name.
const POINTER: &str = "__imp_";

/// What symbols begin with that ask.
pub const PREFIXES: [&str; 7] =
    ["dladdr", "backtrace", "RtlPcToFileHeader", "GetModuleHandleEx", SYMBOLS[0], SYMBOLS[1], SYMBOLS[2]];

/// The same behind [`POINTER`].
pub const POINTERS: [&str; 2] = ["__imp_RtlPcToFileHeader", "__imp_GetModuleHandleEx"];

/// From 3.14 on CPython tells frames of C after a crash, by `backtrace` and `dladdr1` (`Python/traceback.c`).
const DUMP_STACK: &str = "_Py_DumpStack";
const DUMPS_STACK: u32 = 0x030e_0000;

/// The names among an image's symbols, in order. In an object they count where Python's API is used beside them; in
/// a linked image where CPython has no part in them.
pub fn asked(image: &Image<'_>, symbols: &[Symbol], python: Option<u32>) -> Result<Vec<String>, Error> {
    // A C library that is linked in has these functions for its own ends too: glibc's comes with `dladdr`.
    let is_asked = |symbol: &&Symbol| symbol.address.is_none();
    let mut asked: Vec<String> = symbols.iter().filter(is_asked).filter_map(name).collect();
    asked.sort_unstable();
    asked.dedup();
    if asked.is_empty() {
        return Ok(asked);
    }
    let counts = match image.kind {
        ImageKind::Object => is_of_an_extension(image)?,
        _ => !is_of_cpython(image, python)?,
    };
    Ok(if counts { asked } else { Vec::new() })
}

/// Static symbol tables have the version too: `dladdr@GLIBC_2.34`.
fn name(symbol: &Symbol) -> Option<String> {
    let name = symbol.name.split('@').next().unwrap_or_default();
    let name = name.strip_prefix(POINTER).unwrap_or(name);
    (FUNCTIONS.contains(&name) || SYMBOLS.contains(&name)).then(|| name.to_owned())
}

/// Whether an object calls CPython, and is not a part of it: nobody else defines what begins with `_Py_`, but for
/// inline functions, which are local.
fn is_of_an_extension(image: &Image<'_>) -> Result<bool, Error> {
    let prefixes = ["Py", "_Py", "__imp_Py", "__imp__Py"];
    let symbols = image.symbols.find(&Query { addresses: &[], prefixes: &prefixes })?;
    let is_own =
        |symbol: &Symbol| symbol.address.is_some() && symbol.global && symbol.name.starts_with("_Py_");
    Ok(symbols.iter().any(|symbol| symbol.address.is_none()) && !symbols.iter().any(is_own))
}

/// Whether it can be CPython that asks. Of a program without symbols nothing tells.
fn is_of_cpython(image: &Image<'_>, python: Option<u32>) -> Result<bool, Error> {
    if let Some(python) = python {
        return Ok(python >= DUMPS_STACK);
    }
    let symbols = image.symbols.find(&Query { addresses: &[], prefixes: &[DUMP_STACK] })?;
    Ok(!image.symbols.has_locals() || symbols.iter().any(|symbol| symbol.address.is_some()))
}
