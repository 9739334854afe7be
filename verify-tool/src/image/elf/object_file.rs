//! An un-linked ELF object in, [`Image`] out, laid out at made-up addresses.

use object::elf;
use object::read::elf::SectionHeader;

use super::dynamic::Range;
use super::relocations::{self, Source};
use super::symbols::ElfSymbols;
use super::{Elf, File, machine};
use crate::bytes::Blocks;
use crate::error::Error;
use crate::image::lto::Gcc;
use crate::image::segments::{Layout, Segment, Segments};
use crate::image::{Image, ImageKind, InPlace, Table, read_table};
use linktab::layout::section;

pub fn parse<'d, E: Elf + 'static>(file: &File<'d, E>) -> Result<Image<'d>, Error> {
    let blocks = Blocks::new(file.bytes);
    let (segments, bases) = lay_out(file)?;
    let mut tables = Vec::new();
    for (index, header) in file.sections_named(section::ELF) {
        let size = header.size(file.endian);
        let bytes = read_table(file.bytes, section::ELF, header.offset(file.endian), size)?;
        let address = bases.get(index).copied().unwrap_or(0);
        let mut table = Table::new(section::ELF, address, bytes);
        table.retained = header.is_retained(file.endian);
        let source = source(file, index, &bases, &blocks)?;
        relocations::apply(file, &source, &mut table).map_err(|error| error.in_section(section::ELF))?;
        tables.push(table);
    }
    if !tables.is_empty() && !machine::is_known(file.machine(), file.arch.pointer == 8) {
        let number = file.machine().0;
        return Err(Error::unsupported(format!("relocations of ELF machine {number} are not known")));
    }
    let markers = markers(file, !tables.is_empty())?;
    let symbols = ElfSymbols::of_object(file, bases);
    Ok(Image {
        arch: file.arch,
        kind: ImageKind::Object,
        tables,
        descriptors: None,
        has_anchor: false,
        markers,
        locator: None,
        note_removed: false,
        needed: Vec::new(),
        segments,
        symbols: Box::new(symbols),
        pointers: Box::new(InPlace),
        blocks,
    })
}

/// What GCC left for the linker to compile.
fn markers<E: Elf>(file: &File<'_, E>, has_records: bool) -> Result<Vec<String>, Error> {
    let mut gcc = Gcc::default();
    for section in &file.sections {
        if gcc.wants(section.name) {
            gcc.take(file.bytes, section.offset(file.endian), section.size(file.endian))?;
        }
    }
    gcc.end(has_records)
}

/// Gives every section that will be loaded an address; the others have 0.
fn lay_out<E: Elf>(file: &File<'_, E>) -> Result<(Segments, Vec<u64>), Error> {
    let mut layout = Layout::new(file.arch.pointer);
    let mut segments = Vec::new();
    let mut bases = Vec::with_capacity(file.sections.len());
    for section in &file.sections {
        if !section.is_allocated(file.endian) {
            bases.push(0);
            continue;
        }
        let size = section.size(file.endian);
        let align: u64 = section.header.sh_addralign(file.endian).into();
        let address = layout
            .place(size, align)
            .ok_or_else(|| Error::malformed("the sections do not fit into memory"))?;
        let flags = section.header.sh_flags(file.endian).0;
        let is_bss = section.header.sh_type(file.endian) == elf::SHT_NOBITS;
        bases.push(address);
        segments.push(Segment {
            address,
            size,
            offset: section.offset(file.endian),
            file_size: if is_bss { 0 } else { size },
            executable: flags & elf::SHF_EXECINSTR.0 != 0,
            writable: false,
        });
    }
    Ok((Segments::new(segments), bases))
}

/// The relocation sections that belong to one section.
fn source<'f, 'd, E: Elf>(
    file: &File<'d, E>,
    target: usize,
    bases: &[u64],
    blocks: &'f Blocks<'d>,
) -> Result<Source<'f, 'd>, Error> {
    let endian = file.endian;
    let mut source = Source {
        rela: Vec::new(),
        rel: Vec::new(),
        symbols: None,
        strings: None,
        bases: bases.to_vec(),
        extended: None,
        has_library: false,
        blocks,
    };
    let mut symbol_table = None;
    for section in file.sections.iter().filter(|section| section.header.sh_info(endian) as usize == target) {
        let range = section.range(endian);
        let range = Range { start: range.start, end: range.end };
        match section.header.sh_type(endian) {
            elf::SHT_RELA => source.rela.push(range),
            elf::SHT_REL => source.rel.push(range),
            elf::SHT_CREL => {
                return Err(Error::unsupported(
                    "relocations are in the CREL format, which this version does not read: compile without \
                     `-Wa,--crel`",
                ));
            }
            _ => continue,
        }
        symbol_table = Some(section.header.sh_link(endian) as usize);
    }
    if let Some((index, symbols)) = symbol_table.and_then(|index| Some((index, file.sections.get(index)?))) {
        source.symbols = Some(symbols.offset(endian));
        let strings = file.sections.get(symbols.header.sh_link(endian) as usize);
        source.strings = strings.map(|strings| {
            let range = strings.range(endian);
            Range { start: range.start, end: range.end }
        });
        let extended = file.sections.iter().find(|section| {
            section.header.sh_type(endian) == elf::SHT_SYMTAB_SHNDX
                && section.header.sh_link(endian) as usize == index
        });
        source.extended = extended.map(|section| {
            let range = section.range(endian);
            Range { start: range.start, end: range.end }
        });
    }
    Ok(source)
}
