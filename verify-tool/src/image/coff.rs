//! An un-linked COFF object in, [`Image`] out, laid out at made-up addresses. `elf/object_file.rs`
//! and `mach_o/object_file.rs` do the same for their formats.

mod symbols;

use linktab::layout::section;
use object::LittleEndian as LE;
use object::pe::{self, AnonObjectHeaderBigobj, ImageFileHeader, ImageSectionHeader, Machine};
use object::read::coff::CoffHeader;

use super::lto::Gcc;
use super::segments::Layout;
use super::{Arch, Format, Image, ImageKind, InPlace, Segment, Segments, Symbolic, Table, read_table};
use crate::bytes::{Blocks, Bytes};
use crate::error::Error;

pub use symbols::CoffSymbols;
use symbols::Value;

/// Bytes of a relocation.
const RELOCATION: usize = 10;

pub fn parse(bytes: Bytes<'_>) -> Result<Image<'_>, Error> {
    parse_object::<ImageFileHeader>(bytes, 18)
}

/// With more than 65,279 sections (`/bigobj`).
pub fn parse_big(bytes: Bytes<'_>) -> Result<Image<'_>, Error> {
    parse_object::<AnonObjectHeaderBigobj>(bytes, 20)
}

fn parse_object<Coff: CoffHeader>(bytes: Bytes<'_>, entry: u64) -> Result<Image<'_>, Error> {
    let malformed = |error: object::Error| Error::malformed(format!("COFF header: {error}"));
    let mut offset = 0;
    let header = Coff::parse(bytes, &mut offset).map_err(malformed)?;
    let sections = header.sections(bytes, offset).map_err(malformed)?;
    let arch = arch(header.machine());
    let blocks = Blocks::new(bytes);
    let mut layout = Layout::new(arch.pointer);
    let (mut segments, mut bases) = (Vec::new(), Vec::new());
    for section in sections.iter() {
        let size = u64::from(section.size_of_raw_data.get(LE));
        let address = layout
            .place(size, section.coff_alignment())
            .ok_or_else(|| Error::malformed("the sections do not fit into memory"))?;
        bases.push(address);
        let range = section.coff_file_range();
        segments.push(Segment {
            address,
            size,
            offset: range.map_or(0, |(offset, _)| offset.into()),
            file_size: range.map_or(0, |(_, size)| size.into()),
            executable: section.characteristics.get(LE).0 & pe::IMAGE_SCN_CNT_CODE.0 != 0,
            writable: false,
        });
    }
    let symbols = header.pointer_to_symbol_table();
    let symbols = CoffSymbols::new(bytes, arch, entry, symbols, header.number_of_symbols())
        .with_bases(bases.clone(), arch.pointer == 8);
    let (mut tables, mut gcc) = (Vec::new(), Gcc::default());
    for (section, address) in sections.iter().zip(bases) {
        let name = name(section, &symbols, &blocks)?;
        let (offset, size) = section.coff_file_range().unwrap_or_default();
        if gcc.wants(&name) {
            gcc.take(bytes, offset.into(), size.into())?;
        }
        if name != section::COFF.as_bytes() {
            continue;
        }
        let bytes = read_table(bytes, section::COFF, offset.into(), size.into())?;
        let mut table = Table::new(section::COFF, address, bytes);
        relocate(section, &symbols, &blocks, &mut table).map_err(|error| error.in_section(section::COFF))?;
        tables.push(table);
    }
    Ok(Image {
        arch,
        kind: ImageKind::Object,
        descriptors: None,
        has_anchor: false,
        markers: gcc.end(!tables.is_empty())?,
        tables,
        locator: None,
        note_removed: false,
        needed: Vec::new(),
        segments: Segments::new(segments),
        symbols: Box::new(symbols),
        pointers: Box::new(InPlace),
        blocks,
    })
}

fn relocate(
    section: &ImageSectionHeader,
    symbols: &CoffSymbols<'_>,
    blocks: &Blocks<'_>,
    table: &mut Table,
) -> Result<(), Error> {
    let arch = symbols.arch();
    let offset = u64::from(section.pointer_to_relocations.get(LE));
    let count = u64::from(section.number_of_relocations.get(LE));
    if section.characteristics.get(LE).0 & pe::IMAGE_SCN_LNK_NRELOC_OVFL.0 != 0 {
        return Err(Error::unsupported("one object holds more than 65,534 relocations of records"));
    }
    let relocations = symbols.bytes().read_owned("relocations", offset, count * RELOCATION as u64)?;
    for relocation in relocations.chunks_exact(RELOCATION) {
        let field = |at| arch.u32(relocation, at).unwrap_or(0);
        let at = u64::from(field(0).wrapping_sub(section.virtual_address.get(LE)));
        let kind = arch.u16(relocation, 8).unwrap_or(0);
        if Some(kind) != pointer_relocation(arch) {
            return Err(Error::unsupported(format!(
                "relocation type {kind} is not known where a pointer is expected"
            ))
            .at_offset(at));
        }
        let in_place = arch
            .word(&table.bytes, at as usize)
            .ok_or_else(|| Error::malformed("a relocation sticks out of the section").at_offset(at))?;
        match symbols.value(blocks, field(4))? {
            Value::Address(address) => {
                arch.put_word(&mut table.bytes, at as usize, address.wrapping_add(in_place));
            }
            Value::Elsewhere(name) => {
                table.symbolic.push((at, Symbolic::Import { name, has_library: false }));
            }
        }
    }
    table.sort();
    Ok(())
}

/// The relocation of a whole pointer (PE format, "Type Indicators").
fn pointer_relocation(arch: Arch) -> Option<u16> {
    match arch.name {
        "x86-64" => Some(pe::IMAGE_REL_AMD64_ADDR64.0),
        "x86" => Some(pe::IMAGE_REL_I386_DIR32.0),
        "aarch64" => Some(pe::IMAGE_REL_ARM64_ADDR64.0),
        _ => None,
    }
}

pub fn arch(machine: Machine) -> Arch {
    let (name, pointer) = match machine {
        pe::IMAGE_FILE_MACHINE_AMD64 => ("x86-64", 8),
        pe::IMAGE_FILE_MACHINE_ARM64 => ("aarch64", 8),
        pe::IMAGE_FILE_MACHINE_ARM64EC => ("arm64ec", 8),
        pe::IMAGE_FILE_MACHINE_I386 => ("x86", 4),
        _ => ("unknown", 8),
    };
    Arch { format: Format::Coff, name, pointer, big_endian: false }
}

/// The full name of a section: longer ones are in the string table.
pub fn name(
    section: &ImageSectionHeader,
    symbols: &CoffSymbols<'_>,
    blocks: &Blocks<'_>,
) -> Result<Vec<u8>, Error> {
    match section.name_offset() {
        Ok(Some(offset)) => symbols.string(blocks, offset.into()),
        _ => Ok(section.raw_name().to_vec()),
    }
}
