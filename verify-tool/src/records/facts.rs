//! What an image shows beside its records: symbols of init functions, hooks that nobody registered,
//! the real inittab, the state of the table.

use crate::error::Error;
use crate::image::{Image, Query, Symbol};
use crate::records::{Init, Record};

/// What findings need to know about an image beside its records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// Whether a section of records is there at all, even an empty one.
    pub has_table: bool,
    /// The sections' sizes in bytes, in the file's order. More than one in a linked image means
    /// that the linker split the section.
    pub tables: Vec<(String, u64)>,
    /// Bytes of the table that the runtime walks, where the locator note tells.
    pub walked: Option<u64>,
    /// Whether the runtime is linked in, so that a table has to be there.
    pub has_runtime: bool,
    /// Whether local symbols are there to name functions.
    pub has_symbols: bool,
    /// Every init function and export hook that is defined in the image, by name.
    pub hooks: Vec<Hook>,
}

/// An init function or export hook by its symbol.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Hook {
    /// The symbol.
    pub symbol: String,
    /// Its address.
    pub address: u64,
}

/// Beginnings of the names that CPython looks up (PEP 489, PEP 793).
const HOOKS: [&str; 2] = ["PyInit", "PyModExport"];

/// What the runtime is recognised by: the note's label, and the finder's C interface.
const RUNTIME: [&str; 2] = ["__linktab_locator", "linktab_install"];

/// Collects the facts and names the records' init functions.
pub fn collect(image: &Image<'_>, records: &mut [Record]) -> Result<Facts, Error> {
    let mut addresses: Vec<u64> = records.iter().filter_map(address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let prefixes = [HOOKS, RUNTIME].concat();
    let mut symbols = image.symbols.find(&Query { addresses: &addresses, prefixes: &prefixes })?;
    // Of several names at one address the one that reads best comes first: hooks, then global
    // functions, then others, by name.
    symbols.sort_by(|a, b| (a.address, rank(a), &a.name).cmp(&(b.address, rank(b), &b.name)));
    for record in records.iter_mut() {
        let at = address(record);
        let index = symbols.partition_point(|symbol| symbol.address < at);
        let name = symbols.get(index).filter(|symbol| at.is_some() && symbol.address == at);
        record.symbol = match &record.init {
            Init::Import(name) => Some(name.clone()),
            _ => name.map(|symbol| symbol.name.clone()),
        };
    }
    Ok(Facts {
        has_table: !image.tables.is_empty(),
        tables: image.tables.iter().map(|table| (table.section.clone(), table.bytes.len() as u64)).collect(),
        walked: image.locator.as_ref().map(|range| range.end - range.start),
        has_runtime: image.locator.is_some()
            || symbols.iter().any(|symbol| symbol.address.is_some() && RUNTIME.contains(&&*symbol.name)),
        has_symbols: image.symbols.has_locals(),
        hooks: hooks(&symbols),
    })
}

fn address(record: &Record) -> Option<u64> {
    match record.init {
        Init::Address { address, .. } | Init::Resolver(address) => Some(address),
        Init::Null | Init::Import(_) => None,
    }
}

fn is_hook(name: &str) -> bool {
    ["PyInit_", "PyInitU_", "PyModExport_", "PyModExportU_"].iter().any(|prefix| name.starts_with(prefix))
}

fn rank(symbol: &Symbol) -> u8 {
    match symbol {
        symbol if is_hook(&symbol.name) => 0,
        Symbol { function: true, global: true, .. } => 1,
        Symbol { function: true, .. } => 2,
        _ => 3,
    }
}

fn hooks(symbols: &[Symbol]) -> Vec<Hook> {
    let defined = symbols.iter().filter(|symbol| symbol.function && is_hook(&symbol.name));
    let mut hooks: Vec<Hook> = defined
        .filter_map(|symbol| Some(Hook { symbol: symbol.name.clone(), address: symbol.address? }))
        .collect();
    hooks.sort();
    hooks.dedup();
    hooks
}
