//! What an image shows beside its records: symbols of init functions, hooks that nobody registered,
//! the real inittab, the state of the table.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::error::Error;
use crate::image::{Format, Image, ImageKind, Packed, Query, Symbol, SymbolKind, Table};
use crate::records::c_string::c_string;
use crate::records::frozen::{self, Frozen};
use crate::records::{Init, Record, own_file};

/// What findings need to know about an image beside its records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// The sections of records, in the file's order. More than one in a linked image means that the
    /// linker split the section.
    pub tables: Vec<TableFacts>,
    /// The addresses of the table that the runtime walks, where the locator tells.
    pub walked: Option<Range<u64>>,
    /// Whether the runtime is linked in, so that a table has to be there.
    pub has_runtime: bool,
    /// Whether the finder's C interface is linked in, which calls the runtime, here or in another image.
    pub has_finder: bool,
    /// Whether notes were taken away, which may have told that the runtime is linked in.
    pub note_removed: bool,
    /// Whether local symbols are there to name functions.
    pub has_symbols: bool,
    /// Every init function and export hook that is defined in the image, ordered by name.
    pub hooks: Vec<Hook>,
    /// Names of the built-in modules, in order, when CPython's own table of them is linked in.
    pub inittab: Option<Vec<String>>,
    /// The frozen modules of the CPython that is linked in, by name.
    pub frozen: Vec<Frozen>,
    /// `PY_VERSION_HEX` of the CPython that is linked in, when it tells (3.11 and later).
    pub python: Option<u32>,
    /// Whether that CPython is free-threaded.
    pub free_threaded: bool,
    /// Whether CPython is linked in and its functions are not exported, so that no shared extension finds
    /// them.
    pub python_hidden: bool,
    /// Whether the program starts CPython, neither takes its functions from elsewhere nor exports them, and has no
    /// symbols that tell more of it.
    pub python_unseen: bool,
    /// The shared libpython that the loader is asked for, as the image names it.
    pub python_needed: Option<String>,
    /// By what its code asks which file it is in, where Python's API is used beside it (`linktab::layout::own_file`).
    pub asks_for_file: Vec<String>,
    /// The shared libraries that the loader is asked for, as the image names them.
    pub needed: Vec<String>,
    /// Offset in the file of the mark by which a program of `linktab_finder::main()` says whether it was packed
    /// (`linktab::layout::mark`).
    pub mark: Option<u64>,
    /// What is behind the program, where it says that it was packed.
    pub packed: Option<Packed>,
    /// Whether the program is compressed in its file.
    pub compressed: bool,
}

impl Facts {
    /// The CPython that is linked in, such as `3.13t`.
    #[must_use]
    pub fn python_name(&self) -> Option<String> {
        let suffix = if self.free_threaded { "t" } else { "" };
        self.python.map(|hex| format!("3.{}{suffix}", hex >> 16 & 0xff))
    }
}

/// One section of records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableFacts {
    /// Its name.
    pub section: String,
    /// Its address.
    pub address: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Whether the linker was told to keep it (`SHF_GNU_RETAIN`).
    pub retained: bool,
}

impl TableFacts {
    pub(super) fn of(table: &Table) -> TableFacts {
        TableFacts {
            section: table.section.clone(),
            address: table.address,
            size: table.bytes.len() as u64,
            retained: table.retained,
        }
    }
}

/// An init function or export hook by its symbol.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Hook {
    /// The symbol.
    pub symbol: String,
    /// Its address.
    pub address: u64,
    /// Whether pybind11 puts it into CPython's own table (`PYBIND11_EMBEDDED_MODULE`).
    pub embedded: bool,
}

/// The variable that does it, up to the module's name (pybind11, `pybind11/embed.h`).
const EMBEDDED: &str = "pybind11_module_";

/// Beginnings of the names that CPython looks up (PEP 489, PEP 793).
const HOOKS: [&str; 2] = ["PyInit", "PyModExport"];

/// What the runtime is recognised by: the labels of note and anchor, and the finder's C interface.
const RUNTIME: [&str; 3] = ["__linktab_locator", "__linktab_anchor", FINDER];

/// The finder may be in another image than the runtime, where a crate is a Rust `dylib`.
const FINDER: &str = "linktab_install";

