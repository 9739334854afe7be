//! Bytes in, [`Image`]s out: each with its record tables as the loader, or the linker, would leave
//! them.
//!
//! Knows file formats, relocations and fixups. Knows the section's names and the size of a record,
//! and nothing of what is in one. The formats' files run in parallel: `elf`, `mach_o`, `pe`, `coff`.

mod arch;
mod archive;
mod bitcode;
mod coff;
mod descriptors;
mod elf;
mod loading;
mod lto;
mod mach_o;
mod packed;
mod pe;
mod search;
mod segments;
mod symbols;

use std::ops::Range;

use object::FileKind;

use crate::bytes::{Blocks, Bytes, Input};
use crate::error::{Error, Kind};

pub(crate) use arch::Arch;
pub use arch::{Format, ImageKind};
use descriptors::Descriptors;
pub(crate) use loading::Loading;
pub(crate) use lto::Intermediate;
pub use packed::Packed;
pub(crate) use packed::PackedFile;
pub(crate) use segments::{Segment, Segments};
pub(crate) use symbols::{Query, SizedSymbol, Symbol, SymbolKind, Symbols};

/// One architecture of a linked file, or one un-linked object.
pub(crate) struct Image<'d> {
    pub arch: Arch,
    pub kind: ImageKind,
    /// Every section of records. A linked image has one, unless the linker split it.
    pub tables: Vec<Table>,
    /// The markers of records that the linker will compile (LTO).
    pub markers: Vec<String>,
    /// The addresses that the locator note gives, which are those the runtime walks.
    pub locator: Option<Range<u64>>,
    /// Whether there is none because the note was taken away.
    pub note_removed: bool,
    /// Whether the anchor shows that the runtime is linked in, asked for where nothing else could tell.
    pub has_anchor: bool,
    /// The libraries that the loader is asked for, as the image names them.
    pub needed: Vec<String>,
    pub segments: Segments,
    pub symbols: Box<dyn Symbols + 'd>,
    pub pointers: Box<dyn Pointers + 'd>,
    /// Where a pointer to a function leads to a descriptor of it, and not to code.
    pub descriptors: Option<Descriptors>,
    pub blocks: Blocks<'d>,
}

impl Image<'_> {
    /// Where in the file a program of `linktab_finder::main()` says whether it was packed.
    pub fn mark(&self) -> Result<Option<u64>, Error> {
        search::mark(self.blocks.bytes(), &self.segments, self.arch, &self.blocks)
    }

    /// What is behind it, where its mark says that it was packed.
    pub fn packed(&self, mark: u64) -> Result<Option<Packed>, Error> {
        packed::read(self, mark)
    }

    /// The files behind it, where its mark says that it was packed.
    pub fn packed_files(&self, mark: u64) -> Result<Option<Vec<PackedFile>>, Error> {
        packed::files(self, mark)
    }

    /// What it asks of its loader.
    pub fn loading(&self) -> Result<Loading, Error> {
        if self.arch.format == Format::Elf && self.kind != ImageKind::Object {
            return elf::loading(self.blocks.bytes(), self.arch.pointer == 8);
        }
        Ok(Loading {
            arch: self.arch,
            needed: self.needed.clone(),
            loader: None,
            versions: Vec::new(),
            search: Vec::new(),
        })
    }

    /// Whether a pointer leads to code, as far as the headers tell.
    pub fn is_function(&self, pointer: u64) -> Result<bool, Error> {
        let entry = match &self.descriptors {
            None => Some(pointer),
            Some(descriptors) => descriptors.entry(self, pointer)?,
        };
        Ok(entry.is_some_and(|entry| self.segments.is_executable(entry)))
    }

    /// A part of the image as the loader would leave it, or `None` when the file does not hold it.
    pub fn memory(&self, what: &'static str, address: u64, size: u64) -> Result<Option<Table>, Error> {
        let limit = self.blocks.limits().section;
        if size > limit {
            return Err(Error::limit(what, limit));
        }
        let mut bytes = Vec::new();
        if !self.segments.read(&self.blocks, what, address, size, &mut bytes)? {
            return Ok(None);
        }
        let mut table = Table::new(what, address, bytes);
        self.pointers.fill(&mut table)?;
        Ok(Some(table))
    }
}

/// What the loader does to pointers of a linked image.
pub(crate) trait Pointers {
    /// Writes every pointer that lies in the table and is known before the program runs.
    fn fill(&self, table: &mut Table) -> Result<(), Error>;
}

/// For images whose pointers are in place: PE, and objects, whose tables are filled already.
struct InPlace;

impl Pointers for InPlace {
    fn fill(&self, _table: &mut Table) -> Result<(), Error> {
        Ok(())
    }
}

/// A section of records.
pub(crate) struct Table {
    /// The section's name, or the locator's when the section headers are gone.
    pub section: String,
    pub address: u64,
    /// The section's bytes, with every pointer written into them that is known before the program
    /// runs. Un-linked objects are laid out at made-up addresses first (`Segments`).
    pub bytes: Vec<u8>,
    /// The pointers that only the loader knows, by offset, in order.
    pub symbolic: Vec<(u64, Symbolic)>,
    /// Whether the linker was told to keep the section (`SHF_GNU_RETAIN`).
    pub retained: bool,
}

impl Table {
    fn new(section: &str, address: u64, bytes: Vec<u8>) -> Table {
        Table { section: section.to_owned(), address, bytes, symbolic: Vec::new(), retained: false }
    }

