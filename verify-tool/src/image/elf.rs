//! ELF bytes in, [`Image`] out.
//!
//! Knows headers, sections and segments; `relocations` fills in the pointers, `dynamic`, `locator` and
//! `tables` find what the loader and the program find. Knows nothing of records. `mach_o.rs` and `pe.rs`
//! do the same for their formats.

mod dynamic;
mod linked;
mod loading;
mod locator;
mod machine;
mod object_file;
mod relocations;
mod symbols;
mod tables;

use object::Endianness;
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};

use super::{Arch, Format, Image, Loading};
use crate::bytes::Bytes;
use crate::error::Error;

pub fn parse32(bytes: Bytes<'_>) -> Result<Image<'_>, Error> {
    parse::<FileHeader32<Endianness>>(bytes)
}

pub fn parse64(bytes: Bytes<'_>) -> Result<Image<'_>, Error> {
    parse::<FileHeader64<Endianness>>(bytes)
}

/// What a file asks of its loader, and nothing else of it.
pub fn loading(bytes: Bytes<'_>, is_64: bool) -> Result<Loading, Error> {
    if is_64 {
        loading::read::<FileHeader64<Endianness>>(bytes)
    } else {
        loading::read::<FileHeader32<Endianness>>(bytes)
    }
}

/// Both word sizes and byte orders.
trait Elf: FileHeader<Endian = Endianness, Word: Into<u64>, Sword: Into<i64>> {}
impl<E: FileHeader<Endian = Endianness, Word: Into<u64>, Sword: Into<i64>>> Elf for E {}

/// A file with its headers.
struct File<'d, E: Elf> {
    bytes: Bytes<'d>,
    endian: Endianness,
    header: &'d E,
    arch: Arch,
    programs: &'d [E::ProgramHeader],
    sections: Vec<Section<'d, E>>,
}

/// A section header with its name.
struct Section<'d, E: Elf> {
    header: &'d E::SectionHeader,
    name: &'d [u8],
}

fn parse<E: Elf + 'static>(bytes: Bytes<'_>) -> Result<Image<'_>, Error> {
    let file = File::<E>::read(bytes)?;
    match file.header.e_type(file.endian) {
        elf::ET_REL => object_file::parse(&file),
        elf::ET_EXEC | elf::ET_DYN => linked::parse(file),
        elf::ET_CORE => Err(Error::unsupported("this is a core dump: give the program that dumped it")),
        other => Err(Error::malformed(format!("unknown ELF file type {}", other.0))),
    }
}

impl<'d, E: Elf> File<'d, E> {
    fn read(bytes: Bytes<'d>) -> Result<File<'d, E>, Error> {
        let header = E::parse(bytes).map_err(|error| Error::malformed(format!("ELF header: {error}")))?;
        let endian = header.endian().map_err(|error| Error::malformed(format!("ELF header: {error}")))?;
        let arch = Arch {
            format: Format::Elf,
            name: machine::name(header.e_machine(endian), header.is_class_64()),
            pointer: if header.is_class_64() { 8 } else { 4 },
            big_endian: header.is_big_endian(),
        };
        let programs = header
            .program_headers(endian, bytes)
            .map_err(|error| Error::malformed(format!("program headers: {error}")))?;
        let sections = sections(bytes, header, endian)?;
        if sections.is_empty() {
            refuse_packed::<E>(bytes, header, endian)?;
        }
        Ok(File { bytes, endian, header, arch, programs, sections })
    }

    fn sections_named<'f>(&'f self, name: &'f str) -> impl Iterator<Item = (usize, &'f Section<'d, E>)> {
        self.sections.iter().enumerate().filter(move |(_, section)| section.name == name.as_bytes())
    }

    fn machine(&self) -> elf::Machine {
        self.header.e_machine(self.endian)
    }
}

impl<E: Elf> Section<'_, E> {
    fn address(&self, endian: Endianness) -> u64 {
        self.header.sh_addr(endian).into()
    }

    fn offset(&self, endian: Endianness) -> u64 {
        self.header.sh_offset(endian).into()
    }

    fn size(&self, endian: Endianness) -> u64 {
        self.header.sh_size(endian).into()
    }

    /// Where the section is when the program runs.
    fn addresses(&self, endian: Endianness) -> std::ops::Range<u64> {
        let address = self.address(endian);
        address..address.saturating_add(self.size(endian))
    }

    /// Where the section's bytes are in the file.
    fn range(&self, endian: Endianness) -> std::ops::Range<u64> {
        let offset = self.offset(endian);
        offset..offset.saturating_add(self.size(endian))
    }

    fn is_retained(&self, endian: Endianness) -> bool {
        self.header.sh_flags(endian).0 & elf::SHF_GNU_RETAIN.0 != 0
    }

    fn is_allocated(&self, endian: Endianness) -> bool {
        self.header.sh_flags(endian).0 & elf::SHF_ALLOC.0 != 0
    }
}

