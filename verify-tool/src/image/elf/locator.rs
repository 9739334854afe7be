//! Note segments in, the table's addresses out: what survives when section headers are removed.

use std::ops::Range;

use linktab::layout::locator::{OWNER, TYPE, VERSION};
use object::elf;
use object::read::elf::ProgramHeader;

use super::{Elf, File};
use crate::error::Error;

/// Note segments are a few hundred bytes long.
const MAX_NOTES: u64 = 1 << 20;

/// Finds the locator note. `None`: the image does not contain code that walks the table.
pub fn find<E: Elf>(file: &File<'_, E>) -> Result<Option<Range<u64>>, Error> {
    let endian = file.endian;
    for program in file.programs.iter().filter(|program| program.p_type(endian) == elf::PT_NOTE).take(64) {
        let size: u64 = program.p_filesz(endian).into();
        if size > MAX_NOTES {
            return Err(Error::limit("bytes in a note segment", MAX_NOTES));
        }
        let notes = file.bytes.read("a note segment", program.p_offset(endian).into(), size)?;
        if let Some(range) = in_segment(file, notes, program.p_vaddr(endian).into())? {
            return Ok(Some(range));
        }
    }
    Ok(None)
}

/// Looks for the owner rather than walking from note to note: segments pad notes to four or eight
/// bytes, and linkers disagree about which.
fn in_segment<E: Elf>(file: &File<'_, E>, notes: &[u8], address: u64) -> Result<Option<Range<u64>>, Error> {
    let arch = file.arch;
    let mut owner = OWNER.as_bytes().to_vec();
    owner.push(0);
    let descriptor_len = 8 + 2 * u32::from(arch.pointer);
    for at in memchr::memmem::find_iter(notes, &owner) {
        let Some(header) = at.checked_sub(12) else { continue };
        let field = |index: usize| arch.u32(notes, header + 4 * index);
        if (field(0), field(1), field(2)) != (Some(owner.len() as u32), Some(descriptor_len), Some(TYPE)) {
            continue;
        }
        let descriptor = at + owner.len();
        match arch.u32(notes, descriptor) {
            Some(VERSION) => {}
            Some(other) => {
                return Err(Error::unsupported(format!(
                    "the locator note has version {other}, this tool reads version {VERSION}: use the \
                     `linktab` command of the linktab version that the program was built with"
                )));
            }
            None => continue,
        }
        // Two distances, each from its own address.
        let distance = |index: usize| {
            let position = descriptor + 8 + index * usize::from(arch.pointer);
            let distance = arch.word(notes, position)?;
            Some(arch.wrap(address.wrapping_add(position as u64).wrapping_add(distance)))
        };
        let (Some(start), Some(stop)) = (distance(0), distance(1)) else { continue };
        if start > stop {
            return Err(Error::malformed(format!(
                "the locator note's range {start:#x}..{stop:#x} is backwards"
            )));
        }
        return Ok(Some(start..stop));
    }
    Ok(None)
}
