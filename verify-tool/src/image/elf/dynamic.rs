//! `PT_DYNAMIC` in, the tables that the loader uses out, as places in the file.
//!
//! The loader's tables count, and not the sections: `--emit-relocs` leaves a second copy of
//! everything in `.rela*` sections, and stripped section headers leave none.

use object::elf::{self, DynamicTag};
use object::read::elf::{Dyn, ProgramHeader, SectionHeader};

use super::{Elf, File, place};
use crate::bytes::Blocks;
use crate::error::Error;
use crate::image::Segments;
use crate::image::symbols::{MAX_NEEDED, read_name};

/// A table of entries in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    pub start: u64,
    pub end: u64,
}

/// What the dynamic section says.
#[derive(Default)]
pub struct Dynamic {
    pub rela: Vec<Range>,
    pub rel: Vec<Range>,
    /// Offset of the dynamic symbol table in the file.
    pub symbols: Option<u64>,
    /// The dynamic string table.
    pub strings: Option<Range>,
    pub is_pie: bool,
    /// Offsets of the names of needed libraries in the string table.
    needed: Vec<u64>,
    /// Those of the paths in which needed libraries are looked for first.
    pub search: Vec<u64>,
    /// Where the table of needed versions is in the file, and of how many libraries.
    pub versions: Option<(u64, u64)>,
    /// The addresses of function descriptors.
    pub descriptors: Option<std::ops::Range<u64>>,
    /// Whether one of them may define an init function.
    pub has_library: bool,
}

/// Whether a library is one that compilers add by themselves, and that has no init function: those of glibc, musl,
/// GCC and LLVM, and the loaders, `ld-linux-x86-64.so.2` and `ld64.so.2`.
pub fn is_of_toolchain(library: &str) -> bool {
    let name = library.rsplit('/').next().unwrap_or(library);
    let stem = name.split('.').next().unwrap_or(name);
    let of_c = ["libc", "libm", "libdl", "libpthread", "librt", "libutil", "libresolv", "libmvec"];
    let of_compilers =
        ["libgcc_s", "libatomic", "libstdc++", "libc++", "libc++abi", "libunwind", "libgomp", "libomp"];
    of_c.contains(&stem)
        || of_compilers.contains(&stem)
        || stem.starts_with("ld-")
        || matches!(stem, "ld" | "ld64")
}

/// Most entries that a dynamic section has by far.
const MAX_ENTRIES: u64 = 1 << 16;

impl Dynamic {
    /// Reads the dynamic section, if the image has one.
    pub fn read<E: Elf>(file: &File<'_, E>, segments: &Segments) -> Result<Option<Dynamic>, Error> {
        let endian = file.endian;
        let Some(program) = file.programs.iter().find(|program| program.p_type(endian) == elf::PT_DYNAMIC)
        else {
            return Ok(None);
        };
        let size: u64 = program.p_filesz(endian).into();
        let entry = size_of::<E::Dyn>() as u64;
        if size / entry > MAX_ENTRIES {
            return Err(Error::limit("entries in the dynamic section", MAX_ENTRIES));
        }
        let offset = place(segments, program.p_vaddr(endian).into(), size, program.p_offset(endian).into());
        let data = file.bytes.read("the dynamic section", offset, size / entry * entry)?;
        let entries = object::pod::slice_from_all_bytes::<E::Dyn>(data)
            .map_err(|()| Error::malformed("the dynamic section is cut off"))?;
        let tags = Tags::<E> { endian, entries };
        tags.refuse_unreadable()?;
        tags.dynamic(segments).map(Some)
    }

    /// The libraries that the loader is asked for.
    pub fn needed(&self, blocks: &Blocks<'_>) -> Result<Vec<String>, Error> {
        self.texts(blocks, &self.needed)
    }

    /// Texts of the string table; none where there is no table.
    pub fn texts(&self, blocks: &Blocks<'_>, offsets: &[u64]) -> Result<Vec<String>, Error> {
        let offsets = if self.strings.is_some() { offsets } else { &[] };
        offsets.iter().take(MAX_NEEDED).map(|&offset| self.text(blocks, offset)).collect()
    }

    /// One of them.
    pub fn text(&self, blocks: &Blocks<'_>, offset: u64) -> Result<String, Error> {
        let Some(strings) = &self.strings else { return Ok(String::new()) };
        let name = read_name(blocks, strings.start.saturating_add(offset), strings.end)?;
        Ok(String::from_utf8_lossy(&name).into_owned())
    }

