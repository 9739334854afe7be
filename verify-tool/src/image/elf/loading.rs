//! An ELF file in, what it asks of its loader out. Reads no section and no symbol, and so packed shared objects in no
//! time.

use object::elf;
use object::read::elf::ProgramHeader;

use super::dynamic::Dynamic;
use super::{Elf, File, place, segments};
use crate::bytes::{Blocks, Bytes};
use crate::error::Error;
use crate::image::symbols::read_name;
use crate::image::{Arch, Loading};

/// Most versions that an image may ask for.
const MAX_VERSIONS: usize = 1 << 14;

/// A missing one is no error (gABI supplement of the LSB, "Version Dependencies", `VER_FLG_WEAK`).
const WEAK: u16 = 2;

pub fn read<E: Elf>(bytes: Bytes<'_>) -> Result<Loading, Error> {
    let file = File::<E>::read(bytes)?;
    if !matches!(file.header.e_type(file.endian), elf::ET_EXEC | elf::ET_DYN) {
        return Err(Error::unsupported("expected a linked file, which is what a loader loads"));
    }
    let segments = segments(&file);
    let blocks = Blocks::new(bytes);
    let dynamic = Dynamic::read(&file, &segments)?.unwrap_or_default();
    let search = dynamic.texts(&blocks, &dynamic.search)?;
    Ok(Loading {
        arch: file.arch,
        needed: dynamic.needed(&blocks)?,
        loader: interpreter(&file, &segments, &blocks)?,
        versions: versions(&dynamic, file.arch, &blocks)?,
        search: search.iter().flat_map(|path| path.split(':')).map(str::to_owned).collect(),
    })
}

fn interpreter<E: Elf>(
    file: &File<'_, E>,
    segments: &crate::image::Segments,
    blocks: &Blocks<'_>,
) -> Result<Option<String>, Error> {
    let endian = file.endian;
    let Some(program) = file.programs.iter().find(|program| program.p_type(endian) == elf::PT_INTERP) else {
        return Ok(None);
    };
    let size: u64 = program.p_filesz(endian).into();
    let offset = place(segments, program.p_vaddr(endian).into(), size, program.p_offset(endian).into());
    let name = read_name(blocks, offset, offset.saturating_add(size))?;
    Ok(Some(String::from_utf8_lossy(&name).into_owned()))
}

/// `Elf_Verneed` and the `Elf_Vernaux` of each, which have the same form for both word sizes.
fn versions(dynamic: &Dynamic, arch: Arch, blocks: &Blocks<'_>) -> Result<Vec<(String, String)>, Error> {
    const ENTRY: u64 = 16;
    let mut found = Vec::new();
    let Some((mut at, files)) = dynamic.versions else { return Ok(found) };
    let mut bytes = Vec::new();
    let mut read = |at: u64| -> Result<Vec<u8>, Error> {
        bytes.clear();
        blocks.read("needed versions", at, ENTRY, &mut bytes)?;
        Ok(bytes.clone())
    };
    for _ in 0..files.min(MAX_VERSIONS as u64) {
        let file = read(at)?;
        let count = arch.u16(&file, 2).unwrap_or(0);
        let [name, first, next] = [4, 8, 12].map(|field| arch.u32(&file, field).unwrap_or(0));
        let library = dynamic.text(blocks, name.into())?;
        let mut inner = at.saturating_add(first.into());
        for _ in 0..count {
            let version = read(inner)?;
            let [name, next] = [8, 12].map(|field| arch.u32(&version, field).unwrap_or(0));
            if arch.u16(&version, 4).unwrap_or(0) & WEAK == 0 {
                found.push((library.clone(), dynamic.text(blocks, name.into())?));
            }
            if found.len() > MAX_VERSIONS {
                return Err(Error::limit("versions that an image asks for", MAX_VERSIONS as u64));
            }
            if next == 0 {
                break;
            }
            inner = inner.saturating_add(next.into());
        }
        if next == 0 {
            break;
        }
        at = at.saturating_add(next.into());
    }
    Ok(found)
}
