//! A linked ELF file in, [`Image`] out: executables, position-independent or not, and shared
//! objects.

use std::ops::Range;

use object::elf;
use object::read::elf::ProgramHeader;

use super::dynamic::{Dynamic, is_of_toolchain};
use super::relocations::{self, Source};
use super::symbols::ElfSymbols;
use super::tables::{self, Tables};
use super::{Elf, File, segments};
use crate::bytes::Blocks;
use crate::error::Error;
use crate::image::descriptors::Descriptors;
use crate::image::{Image, ImageKind, Pointers, Table};

pub fn parse<'d, E: Elf + 'static>(file: File<'d, E>) -> Result<Image<'d>, Error> {
    let segments = segments(&file);
    tables::refuse_debug_file(&file)?;
    let dynamic = Dynamic::read(&file, &segments)?;
    let blocks = Blocks::new(file.bytes);
    let Tables { mut tables, walked, note_removed } = tables::find(&file, &segments, &blocks)?;
    let symbols = ElfSymbols::of_linked(&file, dynamic.as_ref());
    let has_interpreter = file.programs.iter().any(|program| program.p_type(file.endian) == elf::PT_INTERP);
    let is_program = file.header.e_type(file.endian) == elf::ET_EXEC
        || has_interpreter
        || dynamic.as_ref().is_none_or(|dynamic| dynamic.is_pie);
    let arch = file.arch;
    // What the C library's start-up code applies to a static executable is in no dynamic section.
    let mut dynamic = dynamic.unwrap_or_else(|| Dynamic::of_static(&file, &segments));
    let needed = dynamic.needed(&blocks)?;
    // The linker asked them for what is undefined in a program; in a shared object nothing says so.
    let has_library = needed.iter().any(|library| !is_of_toolchain(library));
    dynamic.has_library = has_library;
    let opd = descriptors(&file, &dynamic);
    let pointers = LinkedPointers { file, dynamic };
    for table in &mut tables {
        pointers.fill(table).map_err(|error| error.in_section(&table.section))?;
    }
    let mut image = Image {
        arch,
        kind: if is_program { ImageKind::Executable } else { ImageKind::SharedObject },
        tables,
        locator: walked,
        note_removed,
        markers: Vec::new(),
        needed,
        segments,
        symbols: Box::new(symbols),
        pointers: Box::new(pointers),
        descriptors: None,
        has_anchor: false,
        blocks,
    };
    if let Some(range) = opd.filter(|_| !image.tables.is_empty()) {
        let table = image.memory("function descriptors", range.start, range.end - range.start)?;
        image.descriptors = Some(Descriptors { table: table.filter(|_| !range.is_empty()) });
    }
    Ok(image)
}

/// Where pointers to functions lead, if that is not to code: an empty range where nothing says it. The ABI's
/// second version did away with descriptors, and is the only one of little-endian programs.
fn descriptors<E: Elf>(file: &File<'_, E>, dynamic: &Dynamic) -> Option<Range<u64>> {
    let version = file.header.e_flags(file.endian).ppc64_abi();
    if file.machine() != elf::EM_PPC64 || version > 1 || version == 0 && !file.arch.big_endian {
        return None;
    }
    let section = file.sections_named(".opd").next().map(|(_, section)| section.addresses(file.endian));
    Some(section.or_else(|| dynamic.descriptors.clone()).unwrap_or(0..0))
}

struct LinkedPointers<'d, E: Elf> {
    file: File<'d, E>,
    dynamic: Dynamic,
}

impl<E: Elf> Pointers for LinkedPointers<'_, E> {
    fn fill(&self, table: &mut Table) -> Result<(), Error> {
        let blocks = Blocks::new(self.file.bytes);
        let source = Source::of_linked(&self.dynamic, &blocks);
        relocations::apply(&self.file, &source, table)
    }
}