    /// For a static executable without a dynamic section: the relocations that the C library's start-up
    /// code applies to it (IFUNC) are in allocated sections.
    pub fn of_static<E: Elf>(file: &File<'_, E>, segments: &Segments) -> Dynamic {
        let endian = file.endian;
        let mut dynamic = Dynamic::default();
        for section in file.sections.iter().filter(|section| section.is_allocated(endian)) {
            let size = section.size(endian);
            let start = place(segments, section.address(endian), size, section.offset(endian));
            let range = Range { start, end: start.saturating_add(size) };
            match section.header.sh_type(endian) {
                elf::SHT_RELA => dynamic.rela.push(range),
                elf::SHT_REL => dynamic.rel.push(range),
                _ => {}
            }
        }
        dynamic
    }
}

struct Tags<'d, E: Elf> {
    endian: E::Endian,
    entries: &'d [E::Dyn],
}

impl<E: Elf> Tags<'_, E> {
    fn live(&self) -> impl Iterator<Item = &E::Dyn> {
        self.entries.iter().take_while(|entry| entry.tag(self.endian) != elf::DT_NULL)
    }

    fn value(&self, wanted: DynamicTag) -> Option<u64> {
        let endian = self.endian;
        self.live().find(|entry| entry.tag(endian) == wanted).map(|entry| entry.val(endian))
    }

    fn refuse_unreadable(&self) -> Result<(), Error> {
        for tag in [elf::DT_ANDROID_REL, elf::DT_ANDROID_RELA] {
            if self.value(tag).is_some() {
                return Err(Error::unsupported(
                    "relocations are in Android's packed format: link with `-Wl,--pack-dyn-relocs=none` (or `relr`) \
                     and check that file",
                ));
            }
        }
        Ok(())
    }

    fn dynamic(&self, segments: &Segments) -> Result<Dynamic, Error> {
        // The first counts where both are (ld.so(8), "rpath token expansion").
        let search = self.value(elf::DT_RUNPATH).or(self.value(elf::DT_RPATH));
        let versions = self.value(elf::DT_VERNEED).and_then(|address| segments.offset(address, 1));
        let mut dynamic = Dynamic {
            search: search.into_iter().collect(),
            versions: versions.zip(self.value(elf::DT_VERNEEDNUM)),
            symbols: self.value(elf::DT_SYMTAB).and_then(|address| segments.offset(address, 1)),
            strings: self.range("DT_STRTAB", elf::DT_STRTAB, elf::DT_STRSZ, segments)?,
            is_pie: self.value(elf::DT_FLAGS_1).is_some_and(|flags| flags & elf::DF_1_PIE.0 != 0),
            needed: self
                .live()
                .filter(|entry| entry.tag(self.endian) == elf::DT_NEEDED)
                .map(|entry| entry.val(self.endian))
                .collect(),
            descriptors: self
                .value(elf::DT_PPC64_OPD)
                .zip(self.value(elf::DT_PPC64_OPDSZ))
                .map(|(start, size)| start..start.saturating_add(size)),
            ..Dynamic::default()
        };
        dynamic.rela.extend(self.range("DT_RELA", elf::DT_RELA, elf::DT_RELASZ, segments)?);
        dynamic.rel.extend(self.range("DT_REL", elf::DT_REL, elf::DT_RELSZ, segments)?);
        // DT_RELR lists the slots whose bytes hold the address already (gABI, "Relocation Table",
        // SHT_RELR), so that there is nothing to fill in.
        let plt = self.range("DT_JMPREL", elf::DT_JMPREL, elf::DT_PLTRELSZ, segments)?;
        match self.value(elf::DT_PLTREL).map(|tag| DynamicTag(tag as i64)) {
            Some(elf::DT_REL) => dynamic.rel.extend(plt),
            _ => dynamic.rela.extend(plt),
        }
        Ok(dynamic)
    }

    fn range(
        &self,
        what: &'static str,
        start: DynamicTag,
        size: DynamicTag,
        segments: &Segments,
    ) -> Result<Option<Range>, Error> {
        let (Some(address), Some(size)) = (self.value(start), self.value(size)) else { return Ok(None) };
        if size == 0 {
            return Ok(None);
        }
        let start = segments.offset(address, size).ok_or_else(|| {
            Error::malformed(format!("{what} ({address:#x}, {size} bytes) lies outside every segment"))
        })?;
        Ok(Some(Range { start, end: start + size }))
    }
}