    /// Brings what the loader fills in into the order of its places, for every format.
    fn sort(&mut self) {
        self.symbolic.sort_by_key(|(offset, _)| *offset);
    }

    /// What stands for the pointer at an offset that is not known before the program runs.
    pub fn symbolic(&self, at: u64) -> Option<&Symbolic> {
        let index = self.symbolic.binary_search_by_key(&at, |(offset, _)| *offset).ok()?;
        self.symbolic.get(index).map(|(_, symbolic)| symbolic)
    }

    /// An error when a relocation lies in the table that is no pointer's, so that its bytes cannot be told.
    /// A table that ends before its bytes do asks [`Table::symbolic`] of each of its pointers instead.
    pub fn check_relocations(&self, arch: Arch) -> Result<(), Error> {
        let unknown = self.symbolic.iter().find_map(|(offset, symbolic)| match symbolic {
            Symbolic::Unknown { kind } => Some((*offset, *kind)),
            Symbolic::Import { .. } | Symbolic::Resolver(_) => None,
        });
        let Some((offset, kind)) = unknown else { return Ok(()) };
        let name = arch.name;
        Err(Error::unsupported(format!(
            "relocation type {kind} of {name} is not known where a pointer is expected"
        ))
        .at_offset(offset))
    }
}

/// What stands for a pointer that is not known before the program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Symbolic {
    /// The address of a symbol of another file.
    Import {
        name: String,
        /// Whether the image names a library that it may come from.
        has_library: bool,
    },
    /// What the function at this address returns (IFUNC).
    Resolver(u64),
    /// What a relocation of a type does that is no pointer's.
    Unknown {
        /// The relocation's type.
        kind: u32,
    },
}

/// What an input consists of.
pub(crate) enum Part<'d> {
    /// Something with sections. The label names a member or an architecture.
    Image { label: Option<String>, image: Box<Image<'d>> },
    /// A file or a member that holds no machine code yet (LTO).
    Bitcode { label: Option<String>, code: Intermediate },
    /// A member of a thin archive: a file beside it.
    External { path: Vec<u8> },
}

/// A part, or why it could not be parsed.
pub(crate) type Parsed<'d> = Result<Part<'d>, Error>;

/// Takes one part after the other, so that never more than one is in memory.
pub(crate) type Each<'e, 'd> = &'e mut dyn FnMut(Parsed<'d>);

/// Whether a file that begins so may be one that [`parse`] reads.
pub(crate) fn is_known(start: &[u8]) -> bool {
    // What follows these two letters of PE lies further behind.
    archive::begins(start)
        || bitcode::begins(start)
        || start.starts_with(b"MZ")
        || FileKind::parse(start).is_ok()
}

/// Parses everything in an input. The error is about the whole of it.
pub(crate) fn parse<'d>(input: &'d Input, each: Each<'_, 'd>) -> Result<(), Error> {
    parse_bytes(input.bytes(), 0, each)
}

fn parse_bytes<'d>(bytes: Bytes<'d>, depth: usize, each: Each<'_, 'd>) -> Result<(), Error> {
    if archive::is_archive(bytes) {
        return archive::parse(bytes, depth, each);
    }
    match FileKind::parse(bytes) {
        Ok(FileKind::MachOFat32) => mach_o::parse_universal32(bytes, depth, each),
        Ok(FileKind::MachOFat64) => mach_o::parse_universal64(bytes, depth, each),
        _ => {
            each(parse_image(bytes, None));
            Ok(())
        }
    }
}

/// What an ELF file asks of its loader; `None` where bytes are none.
pub(crate) fn loading_of(bytes: Bytes<'_>) -> Result<Option<Loading>, Error> {
    match FileKind::parse(bytes) {
        Ok(FileKind::Elf32) => elf::loading(bytes, false).map(Some),
        Ok(FileKind::Elf64) => elf::loading(bytes, true).map(Some),
        _ => Ok(None),
    }
}

/// Parses one image. `label` says which part of the file it is.
fn parse_image(bytes: Bytes<'_>, label: Option<String>) -> Parsed<'_> {
    if bitcode::is_bitcode(bytes) {
        return bitcode::parse(bytes, label, None);
    }
    let image = match FileKind::parse(bytes) {
        Ok(FileKind::Elf32) => elf::parse32(bytes),
        Ok(FileKind::Elf64) => elf::parse64(bytes),
        Ok(FileKind::MachO32) => mach_o::parse32(bytes),
        Ok(FileKind::MachO64) => mach_o::parse64(bytes),
        Ok(FileKind::Pe32) => pe::parse32(bytes),
        Ok(FileKind::Pe64) => pe::parse64(bytes),
        Ok(FileKind::Coff) => coff::parse(bytes),
        Ok(FileKind::CoffBig) => coff::parse_big(bytes),
        Ok(_) | Err(_) => Err(Error::new(Kind::UnknownFormat)),
    };
    let image = image.map_err(|error| error.in_file("", label.as_deref()))?;
    Ok(Part::Image { label, image: Box::new(image) })
}

/// For what `--only-keep-debug` leaves of a program.
fn debug_file() -> Error {
    Error::unsupported(
        "this is a separate debug file, whose sections hold no bytes: check the program that it belongs to",
    )
}

/// Reads one section of records, checking its size before anything is allocated.
fn read_table(bytes: Bytes<'_>, section: &str, offset: u64, size: u64) -> Result<Vec<u8>, Error> {
    bytes
        .spend_records(size / linktab::layout::RECORD_SIZE as u64)
        .and_then(|()| bytes.read_owned("the record section", offset, size))
        .map_err(|error| error.in_section(section))
}
