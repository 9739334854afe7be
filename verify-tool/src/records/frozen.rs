//! The tables of frozen modules of a CPython that is linked in, in; their names out.
//!
//! `struct _frozen` (CPython, `Include/cpython/import.h`) has grown and shrunk: `name`, `code` and `size`, which is
//! negative for a package, up to 3.10; `is_package` besides from 3.11 on; and a function in 3.11 and 3.12.

use super::c_string::c_string;
use crate::error::Error;
use crate::image::{Image, Symbol};

/// A frozen module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Frozen {
    /// Its full dotted name.
    pub name: String,
    /// Whether it is a package.
    pub package: bool,
}

/// What the symbols begin with that lead to such tables.
pub const SYMBOLS: [&str; 2] = ["_PyImport_Frozen", "PyImport_FrozenModules"];

/// The table of programs that `Tools/freeze` makes, and of CPython up to 3.10.
const TABLE: &str = "_PyImport_FrozenModules";

/// Pointers to tables: those of the standard library from 3.11 on, and the one that embedders set.
const POINTERS: [&str; 4] =
    ["_PyImport_FrozenBootstrap", "_PyImport_FrozenStdlib", "_PyImport_FrozenTest", "PyImport_FrozenModules"];

/// Most modules of one table that are read.
const MAX: u64 = 16 << 10;

/// Reads every table of an image, whose `PY_VERSION_HEX` is not known before 3.11.
pub fn read(image: &Image<'_>, symbols: &[Symbol], python: Option<u32>) -> Result<Vec<Frozen>, Error> {
    let mut tables = Vec::new();
    for symbol in symbols {
        match symbol.address {
            Some(address) if *symbol.name == *TABLE => tables.push(address),
            Some(address) if POINTERS.contains(&&*symbol.name) => tables.extend(pointer(image, address)?),
            _ => {}
        }
    }
    tables.sort_unstable();
    tables.dedup();
    let mut all = Vec::new();
    for table in tables {
        read_table(image, table, &Layout::new(image.arch.pointer, python), &mut all)?;
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Where a pointer leads that is not null and is known before the program runs.
fn pointer(image: &Image<'_>, address: u64) -> Result<Option<u64>, Error> {
    let table = image.memory("a pointer to frozen modules", address, image.arch.pointer.into())?;
    let word =
        table.filter(|table| table.symbolic.is_empty()).and_then(|table| image.arch.word(&table.bytes, 0));
    Ok(word.filter(|&word| word != 0))
}

/// Where the fields of an entry are.
struct Layout {
    size: u64,
    /// Of the size of the code, which is behind two pointers.
    code_size: usize,
    has_flag: bool,
}

impl Layout {
    fn new(pointer: u8, python: Option<u32>) -> Layout {
        let pointer = u64::from(pointer);
        let minor = python.map(|hex| hex >> 16 & 0xff);
        let has_flag = minor.is_some_and(|minor| minor >= 11);
        let function = if matches!(minor, Some(11 | 12)) { pointer } else { 0 };
        let fields = 2 * pointer + if has_flag { 8 } else { 4 };
        Layout {
            size: fields.next_multiple_of(pointer) + function,
            code_size: 2 * pointer as usize,
            has_flag,
        }
    }
}

fn read_table(image: &Image<'_>, address: u64, layout: &Layout, all: &mut Vec<Frozen>) -> Result<(), Error> {
    let size = (MAX * layout.size).min(image.segments.file_rest(address)) / layout.size * layout.size;
    let Some(table) = image.memory("frozen modules", address, size)? else { return Ok(()) };
    for at in (0..size as usize).step_by(layout.size as usize) {
        let int = |at: usize| image.arch.u32(&table.bytes, at).unwrap_or(0);
        // Null ends the table; what is no name is behind an end that was not seen.
        let name = image
            .arch
            .word(&table.bytes, at)
            .filter(|&name| name != 0 && table.symbolic(at as u64).is_none());
        let Some(name) = name.map(|name| c_string(image, name)).transpose()?.flatten() else { break };
        let code_size = at + layout.code_size;
        let package = if layout.has_flag { int(code_size + 4) != 0 } else { int(code_size) >> 31 == 1 };
        all.push(Frozen { name, package });
    }
    Ok(())
}
