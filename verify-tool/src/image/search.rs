//! Segments in, the places out where linktab left its signature: for files in which no header says
//! where the records are, or no longer the truth.
//!
//! Only what the program may write to is gone through, which is little of most programs, or its other
//! data where the anchor was found; and only in files that give a reason to.

use std::ops::{ControlFlow, Range};

use linktab::layout::{MAGIC, RECORD_ALIGN, RECORD_SIZE, anchor, mark, offset, phase};

use super::{Arch, Segment, Segments, Table, read_table};
use crate::bytes::{Blocks, Bytes};
use crate::error::Error;

/// Most bytes of writable segments that are gone through.
pub const MAX_BYTES: u64 = 256 << 20;

/// Most places that are looked at more closely.
const MAX_PLACES: usize = 1 << 20;

/// The address of the anchor, behind its signature: its version and record size are what this tool reads.
pub fn anchor(
    bytes: Bytes<'_>,
    segments: &Segments,
    arch: Arch,
    blocks: &Blocks<'_>,
) -> Result<Option<u64>, Error> {
    for found in places(bytes, segments.writable(), &anchor::SIGNATURE, RECORD_ALIGN)? {
        let address = found + anchor::SIGNATURE.len() as u64;
        let mut fields = Vec::new();
        if !segments.read(blocks, "the anchor", address, 8, &mut fields)? {
            continue;
        }
        match (arch.u32(&fields, 0), arch.u32(&fields, 4)) {
            (Some(anchor::VERSION), Some(size)) if size as usize == RECORD_SIZE => {
                return Ok(Some(address + 8));
            }
            (Some(version), _) => {
                return Err(Error::unsupported(format!(
                    "the anchor has version {version}, this tool reads version {}: use the `linktab` command of the \
                     linktab version that the program was built with",
                    anchor::VERSION
                )));
            }
            (None, _) => {}
        }
    }
    Ok(None)
}

/// Whether the anchor is there. Whoever has more writable data than is gone through is not asked.
fn has_anchor(bytes: Bytes<'_>, segments: &Segments, arch: Arch, blocks: &Blocks<'_>) -> Result<bool, Error> {
    Ok(writable_size(segments) <= MAX_BYTES && anchor(bytes, segments, arch, blocks)?.is_some())
}

/// How much that is.
pub fn writable_size(segments: &Segments) -> u64 {
    segments.writable().fold(0, |sum: u64, segment| sum.saturating_add(segment.file_size))
}

/// Where in the file the mark of `linktab_finder::main()` is.
pub fn mark(
    bytes: Bytes<'_>,
    segments: &Segments,
    arch: Arch,
    blocks: &Blocks<'_>,
) -> Result<Option<u64>, Error> {
    if writable_size(segments) > MAX_BYTES {
        // Whoever has so much data is no `python`, and whatever else is in the file can be told all the same.
        return Ok(None);
    }
    let places = places(bytes, segments.writable(), &mark::SIGNATURE, RECORD_ALIGN)?;
    let Some(&address) = places.first() else { return Ok(None) };
    let mut fields = Vec::new();
    segments.read(blocks, "the mark", address, mark::SIZE as u64, &mut fields)?;
    match arch.u32(&fields, mark::SIGNATURE.len()) {
        Some(mark::VERSION) => Ok(segments.offset(address, mark::SIZE as u64)),
        Some(version) => Err(Error::unsupported(format!(
            "the mark of a packed program has version {version}, this tool reads version {}: use the `linktab` command \
             of the linktab version that the program was built with",
            mark::VERSION
        ))),
        None => Ok(None),
    }
}

/// Whether the anchor is there, for formats whose anchor does not say where the records are. If it is and no
/// section has their name, the table is looked for: a linker may have renamed the section, or merged it into
/// another one, a read-only one too.
pub fn anchored(
    bytes: Bytes<'_>,
    segments: &Segments,
    arch: Arch,
    blocks: &Blocks<'_>,
    section: &str,
    tables: &mut Vec<Table>,
) -> Result<bool, Error> {
    let has_anchor = has_anchor(bytes, segments, arch, blocks)?;
    if has_anchor && tables.is_empty() {
        tables.extend(table(bytes, segments, arch, blocks, section)?);
    }
    Ok(has_anchor)
}

fn table(
    bytes: Bytes<'_>,
    segments: &Segments,
    arch: Arch,
    blocks: &Blocks<'_>,
    section: &str,
) -> Result<Option<Table>, Error> {
    const RECORD: u64 = RECORD_SIZE as u64;
    let mut runs: Vec<Range<u64>> = Vec::new();
    let mut start = Vec::new();
    for address in places(bytes, segments.data(), &magic(arch), RECORD_ALIGN)? {
        start.clear();
        segments.read(blocks, "a record", address, offset::NAME as u64, &mut start)?;
        // Four bytes alone may be anything.
        if !matches!(start.get(offset::PHASE), Some(&(phase::MULTI..=phase::EXPORT))) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == address => run.end = address.saturating_add(RECORD),
            _ => runs.push(address..address.saturating_add(RECORD)),
        }
    }
    let run = match &*runs {
        [] => return Ok(None),
        [run] => run,
        [..] => {
            return Err(Error::unsupported(format!(
                "no section has the records' name, and records lie in {} places, so that nothing says which of them \
                 the program walks: link it without renaming or merging `{section}`",
                runs.len()
            )));
        }
    };
    let size = run.end - run.start;
    let Some(offset) = segments.offset(run.start, size) else { return Ok(None) };
    Ok(Some(Table::new(section, run.start, read_table(bytes, section, offset, size)?)))
}

/// The addresses of all that looks like a record, in order.
pub fn records(bytes: Bytes<'_>, segments: &Segments, arch: Arch) -> Result<Vec<u64>, Error> {
    places(bytes, segments.writable(), &magic(arch), RECORD_ALIGN)
}

/// What a record begins with.
fn magic(arch: Arch) -> [u8; 4] {
    if arch.big_endian { MAGIC.to_be_bytes() } else { MAGIC.to_le_bytes() }
}

/// The addresses in some segments that hold a sequence of bytes, in order.
fn places<'s>(
    bytes: Bytes<'_>,
    segments: impl Iterator<Item = &'s Segment>,
    sequence: &[u8],
    align: usize,
) -> Result<Vec<u64>, Error> {
    let mut left = MAX_BYTES;
    let mut places = Vec::new();
    for segment in segments {
        left = left
            .checked_sub(segment.file_size)
            .ok_or_else(|| Error::limit("bytes of segments with data", MAX_BYTES))?;
        // What lies behind the file's end is not there when the program runs either.
        let end = segment.offset.saturating_add(segment.file_size).min(bytes.size());
        let range = segment.offset.min(end)..end;
        bytes.find("a segment", range, &[sequence], |at| {
            let address = segment.address.wrapping_add(at);
            if address.is_multiple_of(align as u64) {
                places.push(address);
            }
            if places.len() > MAX_PLACES {
                return Err(Error::limit("places that look like a record", MAX_PLACES as u64));
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(places)
}
