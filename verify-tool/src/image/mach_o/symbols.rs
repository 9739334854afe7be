//! The symbols of a Mach-O image: addresses and prefixes in, symbols out, from the symbol table and,
//! when that is stripped, from the exports.

use std::ops::{ControlFlow, Range};

use object::macho;

use super::{File, exports};
use crate::bytes::{Blocks, Bytes};
use crate::error::Error;
use crate::image::symbols::{Found, Query, Symbol, SymbolKind, Symbols, names_with_prefix, read_name};
use crate::image::{Arch, Segment, Segments};

/// The symbol tables of one image.
pub struct MachSymbols<'d> {
    bytes: Bytes<'d>,
    arch: Arch,
    symbols: Range<u64>,
    strings: Range<u64>,
    exports: Range<u64>,
    /// Where exports count from.
    base: u64,
    /// What addresses of an un-linked object were moved by.
    bias: u64,
    has_locals: bool,
    segments: Segments,
}

/// One entry of the symbol table.
pub struct Nlist {
    pub name: u32,
    pub kind: u8,
    pub value: u64,
}

impl Nlist {
    pub fn size(arch: Arch) -> u64 {
        8 + u64::from(arch.pointer)
    }

    /// `struct nlist` and `nlist_64` (mach-o/nlist.h).
    pub fn parse(arch: Arch, bytes: &[u8]) -> Option<Nlist> {
        Some(Nlist { name: arch.u32(bytes, 0)?, kind: *bytes.get(4)?, value: arch.word(bytes, 8)? })
    }
}

impl<'d> MachSymbols<'d> {
    pub fn new(file: &File<'d>, bias: Vec<u64>) -> Self {
        let endian = file.endian;
        let range = |start: u32, len: u64| u64::from(start)..u64::from(start).saturating_add(len);
        let (symbols, strings) = file.symtab.map_or((0..0, 0..0), |table| {
            let size = u64::from(table.nsyms.get(endian)) * Nlist::size(file.arch);
            (
                range(table.symoff.get(endian), size),
                range(table.stroff.get(endian), table.strsize.get(endian).into()),
            )
        });
        let bias = bias.first().copied().unwrap_or(0);
        let code = file.sections.iter().filter(|section| section.executable).map(|section| Segment {
            address: section.address.saturating_add(bias),
            size: section.size,
            offset: 0,
            file_size: 0,
            executable: true,
            writable: false,
        });
        MachSymbols {
            bytes: file.bytes,
            arch: file.arch,
            symbols,
            strings,
            exports: file.exports_trie(),
            base: file.base(),
            bias,
            // `strip` may leave the count and take the symbols, and objects have no such count.
            has_locals: file.local_symbols > 0 || file.dyld_info.is_none() && file.chained.is_none(),
            segments: Segments::new(code.collect()),
        }
    }
}

impl Symbols for MachSymbols<'_> {
    fn find(&self, query: &Query<'_>) -> Result<Vec<Symbol>, Error> {
        let mut found = Found::new(self.bytes);
        let names = names_with_prefix(self.bytes, &self.strings, query.prefixes)?;
        let blocks = Blocks::new(self.bytes);
        let entry = Nlist::size(self.arch);
        self.bytes.scan("symbols", self.symbols.clone(), entry, |_, chunk| {
            for bytes in chunk.chunks_exact(entry as usize) {
                let Some(symbol) = Nlist::parse(self.arch, bytes) else { continue };
                if symbol.kind & macho::N_STAB != 0 || symbol.name == 0 {
                    continue;
                }
                let is_defined = symbol.kind & macho::N_TYPE == macho::N_SECT.0;
                let address = is_defined.then(|| symbol.value.wrapping_add(self.bias));
                // A wanted name stands behind its underscore.
                let is_named = names.binary_search(&symbol.name.saturating_add(1)).is_ok();
                if is_named || address.is_some_and(|address| query.wants(address)) {
                    let at = self.strings.start.saturating_add(symbol.name.into());
                    let name = read_name(&blocks, at, self.strings.end)?;
                    self.push(&mut found, &name, address, symbol.kind & macho::N_EXT.0 != 0)?;
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let mut exported = Vec::new();
        exports::walk(self.bytes, &self.exports, |name, offset| {
            let address = self.base.wrapping_add(offset);
            let plain = name.strip_prefix(b"_").unwrap_or(name);
            if query.wants(address) || query.wants_name(plain) {
                exported.push((name.to_vec(), address));
            }
        })?;
        for (name, address) in exported {
            self.push(&mut found, &name, Some(address), true)?;
        }
        found.symbols.sort_by(|a, b| (&a.name, a.address).cmp(&(&b.name, b.address)));
        found.symbols.dedup_by(|a, b| (&a.name, a.address) == (&b.name, b.address));
        Ok(found.symbols)
    }

    fn exports(&self, name: &str) -> Result<bool, Error> {
        let mut is_exported = false;
        exports::walk(self.bytes, &self.exports, |exported, _| {
            is_exported |= exported.strip_prefix(b"_") == Some(name.as_bytes());
        })?;
        Ok(is_exported)
    }

    fn has_locals(&self) -> bool {
        self.has_locals
    }
}

impl MachSymbols<'_> {
    fn push(
        &self,
        found: &mut Found<'_>,
        name: &[u8],
        address: Option<u64>,
        global: bool,
    ) -> Result<(), Error> {
        let plain = name.strip_prefix(b"_").unwrap_or(name);
        // The assembler's own labels: `ltmp0`, `L…`, `l_…` (LLVM, private prefixes of Mach-O).
        if name.starts_with(b"ltmp") || name.starts_with(b"L") || name.starts_with(b"l_") {
            return Ok(());
        }
        let is_code = address.is_some_and(|address| self.segments.is_executable(address));
        found.push(plain, address, SymbolKind::function_if(is_code), global)
    }
}