/// CPython's table of built-in modules; its version (3.11 and later); and a function that only
/// free-threaded builds have (`Include/refcount.h`).
const CPYTHON: [&str; 4] = ["_PyImport_Inittab", "Py_Version", "_Py_DecRefShared", EXPORTED];

/// What every extension that is not empty asks for.
const EXPORTED: &str = "PyModuleDef_Init";

/// How the names of all symbols begin that facts come from.
pub fn symbols() -> Vec<&'static str> {
    [&HOOKS[..], &RUNTIME, &CPYTHON, &frozen::SYMBOLS, &[EMBEDDED], &own_file::PREFIXES].concat()
}

/// Collects the facts and names the records' init functions.
pub fn collect(image: &Image<'_>, tables: Vec<TableFacts>, records: &mut [Record]) -> Result<Facts, Error> {
    let mut addresses: Vec<u64> = records.iter().filter_map(address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let mut prefixes = symbols();
    if image.arch.format == Format::Coff {
        prefixes.extend(own_file::POINTERS);
    }
    let mut symbols = image.symbols.find(&Query { addresses: &addresses, prefixes: &prefixes })?;
    // Of several names at one address the one that reads best comes first: hooks, then global
    // functions, then others, variables last, by name.
    symbols.sort_by(|a, b| {
        let by_rank = || (rank(a), &a.name).cmp(&(rank(b), &b.name));
        a.address.cmp(&b.address).then_with(by_rank)
    });
    for record in records.iter_mut() {
        let at = address(record);
        let index = symbols.partition_point(|symbol| symbol.address < at);
        let name = symbols.get(index).filter(|symbol| at.is_some() && symbol.address == at);
        record.symbol = match &record.init {
            Init::Import { symbol, .. } => Some(Arc::from(symbol.as_str())),
            _ => name.map(|symbol| Arc::clone(&symbol.name)),
        };
        if let Init::Address { executable, .. } = &mut record.init {
            // Whatever else would come first.
            *executable &= name.is_none_or(|symbol| symbol.kind != SymbolKind::Variable);
        }
    }
    let defined = |name: &str| {
        let symbol = symbols.iter().find(|symbol| *symbol.name == *name && symbol.address.is_some());
        symbol.and_then(|symbol| symbol.address).filter(|_| image.kind != ImageKind::Object)
    };
    let exports_python = image.symbols.exports(EXPORTED)?;
    let python_hidden = defined(EXPORTED).is_some() && !exports_python;
    let python = defined(CPYTHON[1]).map(|address| version(image, address)).transpose()?.flatten();
    let is_linked = image.kind != ImageKind::Object;
    let holds = |name: &str| symbols.iter().any(|symbol| symbol.address.is_some() && *symbol.name == *name);
    // A linked ELF image with the runtime has its note, unless notes were taken away.
    let has_note = image.arch.format == Format::Elf && is_linked && !image.note_removed;
    let has_runtime = image.locator.is_some()
        || image.has_anchor
        || RUNTIME.iter().any(|name| holds(name) && !(has_note && *name == FINDER));
    let is_program = image.kind == ImageKind::Executable;
    let mark = if is_program && has_runtime { image.mark()? } else { None };
    let python_needed = image.needed.iter().find(|library| is_libpython(library)).cloned();
    // Windows exports nothing from programs, and finds functions of a library by the library's name.
    let python_unseen = mark.is_some()
        && !image.symbols.has_locals()
        && image.arch.format != Format::Pe
        && python_needed.is_none()
        && !exports_python
        && !symbols.iter().any(|symbol| *symbol.name == *EXPORTED);
    Ok(Facts {
        tables,
        has_finder: holds(FINDER),
        asks_for_file: own_file::asked(image, &symbols, python)?,
        needed: if is_linked { image.needed.clone() } else { Vec::new() },
        python_hidden,
        python_unseen,
        python_needed,
        walked: image.locator.clone(),
        note_removed: image.note_removed,
        inittab: defined(CPYTHON[0]).map(|address| inittab(image, address)).transpose()?,
        python,
        frozen: if is_linked { frozen::read(image, &symbols, python)? } else { Vec::new() },
        free_threaded: defined(CPYTHON[2]).is_some(),
        mark,
        packed: mark.map(|at| image.packed(at)).transpose()?.flatten(),
        compressed: image.blocks.bytes().is_inflated(),
        has_runtime,
        has_symbols: image.symbols.has_locals(),
        hooks: hooks(&symbols),
    })
}

fn address(record: &Record) -> Option<u64> {
    match record.init {
        Init::Address { address, .. } | Init::Resolver(address) => Some(address),
        Init::Null | Init::Import { .. } => None,
    }
}

/// `libpython3.11.so.1.0`, `@rpath/libpython3.11.dylib`, `…/Python.framework/Versions/3.11/Python` (Xcode has
/// `Python3`, and a free-threaded one is `PythonT`), `python311.dll`.
fn is_libpython(library: &str) -> bool {
    let name = library.rsplit('/').next().unwrap_or(library);
    name.starts_with("libpython3")
        || ["Python", "Python3", "PythonT"].iter().any(|name| library.contains(&format!("{name}.framework/")))
        || name.to_ascii_lowercase().starts_with("python3") && name.to_ascii_lowercase().ends_with(".dll")
}

/// Not what tools derive from one: the cold half that GCC splits off, `PyInit_x.cold`, or mold's
/// entry of the procedure linkage table, `PyInit_x$pltgot`. No identifier of Python has such a sign.
#[inline]
fn is_hook(name: &str) -> bool {
    name.starts_with("Py") && is_hook_of_python(name)
}

fn is_hook_of_python(name: &str) -> bool {
    ["PyInit_", "PyInitU_", "PyModExport_", "PyModExportU_"].iter().any(|prefix| name.starts_with(prefix))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii())
}

