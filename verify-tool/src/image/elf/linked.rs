//! A linked ELF file in, [`Image`] out: executables, position-independent or not, and shared
//! objects.

use object::elf;
use object::read::elf::{ProgramHeader, SectionHeader};

use super::dynamic::Dynamic;
use super::relocations::{self, Source};
use super::symbols::ElfSymbols;
use super::{Elf, File, locator, segments};
use crate::bytes::Blocks;
use crate::error::Error;
use crate::image::{Image, ImageKind, Pointers, Segments, Table, read_table};
use linktab::layout::section;

pub fn parse<'d, E: Elf + 'static>(file: File<'d, E>) -> Result<Image<'d>, Error> {
    let segments = segments(&file);
    let dynamic = Dynamic::read(&file, &segments)?;
    let locator = locator::find(&file)?;
    let mut tables = tables(&file)?;
    if file.sections.is_empty() {
        let range = locator.clone().ok_or_else(|| {
            Error::unsupported(
                "the section headers were removed and there is no locator note, so that nothing says where the \
                 records are: check the file before `--strip-sections`",
            )
        })?;
        tables.extend(table_at(&file, &segments, range.start, range.end - range.start)?);
    }
    let blocks = Blocks::new(file.bytes);
    let symbols = ElfSymbols::of_linked(&file, dynamic.as_ref());
    let has_interpreter = file.programs.iter().any(|program| program.p_type(file.endian) == elf::PT_INTERP);
    let is_program = file.header.e_type(file.endian) == elf::ET_EXEC
        || has_interpreter
        || dynamic.as_ref().is_none_or(|dynamic| dynamic.is_pie);
    let arch = file.arch;
    let pointers = LinkedPointers { file, dynamic };
    for table in &mut tables {
        pointers.fill(table).map_err(|error| error.in_section(&table.section))?;
    }
    Ok(Image {
        arch,
        kind: if is_program { ImageKind::Executable } else { ImageKind::SharedObject },
        tables,
        locator,
        segments,
        symbols: Box::new(symbols),
        pointers: Box::new(pointers),
        blocks,
    })
}

struct LinkedPointers<'d, E: Elf> {
    file: File<'d, E>,
    dynamic: Option<Dynamic>,
}

impl<E: Elf> Pointers for LinkedPointers<'_, E> {
    fn fill(&self, table: &mut Table) -> Result<(), Error> {
        let blocks = Blocks::new(self.file.bytes);
        let source = Source::of_linked(&self.file, self.dynamic.as_ref(), &blocks);
        relocations::apply(&self.file, &source, table)
    }
}

fn tables<E: Elf>(file: &File<'_, E>) -> Result<Vec<Table>, Error> {
    let mut tables = Vec::new();
    for (_, header) in file.sections_named(section::ELF) {
        let size = header.size(file.endian);
        if header.header.sh_type(file.endian) == elf::SHT_NOBITS && size > 0 {
            return Err(Error::unsupported(
                "this is a separate debug file, whose sections hold no bytes: check the program that it belongs to",
            )
            .in_section(section::ELF));
        }
        let bytes = read_table(file.bytes, section::ELF, header.offset(file.endian), size)?;
        let address = header.address(file.endian);
        let table = Table::new(section::ELF, address, bytes);
        tables.push(Table { retained: header.is_retained(file.endian), ..table });
    }
    Ok(tables)
}

/// The table at the locator's addresses.
fn table_at<E: Elf>(
    file: &File<'_, E>,
    segments: &Segments,
    address: u64,
    size: u64,
) -> Result<Option<Table>, Error> {
    if size == 0 {
        return Ok(None);
    }
    let name = linktab::layout::locator::SECTION;
    let offset = segments.offset(address, size).ok_or_else(|| {
        Error::malformed(format!(
            "the locator note's range ({address:#x}, {size} bytes) lies outside every segment"
        ))
    })?;
    let bytes = read_table(file.bytes, name, offset, size)?;
    Ok(Some(Table::new(name, address, bytes)))
}
