//! PE bytes in, [`Image`] out.
//!
//! A PE image holds every pointer as its preferred address; base relocations only say which ones
//! move with it, so that there is nothing to fill in. Knows nothing of records but their magic:
//! section names are cut to eight characters here, and other slices of linkme's share them.
//! `elf.rs` and `mach_o.rs` do the same for their formats.

use linktab::layout::{MAGIC, RECORD_ALIGN, RECORD_SIZE, section};
use object::LittleEndian as LE;
use object::pe::{self, ImageDosHeader, ImageNtHeaders32, ImageNtHeaders64};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader};

use super::coff::{CoffSymbols, arch, name};
use super::search;
use super::symbols::{MAX_NEEDED, Symbols as _, read_name};
use super::{Image, ImageKind, InPlace, Segment, Segments, Table, read_table};
use crate::bytes::{Blocks, Bytes};
use crate::error::Error;

pub fn parse32(bytes: Bytes<'_>) -> Result<Image<'_>, Error> {
    parse::<ImageNtHeaders32>(bytes)
}

pub fn parse64(bytes: Bytes<'_>) -> Result<Image<'_>, Error> {
    parse::<ImageNtHeaders64>(bytes)
}

fn parse<Pe: ImageNtHeaders>(bytes: Bytes<'_>) -> Result<Image<'_>, Error> {
    let malformed = |error: object::Error| Error::malformed(format!("PE header: {error}"));
    let dos = ImageDosHeader::parse(bytes).map_err(malformed)?;
    let mut offset = dos.nt_headers_offset().into();
    let (headers, directories) = Pe::parse(bytes, &mut offset).map_err(malformed)?;
    let sections = headers.sections(bytes, offset).map_err(malformed)?;
    let header = headers.file_header();
    let arch = super::Arch { format: super::Format::Pe, ..arch(header.machine.get(LE)) };
    let base = headers.optional_header().image_base();

    let mut bases = Vec::new();
    let mut segments = Vec::new();
    let symbols = header.pointer_to_symbol_table.get(LE);
    let symbols = CoffSymbols::new(bytes, arch, 18, symbols, header.number_of_symbols.get(LE));
    let blocks = Blocks::new(bytes);
    let mut tables = Vec::new();
    for section in sections.iter() {
        let address = base.wrapping_add(section.virtual_address.get(LE).into());
        let (offset, size) = section.pe_file_range();
        bases.push(address);
        let executable = section.characteristics.get(LE).0 & pe::IMAGE_SCN_MEM_EXECUTE.0 != 0;
        let memory = u64::from(section.virtual_size.get(LE)).max(size.into());
        let (offset, size) = (u64::from(offset), u64::from(size));
        let writable = section.characteristics.get(LE).0 & pe::IMAGE_SCN_MEM_WRITE.0 != 0;
        segments.push(Segment { address, size: memory, offset, file_size: size, executable, writable });
        let full_name = name(section, &symbols, &blocks)?;
        if full_name.starts_with(b"UPX") {
            return Err(Error::unsupported(
                "packed by UPX, which hides every section: run `upx -d` on a copy first",
            ));
        }
        if full_name.starts_with(section::PE.as_bytes()) {
            let bytes = read_table(bytes, section::PE, offset, size)?;
            let is_ours = full_name.starts_with(section::COFF.trim_end_matches("$b").as_bytes());
            if is_ours || holds_records(&bytes) {
                let bytes = without_padding(bytes);
                tables.push(Table::new(section::PE, address, bytes));
            }
        }
    }
    refuse_debug_file(&segments)?;
    let segments = Segments::new(segments);
    let needed = match directories.get(pe::IMAGE_DIRECTORY_ENTRY_IMPORT) {
        Some(table) => needed(&segments, &blocks, base, table.virtual_address.get(LE))?,
        None => Vec::new(),
    };
    let is_asked = tables.is_empty() || !symbols.has_locals();
    let has_anchor = is_asked && search::anchored(bytes, &segments, arch, &blocks, section::PE, &mut tables)?;
    let is_library = header.characteristics.get(LE).0 & pe::IMAGE_FILE_DLL.0 != 0;
    Ok(Image {
        arch,
        kind: if is_library { ImageKind::SharedObject } else { ImageKind::Executable },
        tables,
        descriptors: None,
        has_anchor,
        markers: Vec::new(),
        locator: None,
        note_removed: false,
        needed,
        segments,
        pointers: Box::new(InPlace),
        symbols: Box::new(symbols.with_bases(bases, headers.is_type_64())),
        blocks,
    })
}

/// What `--only-keep-debug` leaves has all sections, and the bytes of none that is loaded.
fn refuse_debug_file(segments: &[Segment]) -> Result<(), Error> {
    let mut code = segments.iter().filter(|segment| segment.executable && segment.size > 0).peekable();
    if code.peek().is_some() && code.all(|segment| segment.file_size == 0) {
        return Err(super::debug_file());
    }
    Ok(())
}

/// The libraries of the import table (PE format, "Import Directory Table"): entries of 20 bytes, whose
/// fourth word leads to a name, up to one of zeros.
fn needed(segments: &Segments, blocks: &Blocks<'_>, base: u64, table: u32) -> Result<Vec<String>, Error> {
    const ENTRY: u64 = 20;
    let mut names = Vec::new();
    let mut entry = Vec::new();
    for number in 0..MAX_NEEDED as u64 {
        entry.clear();
        let at = base.wrapping_add(table.into()).wrapping_add(number * ENTRY);
        if !segments.read(blocks, "the import table", at, ENTRY, &mut entry)? {
            break;
        }
        let name = entry.get(12..16).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
        let Some(name) = name.filter(|name| *name != 0) else { break };
        let name = base.wrapping_add(name.into());
        if let Some(offset) = segments.offset(name, 1) {
            let end = offset.saturating_add(segments.file_rest(name));
            names.push(String::from_utf8_lossy(&read_name(blocks, offset, end)?).into_owned());
        }
    }
    Ok(names)
}

/// Whether a section holds at least one record.
fn holds_records(bytes: &[u8]) -> bool {
    let magic = MAGIC.to_le_bytes();
    bytes.chunks(RECORD_ALIGN).any(|chunk| chunk.starts_with(&magic))
}

/// Sections are padded with zeros to a multiple of the file alignment.
fn without_padding(mut bytes: Vec<u8>) -> Vec<u8> {
    let used = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    bytes.truncate(used.next_multiple_of(RECORD_SIZE).min(bytes.len()));
    bytes
}