fn rank(symbol: &Symbol) -> u8 {
    match symbol {
        Symbol { kind: SymbolKind::Variable, .. } => 4,
        symbol if is_hook(&symbol.name) => 0,
        Symbol { kind: SymbolKind::Function, global: true, .. } => 1,
        Symbol { kind: SymbolKind::Function, .. } => 2,
        _ => 3,
    }
}

fn hooks(symbols: &[Symbol]) -> Vec<Hook> {
    let defined =
        symbols.iter().filter(|symbol| symbol.kind == SymbolKind::Function && is_hook(&symbol.name));
    let embedded: HashSet<&str> =
        symbols.iter().filter_map(|symbol| symbol.name.strip_prefix(EMBEDDED)).collect();
    let hook = |symbol: &Symbol| {
        let leaf = symbol.name.strip_prefix("PyInit_");
        let embedded = leaf.is_some_and(|leaf| embedded.contains(leaf));
        Some(Hook { symbol: symbol.name.to_string(), address: symbol.address?, embedded })
    };
    let mut hooks: Vec<Hook> = defined.filter_map(hook).collect();
    hooks.sort_unstable();
    hooks.dedup();
    hooks
}

/// Most built-in modules that CPython has by far.
const MAX_BUILTINS: u64 = 1024;

/// Reads `struct _inittab { const char *name; PyObject *(*initfunc)(void); }`, up to a null name
/// (CPython, `Include/cpython/import.h`).
fn inittab(image: &Image<'_>, address: u64) -> Result<Vec<String>, Error> {
    let pointer = u64::from(image.arch.pointer);
    let rest = image.segments.file_rest(address);
    let size = (MAX_BUILTINS * 2 * pointer).min(rest);
    let mut names = Vec::new();
    let Some(table) = image.memory("_PyImport_Inittab", address, size)? else { return Ok(names) };
    for at in (0..size).step_by(2 * pointer as usize) {
        if table.symbolic(at).is_some() {
            break;
        }
        match image.arch.word(&table.bytes, at as usize) {
            None | Some(0) => break,
            Some(name) => match c_string(image, name)? {
                Some(name) => names.push(name),
                None => break,
            },
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// `const unsigned long Py_Version` holds `PY_VERSION_HEX`.
fn version(image: &Image<'_>, address: u64) -> Result<Option<u32>, Error> {
    // `long` has four bytes on Windows, where every machine is little-endian.
    let len = u64::from(image.arch.pointer);
    let mut bytes = Vec::new();
    let held = image.segments.read(&image.blocks, "Py_Version", address, len, &mut bytes)?;
    let version = if held { image.arch.word(&bytes, 0) } else { None };
    Ok(version.map(|version| version as u32).filter(|version| version >> 24 == 3))
}
