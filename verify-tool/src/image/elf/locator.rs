//! Note segments in, the table's addresses out: what survives when section headers are removed.
//!
//! Knows what a note says, and whether one was taken away. Whether it is still true is for `tables` to
//! say: tools that make room at a file's start move notes.

use std::ops::Range;

use linktab::layout::locator::{OWNER, TYPE, VERSION};
use object::elf;
use object::read::elf::ProgramHeader;

use super::{Elf, File, place};
use crate::error::Error;
use crate::image::{Arch, Segments};

/// Note segments are a few hundred bytes long.
const MAX_NOTES: u64 = 1 << 20;

/// What the note segments tell.
pub enum Note {
    /// Where the table is, if the note is where the linker put it.
    Table(Span),
    /// Nothing, and where notes are or were is a hole that would hold ours.
    Removed,
    /// Nothing: the image does not contain code that walks the table.
    None,
}

/// Where a table begins, and its size, which is right even when the note was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: u64,
    pub size: u64,
}

impl Span {
    /// The addresses, unless the note was moved so far that they cannot be.
    pub fn range(self) -> Option<Range<u64>> {
        Some(self.start..self.start.checked_add(self.size)?)
    }
}

/// Looks for the locator note.
pub fn find<E: Elf>(file: &File<'_, E>, segments: &Segments) -> Result<Note, Error> {
    let endian = file.endian;
    let mut is_removed = false;
    for program in file.programs.iter().filter(|program| program.p_type(endian) == elf::PT_NOTE).take(64) {
        let size: u64 = program.p_filesz(endian).into();
        if size > MAX_NOTES {
            return Err(Error::limit("bytes in a note segment", MAX_NOTES));
        }
        let address = program.p_vaddr(endian).into();
        let offset = place(segments, address, size, program.p_offset(endian).into());
        let notes = file.bytes.read("a note segment", offset, size)?;
        if let Some(span) = in_segment(file.arch, notes, address)? {
            return Ok(Note::Table(span));
        }
        is_removed |= size == 0 || has_hole(file, notes, offset + size)?;
    }
    Ok(if is_removed { Note::Removed } else { Note::None })
}

/// Bytes of the note behind its header and owner.
fn descriptor_len(arch: Arch) -> usize {
    8 + 2 * usize::from(arch.pointer)
}

/// What is taken away leaves zeros, in the segment (llvm-objcopy) or, if it was the last of it, behind
/// (GNU objcopy).
fn has_hole<E: Elf>(file: &File<'_, E>, notes: &[u8], end: u64) -> Result<bool, Error> {
    let len = 12 + OWNER.len() + 1 + descriptor_len(file.arch);
    let behind = (len as u64).min(file.bytes.size().saturating_sub(end));
    let covered = file.sections.iter().any(|section| {
        let range = section.range(file.endian);
        section.is_allocated(file.endian) && range.start < end + behind && range.end > end
    });
    let mut bytes = notes.to_vec();
    if !covered {
        bytes.extend(file.bytes.read("what follows a note segment", end, behind)?);
    }
    let zeros = vec![0; len];
    Ok(memchr::memmem::find(&bytes, &zeros).is_some())
}

/// Looks for the owner rather than walking from note to note: segments pad notes to four or eight
/// bytes, and linkers disagree about which.
fn in_segment(arch: Arch, notes: &[u8], address: u64) -> Result<Option<Span>, Error> {
    let mut owner = OWNER.as_bytes().to_vec();
    owner.push(0);
    for at in memchr::memmem::find_iter(notes, &owner) {
        let Some(header) = at.checked_sub(12) else { continue };
        let field = |index: usize| arch.u32(notes, header + 4 * index);
        let expected = (Some(owner.len() as u32), Some(descriptor_len(arch) as u32), Some(TYPE));
        if (field(0), field(1), field(2)) != expected {
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
        let distances = notes.get(descriptor + 8..).unwrap_or_default();
        if let Some(span) = span(arch, distances, address.wrapping_add(descriptor as u64 + 8))? {
            return Ok(Some(span));
        }
    }
    Ok(None)
}

/// What two distances say, each from its own address, the first of which is at `address`. Nothing when
/// they are cut off.
pub fn span(arch: Arch, distances: &[u8], address: u64) -> Result<Option<Span>, Error> {
    let bound = |at: u8| {
        let distance = arch.word(distances, at.into())?;
        Some(arch.wrap(address.wrapping_add(at.into()).wrapping_add(distance)))
    };
    let (Some(start), Some(stop)) = (bound(0), bound(arch.pointer)) else { return Ok(None) };
    let size = arch.wrap(stop.wrapping_sub(start));
    if size > arch.wrap(u64::MAX) / 2 {
        return Err(Error::malformed(format!("the locator's range {start:#x}..{stop:#x} is backwards")));
    }
    Ok(Some(Span { start, size }))
}
