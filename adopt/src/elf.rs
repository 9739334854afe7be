//! Bytes of a shared object or of a relocatable one in, the few facts that matter here out.

use object::elf::{self, FileHeader64};
use object::read::elf::{Dyn as _, ElfFile64, FileHeader as _, Sym as _};
use object::{Endianness, Object as _, ObjectSymbol as _};

/// What a shared object says of itself.
#[derive(Debug, Default)]
pub struct SharedObject {
    /// In hexadecimal digits.
    pub build_id: String,
    /// The init functions and export hooks that it exports.
    pub hooks: Vec<String>,
    /// What it exports besides.
    pub exports: Vec<String>,
    /// What it takes from others.
    pub imports: Vec<String>,
    /// The libraries that it needs, by the names that the loader looks for.
    pub needed: Vec<String>,
}

/// Reads a shared object of 64 bits.
pub fn shared_object(bytes: &[u8]) -> object::Result<SharedObject> {
    let file = ElfFile64::<Endianness>::parse(bytes)?;
    let build_id = file.build_id()?.unwrap_or_default();
    let mut found = SharedObject {
        build_id: build_id.iter().map(|byte| format!("{byte:02x}")).collect(),
        needed: needed(bytes)?,
        ..SharedObject::default()
    };
    for symbol in file.dynamic_symbols() {
        let Ok(name) = symbol.name() else { continue };
        match name {
            "" => {}
            name if symbol.is_undefined() => found.imports.push(name.to_owned()),
            name if is_hook(name) => found.hooks.push(name.to_owned()),
            name => found.exports.push(name.to_owned()),
        }
    }
    Ok(found)
}

fn needed(bytes: &[u8]) -> object::Result<Vec<String>> {
    let header = FileHeader64::<Endianness>::parse(bytes)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, bytes)?;
    let Some((entries, link)) = sections.dynamic(endian, bytes)? else { return Ok(Vec::new()) };
    let strings = sections.strings(endian, bytes, link)?;
    let needed = entries.iter().filter(|entry| entry.tag(endian) == elf::DT_NEEDED);
    let names = needed.filter_map(|entry| strings.get(entry.val32(endian)?).ok());
    Ok(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

/// What a relocatable object takes from elsewhere.
pub fn undefined(bytes: &[u8]) -> object::Result<Vec<String>> {
    let header = FileHeader64::<Endianness>::parse(bytes)?;
    let endian = header.endian()?;
    let symbols = header.sections(endian, bytes)?.symbols(endian, bytes, elf::SHT_SYMTAB)?;
    let undefined = symbols.iter().filter(|symbol| symbol.is_undefined(endian));
    let names = undefined.filter_map(|symbol| symbol.name(endian, symbols.strings()).ok());
    Ok(names.map(|name| String::from_utf8_lossy(name).into_owned()).filter(|name| !name.is_empty()).collect())
}

/// Whether a relocatable object has a function of this name.
pub fn defines(bytes: &[u8], name: &str) -> object::Result<bool> {
    let header = FileHeader64::<Endianness>::parse(bytes)?;
    let endian = header.endian()?;
    let symbols = header.sections(endian, bytes)?.symbols(endian, bytes, elf::SHT_SYMTAB)?;
    let is_it = |name_of: object::Result<&[u8]>| name_of.is_ok_and(|found| found == name.as_bytes());
    let mut defined = symbols.iter().filter(|symbol| !symbol.is_undefined(endian));
    Ok(defined.any(|symbol| is_it(symbol.name(endian, symbols.strings()))))
}

/// Whether CPython would look for a symbol of this name in a shared object (`Python/importdl.c`).
pub fn is_hook(symbol: &str) -> bool {
    ["PyInit_", "PyInitU_", "PyModExport_", "PyModExportU_"].iter().any(|prefix| symbol.starts_with(prefix))
}