fn sections<'d, E: Elf>(
    bytes: Bytes<'d>,
    header: &'d E,
    endian: Endianness,
) -> Result<Vec<Section<'d, E>>, Error> {
    let headers = header
        .section_headers(endian, bytes)
        .map_err(|error| Error::malformed(format!("section headers: {error}")))?;
    if headers.is_empty() {
        return Ok(Vec::new());
    }
    let names = header
        .section_strings_index(endian, bytes)
        .map_err(|error| Error::malformed(format!("section names: {error}")))?;
    // The names are compared in place: reading each through the cache would keep a copy of each.
    let strings = match headers.get(names.0) {
        Some(strings) if strings.sh_type(endian) == elf::SHT_STRTAB => {
            bytes.read("section names", strings.sh_offset(endian).into(), strings.sh_size(endian).into())?
        }
        _ => return Err(Error::malformed("the section headers name no table of section names")),
    };
    let name = |header: &E::SectionHeader| {
        let rest = strings.get(header.sh_name(endian) as usize..).unwrap_or_default();
        // Longer names than ours are of no interest, and finding their ends would take time.
        let head = rest.get(..64).unwrap_or(rest);
        head.split(|&byte| byte == 0).next().unwrap_or_default()
    };
    Ok(headers.iter().map(|header| Section { header, name: name(header) }).collect())
}

/// Of a program, UPX keeps no section header, and puts `l_info` behind the program headers: a checksum,
/// then its magic. Of a shared object it keeps these headers as they are; but every packed file ends with
/// a `PackHeader`, which begins with the magic, and the offset of the packed data (UPX 4.2,
/// `src/stub/src/include/linux.h`, `src/packhead.cpp`).
fn refuse_packed<E: Elf>(bytes: Bytes<'_>, header: &E, endian: Endianness) -> Result<(), Error> {
    let entry = u64::from(header.e_phentsize(endian));
    let table: u64 = header.e_phoff(endian).into();
    let behind = table.saturating_add(entry * u64::from(header.e_phnum(endian)));
    let mut magic = [0; 4];
    if behind.saturating_add(8) <= bytes.size() && behind > 0 {
        bytes.read_some_at(behind + 4, &mut magic)?;
    }
    let mut tail = [0; 64];
    let tail = tail.get_mut(..bytes.size().min(64) as usize).unwrap_or_default();
    bytes.read_some_at(bytes.size() - tail.len() as u64, tail)?;
    if &magic == UPX || memchr::memmem::find(tail, UPX).is_some() {
        return Err(Error::unsupported(
            "packed by UPX, which hides every section: run `upx -d` on a copy first",
        ));
    }
    Ok(())
}

const UPX: &[u8; 4] = b"UPX!";

/// Where in the file something is that the loader finds by its address. Headers have an offset too, which
/// nobody holds them to; it counts only for what is not loaded.
fn place(segments: &super::Segments, address: u64, size: u64, offset: u64) -> u64 {
    segments.offset(address, size).unwrap_or(offset)
}

/// The segments that the loader maps.
fn segments<E: Elf>(file: &File<'_, E>) -> super::Segments {
    let endian = file.endian;
    let loads = file.programs.iter().filter(|program| program.p_type(endian) == elf::PT_LOAD);
    let segment = |program: &E::ProgramHeader| super::Segment {
        address: program.p_vaddr(endian).into(),
        size: program.p_memsz(endian).into(),
        offset: program.p_offset(endian).into(),
        file_size: program.p_filesz(endian).into(),
        executable: program.p_flags(endian).0 & elf::PF_X.0 != 0,
        writable: program.p_flags(endian).0 & elf::PF_W.0 != 0,
    };
    // Thread-local sections without bytes take no addresses.
    let is_there = |section: &&Section<'_, E>| {
        section.is_allocated(endian) && section.header.sh_flags(endian).0 & elf::SHF_TLS.0 == 0
    };
    let contents = |section: &Section<'_, E>| {
        let is_code = section.header.sh_flags(endian).0 & elf::SHF_EXECINSTR.0 != 0;
        (section.addresses(endian), is_code)
    };
    let sections = file.sections.iter().filter(is_there).map(contents).collect();
    super::Segments::new(loads.map(segment).collect()).with_sections(sections)
}
