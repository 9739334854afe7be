//! Mach-O bytes in, [`Image`] out.
//!
//! Knows load commands, segments and sections; `chained`, `binds` and `object_file` fill in the
//! pointers, one file for each encoding. Knows nothing of records. `elf.rs` and `pe.rs` do the same
//! for their formats.
//!
//! | Encoding | The pointer is |
//! |---|---|
//! | dyld info, rebase | the slot's bytes |
//! | dyld info, bind | a name only |
//! | chained fixups | decoded from the slot's bits, see `chained` |
//! | un-linked | the slot's bytes, plus the symbol's value if the relocation names one |

mod binds;
mod chained;
mod exports;
mod imports;
mod object_file;
mod symbols;
mod universal;

use std::ops::Range;

use linktab::layout::section;
use object::Endianness;
use object::macho::{self, MachHeader32, MachHeader64};
use object::read::macho::{MachHeader, Section as _, Segment as _};

use super::symbols::Symbols as _;
use super::{Arch, Format, Image, ImageKind, Pointers, Segment, Segments, Table, read_table, search};
use crate::bytes::{Blocks, Bytes};
use crate::error::Error;
use symbols::MachSymbols;

pub use universal::{parse32 as parse_universal32, parse64 as parse_universal64};

pub fn parse32(bytes: Bytes<'_>) -> Result<Image<'_>, Error> {
    parse::<MachHeader32<Endianness>>(bytes)
}

pub fn parse64(bytes: Bytes<'_>) -> Result<Image<'_>, Error> {
    parse::<MachHeader64<Endianness>>(bytes)
}

/// Both word sizes.
trait Mach: MachHeader<Endian = Endianness> {}
impl<M: MachHeader<Endian = Endianness>> Mach for M {}

/// A file with what its load commands say.
struct File<'d> {
    bytes: Bytes<'d>,
    endian: Endianness,
    arch: Arch,
    kind: macho::FileType,
    segments: Vec<MachSegment>,
    /// In load order; symbols count them from 1.
    sections: Vec<Section>,
    symtab: Option<macho::SymtabCommand<Endianness>>,
    local_symbols: u32,
    dyld_info: Option<macho::DyldInfoCommand<Endianness>>,
    chained: Option<macho::LinkeditDataCommand<Endianness>>,
    exports: Option<macho::LinkeditDataCommand<Endianness>>,
    needed: Vec<String>,
}

struct MachSegment {
    name: [u8; 16],
    address: u64,
    size: u64,
    offset: u64,
    file_size: u64,
    executable: bool,
    writable: bool,
}

struct Section {
    segment: [u8; 16],
    name: [u8; 16],
    address: u64,
    size: u64,
    /// Offset in the file, `None` when the file holds nothing of it.
    offset: Option<u64>,
    executable: bool,
    relocations: (u32, u32),
}

fn parse<M: Mach>(bytes: Bytes<'_>) -> Result<Image<'_>, Error> {
    let file = read::<M>(bytes)?;
    match file.kind {
        macho::MH_OBJECT => object_file::parse(&file),
        macho::MH_EXECUTE | macho::MH_DYLIB | macho::MH_BUNDLE => linked(file),
        macho::MH_DSYM => Err(Error::unsupported(
            "this is a separate debug file (dSYM), whose sections hold no bytes: check the program that it belongs to",
        )),
        other => Err(Error::unsupported(format!(
            "Mach-O file type {} is neither linked code nor an object",
            other.0
        ))),
    }
}

fn linked(file: File<'_>) -> Result<Image<'_>, Error> {
    let segment = |segment: &MachSegment| Segment {
        address: segment.address,
        size: segment.size,
        offset: segment.offset,
        file_size: segment.file_size,
        executable: segment.executable,
        writable: segment.writable,
    };
    let contents = |section: &Section| {
        (section.address..section.address.saturating_add(section.size), section.executable)
    };
    let segments = Segments::new(file.segments.iter().map(segment).collect())
        .with_sections(file.sections.iter().map(contents).collect());
    let mut tables = Vec::new();
    for section in file.record_sections() {
        // The loader maps segments: nobody holds the offset of a section to anything.
        let offset = segments
            .offset(section.address, section.size)
            .ok_or_else(|| Error::malformed("the record section holds no bytes"))?;
        let bytes = read_table(file.bytes, section::MACH_O, offset, section.size)?;
        tables.push(Table::new(section::MACH_O, section.address, bytes));
    }
    let (blocks, symbols) = (Blocks::new(file.bytes), MachSymbols::new(&file, Vec::new()));
    let is_asked = tables.is_empty() || !symbols.has_locals();
    let has_anchor = is_asked
        && search::anchored(file.bytes, &segments, file.arch, &blocks, section::MACH_O, &mut tables)?;
    for table in &mut tables {
        file.fill(table).map_err(|error| error.in_section(section::MACH_O))?;
    }
    Ok(Image {
        arch: file.arch,
        kind: if file.kind == macho::MH_EXECUTE { ImageKind::Executable } else { ImageKind::SharedObject },
        tables,
        descriptors: None,
        has_anchor,
        markers: Vec::new(),
        locator: None,
        note_removed: false,
        needed: file.needed.clone(),
        segments,
        symbols: Box::new(symbols),
        blocks,
        pointers: Box::new(file),
    })
}

impl Pointers for File<'_> {
    fn fill(&self, table: &mut Table) -> Result<(), Error> {
        match (&self.chained, &self.dyld_info) {
            (Some(command), _) => chained::apply(self, command, &Blocks::new(self.bytes), table),
            (None, Some(command)) => binds::apply(self, command, table),
            (None, None) => Ok(()),
        }
    }
}

impl File<'_> {
    fn record_sections(&self) -> impl Iterator<Item = &Section> {
        let wanted = section::MACH_O.as_bytes();
        self.sections.iter().filter(move |section| {
            text(&section.name) == wanted
                && text(&section.segment).starts_with(section::MACH_O_SEGMENT.as_bytes())
        })
    }

    /// Where the exports are in the file.
    fn exports_trie(&self) -> Range<u64> {
        let (start, len) = match (&self.exports, &self.dyld_info) {
            (Some(exports), _) => (exports.dataoff.get(self.endian), exports.datasize.get(self.endian)),
            (None, Some(info)) => (info.export_off.get(self.endian), info.export_size.get(self.endian)),
            (None, None) => (0, 0),
        };
        u64::from(start)..u64::from(start).saturating_add(len.into())
    }

    /// Where `__TEXT` would be loaded: what offsets count from.
    fn base(&self) -> u64 {
        let text_segment = self.segments.iter().find(|segment| text(&segment.name) == b"__TEXT");
        text_segment.map_or(0, |segment| segment.address)
    }
}

/// A name in a field of 16 bytes, which a name of 16 bytes fills without a NUL.
fn text(field: &[u8; 16]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

fn malformed(what: &str, error: object::Error) -> Error {
    Error::malformed(format!("{what}: {error}"))
}

fn read<M: Mach>(bytes: Bytes<'_>) -> Result<File<'_>, Error> {
    let header = M::parse(bytes, 0).map_err(|error| malformed("Mach-O header", error))?;
    let endian = header.endian().map_err(|error| malformed("Mach-O header", error))?;
    if header.is_big_endian() {
        return Err(Error::unsupported("big-endian Mach-O (PowerPC) is not read"));
    }
    let arch = Arch {
        format: Format::MachO,
        name: arch_name(header.cputype(endian), header.cpusubtype(endian)),
        pointer: if header.is_type_64() { 8 } else { 4 },
        big_endian: false,
    };
    let mut file = File {
        bytes,
        endian,
        arch,
        kind: header.filetype(endian),
        segments: Vec::new(),
        sections: Vec::new(),
        symtab: None,
        local_symbols: 0,
        dyld_info: None,
        chained: None,
        exports: None,
        needed: Vec::new(),
    };
    let commands =
        header.load_commands(endian, bytes, 0).map_err(|error| malformed("load commands", error))?;
    for command in commands {
        let command = command.map_err(|error| malformed("load commands", error))?;
        file.take::<M>(command).map_err(|error| malformed("load commands", error))?;
    }
    Ok(file)
}

impl File<'_> {
    fn take<M: Mach>(
        &mut self,
        command: object::read::macho::LoadCommandData<'_, Endianness>,
    ) -> object::Result<()> {
        let endian = self.endian;
        if let Some((segment, data)) = M::Segment::from_command(command)? {
            return self.take_segment(segment, data);
        }
        match command.cmd() {
            macho::LC_SYMTAB => self.symtab = command.symtab()?.copied(),
            macho::LC_DYSYMTAB => {
                self.local_symbols = command.dysymtab()?.map_or(0, |table| table.nlocalsym.get(endian));
            }
            macho::LC_DYLD_INFO | macho::LC_DYLD_INFO_ONLY => self.dyld_info = command.dyld_info()?.copied(),
            macho::LC_DYLD_CHAINED_FIXUPS => self.chained = command.dyld_chained_fixups()?.copied(),
            macho::LC_DYLD_EXPORTS_TRIE => self.exports = command.dyld_exports_trie()?.copied(),
            _ => {
                if let Some(library) = command.dylib()?.filter(|_| command.cmd() != macho::LC_ID_DYLIB) {
                    let name = command.string(endian, library.dylib.name)?;
                    self.needed.push(String::from_utf8_lossy(name).into_owned());
                }
            }
        }
        Ok(())
    }

    fn take_segment<S>(&mut self, segment: &S, data: &[u8]) -> object::Result<()>
    where
        S: object::read::macho::Segment<Endian = Endianness>,
        S::Section: object::read::macho::Section<Endian = Endianness>,
    {
        let endian = self.endian;
        let (offset, file_size) = segment.file_range(endian);
        self.segments.push(MachSegment {
            name: *segment.segname(),
            address: segment.vmaddr(endian).into(),
            size: segment.vmsize(endian).into(),
            offset,
            file_size,
            executable: segment.initprot(endian).0 & macho::VM_PROT_EXECUTE.0 != 0,
            writable: segment.initprot(endian).0 & macho::VM_PROT_WRITE.0 != 0,
        });
        for section in segment.sections(endian, data)? {
            let offset = section.file_size(endian).map(|_| u64::from(section.offset(endian)));
            let code = macho::S_ATTR_PURE_INSTRUCTIONS.0 | macho::S_ATTR_SOME_INSTRUCTIONS.0;
            self.sections.push(Section {
                segment: *section.segname(),
                name: *section.sectname(),
                address: section.addr(endian).into(),
                size: section.size(endian).into(),
                offset,
                executable: section.flags(endian).0 & code != 0,
                relocations: (section.reloff(endian), section.nreloc(endian)),
            });
        }
        Ok(())
    }
}

fn arch_name(cpu: macho::CpuType, subtype: macho::CpuSubtype) -> &'static str {
    // The upper byte of the subtype holds capability bits (mach/machine.h, CPU_SUBTYPE_MASK).
    match (cpu, subtype.0 & 0x00ff_ffff) {
        (macho::CPU_TYPE_X86_64, _) => "x86-64",
        (macho::CPU_TYPE_ARM64, 2) => "arm64e",
        (macho::CPU_TYPE_ARM64, _) => "aarch64",
        (macho::CPU_TYPE_X86, _) => "x86",
        (macho::CPU_TYPE_ARM, _) => "arm",
        _ => "unknown",
    }
}
