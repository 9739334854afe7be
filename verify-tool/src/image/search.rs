//! Segments in, the places out where linktab left its signature: for files in which no header says
//! where the records are, or no longer the truth.
//!
//! Only what the program may write to is gone through, which is little of most programs; and only in
//! files that give a reason to.

use std::ops::ControlFlow;

use linktab::layout::{MAGIC, RECORD_ALIGN, RECORD_SIZE, anchor, mark};

use super::{Arch, Segments};
use crate::bytes::{Blocks, Bytes};
use crate::error::Error;

/// Most bytes of writable segments that are gone through.
const MAX_BYTES: u64 = 256 << 20;

/// Most places that are looked at more closely.
const MAX_PLACES: usize = 1 << 20;

/// The address of the anchor, behind its signature: its version and record size are what this tool reads.
pub fn anchor(
    bytes: Bytes<'_>,
    segments: &Segments,
    arch: Arch,
    blocks: &Blocks<'_>,
) -> Result<Option<u64>, Error> {
    for found in places(bytes, segments, &anchor::SIGNATURE, RECORD_ALIGN)? {
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
pub fn has_anchor(
    bytes: Bytes<'_>,
    segments: &Segments,
    arch: Arch,
    blocks: &Blocks<'_>,
) -> Result<bool, Error> {
    Ok(writable_size(segments) <= MAX_BYTES && anchor(bytes, segments, arch, blocks)?.is_some())
}

fn writable_size(segments: &Segments) -> u64 {
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
    let places = places(bytes, segments, &mark::SIGNATURE, RECORD_ALIGN)?;
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

/// The addresses of all that looks like a record, in order.
pub fn records(bytes: Bytes<'_>, segments: &Segments, arch: Arch) -> Result<Vec<u64>, Error> {
    let magic = if arch.big_endian { MAGIC.to_be_bytes() } else { MAGIC.to_le_bytes() };
    places(bytes, segments, &magic, RECORD_ALIGN)
}

/// The addresses in writable segments that hold a sequence of bytes, in order.
fn places(bytes: Bytes<'_>, segments: &Segments, sequence: &[u8], align: usize) -> Result<Vec<u64>, Error> {
    let mut left = MAX_BYTES;
    let mut places = Vec::new();
    for segment in segments.writable() {
        left = left
            .checked_sub(segment.file_size)
            .ok_or_else(|| Error::limit("bytes of writable segments", MAX_BYTES))?;
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
