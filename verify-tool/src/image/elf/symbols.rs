//! The symbol tables of an ELF image: addresses and prefixes in, symbols out, in two passes over
//! the file and without reading any other name.

use std::ops::ControlFlow;

use object::Endianness;
use object::elf;
use object::pod::slice_from_all_bytes;
use object::read::elf::{SectionHeader, Sym};

use super::dynamic::{Dynamic, Range};
use super::{Elf, File};
use crate::bytes::{Blocks, Bytes};
use crate::error::Error;
use crate::image::symbols::{
    Found, MAX_BYTES, Query, SizedSymbol, Symbol, SymbolKind, Symbols, names_with_prefix, read_name_into,
};

/// The symbol tables of one image.
pub struct ElfSymbols<'d, E: Elf> {
    bytes: Bytes<'d>,
    endian: Endianness,
    tables: Vec<SymbolTable>,
    /// As in [`super::relocations::Source`].
    bases: Vec<u64>,
    has_locals: bool,
    header: std::marker::PhantomData<E>,
}

struct SymbolTable {
    symbols: Range,
    strings: Range,
    /// Whether the loader reads it.
    is_dynamic: bool,
}

impl<'d, E: Elf> ElfSymbols<'d, E> {
    pub fn of_linked(file: &File<'d, E>, dynamic: Option<&Dynamic>) -> Self {
        let mut symbols = ElfSymbols::of_object(file, Vec::new());
        // What the loader reads is found as it does: section headers may say anything of it.
        if let Some(table) = symbols.tables.iter_mut().find(|table| table.is_dynamic)
            && let Some(dynamic) = dynamic
        {
            table.move_to(dynamic);
        }
        if symbols.tables.is_empty() {
            symbols.tables.extend(dynamic.and_then(from_dynamic));
        }
        symbols
    }

    pub fn of_object(file: &File<'d, E>, bases: Vec<u64>) -> Self {
        let endian = file.endian;
        let mut tables = Vec::new();
        let mut has_locals = false;
        for section in &file.sections {
            let kind = section.header.sh_type(endian);
            if kind != elf::SHT_SYMTAB && kind != elf::SHT_DYNSYM {
                continue;
            }
            has_locals |= kind == elf::SHT_SYMTAB;
            let Some(strings) = file.sections.get(section.header.sh_link(endian) as usize) else { continue };
            let (symbols, strings) = (section.range(endian), strings.range(endian));
            tables.push(SymbolTable {
                symbols: Range { start: symbols.start, end: symbols.end },
                strings: Range { start: strings.start, end: strings.end },
                is_dynamic: kind == elf::SHT_DYNSYM,
            });
        }
        ElfSymbols { bytes: file.bytes, endian, tables, bases, has_locals, header: std::marker::PhantomData }
    }

    /// The address of a symbol, `None` when it is defined elsewhere.
    #[inline]
    fn address(&self, symbol: &E::Sym) -> Option<u64> {
        let value: u64 = symbol.st_value(self.endian).into();
        match symbol.st_shndx(self.endian) {
            elf::SHN_UNDEF | elf::SHN_COMMON => None,
            number if self.bases.is_empty() || number == elf::SHN_ABS => {
                let _ = number;
                Some(value)
            }
            number => {
                let base = self.bases.get(usize::from(number.0)).filter(|&&base| base != 0)?;
                Some(base.wrapping_add(value))
            }
        }
    }
}

impl SymbolTable {
    /// Corrects the places of a section's table by what the loader is told.
    fn move_to(&mut self, dynamic: &Dynamic) {
        let (Some(start), Some(strings)) = (dynamic.symbols, &dynamic.strings) else { return };
        let size = self.symbols.end.saturating_sub(self.symbols.start);
        self.symbols = Range { start, end: start.saturating_add(size) };
        self.strings = strings.clone();
    }
}

/// Without section headers nothing tells the number of dynamic symbols. The string table follows
/// them closely in practice; entries that are none cannot have a wanted address and a name.
fn from_dynamic(dynamic: &Dynamic) -> Option<SymbolTable> {
    let start = dynamic.symbols?;
    let strings = dynamic.strings.clone()?;
    (strings.start > start).then_some(SymbolTable {
        symbols: Range { start, end: strings.start },
        strings,
        is_dynamic: true,
    })
}

