//! An un-linked Mach-O object in, [`Image`] out, at addresses moved away from zero.

use linktab::layout::section;
use object::macho;

use super::symbols::{MachSymbols, Nlist};
use super::{File, Section};
use crate::bytes::Blocks;
use crate::error::Error;
use crate::image::symbols::read_name;
use crate::image::{Image, ImageKind, InPlace, Segment, Segments, Symbolic, Table, lto, read_table};

/// The sections of an object have addresses, but the first one is 0, which a null pointer is too.
pub const BIAS: u64 = 0x1_0000;

/// Bytes of a relocation.
const RELOCATION: usize = 8;

pub fn parse<'d>(file: &File<'d>) -> Result<Image<'d>, Error> {
    let blocks = Blocks::new(file.bytes);
    let mut tables = Vec::new();
    for section in file.record_sections() {
        let offset = section.offset.ok_or_else(|| Error::malformed("the record section holds no bytes"))?;
        let bytes = read_table(file.bytes, section::MACH_O, offset, section.size)?;
        let address = section.address.wrapping_add(BIAS);
        let mut table = Table::new(section::MACH_O, address, bytes);
        relocate(file, section, &blocks, &mut table).map_err(|error| error.in_section(section::MACH_O))?;
        tables.push(table);
    }
    // GCC packs all that it leaves for the linker into sections of a segment of its own (GCC,
    // `simple-object-mach-o.c`).
    if tables.is_empty() && file.sections.iter().any(|section| section.segment.starts_with(b"__GNU_LTO")) {
        return Err(lto::refusal());
    }
    let segment = |section: &Section| Segment {
        address: section.address.saturating_add(BIAS),
        size: section.size,
        offset: section.offset.unwrap_or(0),
        file_size: section.offset.map_or(0, |_| section.size),
        executable: section.executable,
        writable: false,
    };
    Ok(Image {
        arch: file.arch,
        kind: ImageKind::Object,
        tables,
        descriptors: None,
        has_anchor: false,
        markers: Vec::new(),
        locator: None,
        note_removed: false,
        needed: Vec::new(),
        segments: Segments::new(file.sections.iter().map(segment).collect()),
        symbols: Box::new(MachSymbols::new(file, vec![BIAS])),
        pointers: Box::new(InPlace),
        blocks,
    })
}

fn relocate(file: &File<'_>, section: &Section, blocks: &Blocks<'_>, table: &mut Table) -> Result<(), Error> {
    let (offset, count) = section.relocations;
    let size = u64::from(count) * RELOCATION as u64;
    let relocations = file.bytes.read_owned("relocations", offset.into(), size)?;
    for relocation in relocations.chunks_exact(RELOCATION) {
        let field = |at| file.arch.u32(relocation, at).unwrap_or(0);
        // struct relocation_info (mach-o/reloc.h): address, then from the lowest bit symbolnum:24,
        // pcrel:1, length:2, extern:1, type:4.
        let (address, info) = (field(0), field(4));
        let is_pointer = info >> 28 == 0
            && info >> 24 & 1 == 0
            && 1 << (info >> 25 & 3) == u32::from(file.arch.pointer)
            && (address as usize) < table.bytes.len();
        if !is_pointer {
            let kind = info >> 28;
            return Err(Error::unsupported(format!(
                "relocation type {kind} is not known where a pointer is expected"
            ))
            .at_offset(address.into()));
        }
        let at = address as usize;
        let in_place = file.arch.word(&table.bytes, at).ok_or_else(|| {
            Error::malformed("a relocation sticks out of the section").at_offset(address.into())
        })?;
        // Without `extern` the slot holds the address already. Symbols go by number: names repeat.
        let target = if info >> 27 & 1 == 0 { Ok(BIAS) } else { symbol(file, blocks, info & 0x00ff_ffff)? };
        match target {
            Ok(value) => {
                file.arch.put_word(&mut table.bytes, at, value.wrapping_add(in_place));
            }
            Err(name) => {
                table.symbolic.push((address.into(), Symbolic::Import { name, has_library: false }));
            }
        }
    }
    table.sort();
    Ok(())
}

/// The address of a symbol, or the name of one that is defined elsewhere.
fn symbol(file: &File<'_>, blocks: &Blocks<'_>, number: u32) -> Result<Result<u64, String>, Error> {
    let table =
        file.symtab.ok_or_else(|| Error::malformed("a relocation names a symbol, but there are none"))?;
    let endian = file.endian;
    if number >= table.nsyms.get(endian) {
        return Err(Error::malformed(format!("a relocation names symbol {number}, which does not exist")));
    }
    let size = Nlist::size(file.arch);
    let at = u64::from(table.symoff.get(endian)) + u64::from(number) * size;
    let mut bytes = Vec::new();
    blocks.read("a symbol", at, size, &mut bytes)?;
    let symbol = Nlist::parse(file.arch, &bytes).ok_or_else(|| Error::malformed("a symbol is cut off"))?;
    if symbol.kind & macho::N_TYPE == macho::N_SECT.0 {
        return Ok(Ok(symbol.value.wrapping_add(BIAS)));
    }
    let strings = u64::from(table.stroff.get(endian));
    let name =
        read_name(blocks, strings + u64::from(symbol.name), strings + u64::from(table.strsize.get(endian)))?;
    let name = String::from_utf8_lossy(&name);
    Ok(Err(name.strip_prefix('_').unwrap_or(&name).to_owned()))
}