impl<E: Elf> Symbols for ElfSymbols<'_, E> {
    fn find(&self, query: &Query<'_>) -> Result<Vec<Symbol>, Error> {
        let mut found = Found::new(self.bytes);
        for table in &self.tables {
            self.find_in(table, query, &mut found)?;
        }
        Ok(found.symbols)
    }

    fn exports(&self, name: &str) -> Result<bool, Error> {
        let mut found = Found::new(self.bytes);
        for table in self.tables.iter().filter(|table| table.is_dynamic) {
            self.find_in(table, &Query { addresses: &[], prefixes: &[name] }, &mut found)?;
        }
        let is_it = |symbol: &Symbol| *symbol.name == *name && symbol.address.is_some() && symbol.global;
        Ok(found.symbols.iter().any(is_it))
    }

    fn has_locals(&self) -> bool {
        self.has_locals
    }

    fn sized(&self, take: &mut dyn FnMut(SizedSymbol<'_>)) -> Result<(), Error> {
        // The table that the loader reads is a part of the other one.
        match self.tables.iter().find(|table| !table.is_dynamic) {
            Some(table) => self.sized_in(table, take),
            None => Ok(()),
        }
    }
}

/// Bytes of a name that is told with its size.
const SHOWN: usize = 1024;

impl<E: Elf> ElfSymbols<'_, E> {
    fn sized_in(&self, table: &SymbolTable, take: &mut dyn FnMut(SizedSymbol<'_>)) -> Result<(), Error> {
        let (start, end) = (table.strings.start, table.strings.end);
        let strings = self.bytes.read_owned("symbol names", start, end.saturating_sub(start))?;
        let entry = size_of::<E::Sym>() as u64;
        let len = table.symbols.end.saturating_sub(table.symbols.start) / entry * entry;
        if len > MAX_BYTES {
            return Err(Error::limit("bytes of symbols", MAX_BYTES));
        }
        let range = table.symbols.start..table.symbols.start.saturating_add(len);
        self.bytes.scan("symbols", range, entry, |_, chunk| {
            for symbol in slice_from_all_bytes::<E::Sym>(chunk).unwrap_or_default() {
                let size: u64 = symbol.st_size(self.endian).into();
                let is_file = symbol.st_type() == elf::STT_FILE;
                let Some(address) = self.address(symbol).filter(|_| size > 0 || is_file) else { continue };
                let name = strings.get(symbol.st_name(self.endian) as usize..).unwrap_or_default();
                let name = name.get(..SHOWN).unwrap_or(name);
                let name = memchr::memchr(0, name).and_then(|end| name.get(..end)).unwrap_or(name);
                take(SizedSymbol { name, address, size, is_local: symbol.is_local(), is_file });
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    fn find_in(&self, table: &SymbolTable, query: &Query<'_>, found: &mut Found<'_>) -> Result<(), Error> {
        let names = names_with_prefix(self.bytes, &(table.strings.start..table.strings.end), query.prefixes)?;
        if names.is_empty() && query.addresses.is_empty() {
            return Ok(());
        }
        let blocks = Blocks::new(self.bytes);
        let entry = size_of::<E::Sym>() as u64;
        let len = table.symbols.end.saturating_sub(table.symbols.start) / entry * entry;
        if len > MAX_BYTES {
            return Err(Error::limit("bytes of symbols", MAX_BYTES));
        }
        let range = table.symbols.start..table.symbols.start.saturating_add(len);
        let mut text = Vec::new();
        self.bytes.scan("symbols", range, entry, |_, chunk| {
            for symbol in slice_from_all_bytes::<E::Sym>(chunk).unwrap_or_default() {
                let address = self.address(symbol);
                let name = symbol.st_name(self.endian);
                let is_wanted =
                    address.is_some_and(|address| query.wants(address)) || names.binary_search(&name).is_ok();
                let kind = symbol.st_type();
                if !is_wanted || name == 0 || kind == elf::STT_SECTION || kind == elf::STT_FILE {
                    continue;
                }
                let at = table.strings.start.saturating_add(u64::from(name));
                read_name_into(&blocks, at, table.strings.end, &mut text)?;
                // RISC-V and arm mark places in code with local symbols such as `$x` (ELF for the
                // Arm architecture, "Mapping symbols").
                if text.first() == Some(&b'$') || text.starts_with(b".L") {
                    continue;
                }
                let kind = match kind {
                    elf::STT_FUNC | elf::STT_GNU_IFUNC => SymbolKind::Function,
                    elf::STT_OBJECT => SymbolKind::Variable,
                    _ => SymbolKind::Unknown,
                };
                found.push(&text, address, kind, !symbol.is_local())?;
            }
            Ok(ControlFlow::Continue(()))
        })
    }
}
