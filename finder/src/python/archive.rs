//! Bytes of a file in, where the archive in it ends out: at the file's end, or wherever tools that append
//! something, or make room in the executable, have left it; and whether an entry is as it was written.

use std::fs::File;
use std::io::{self, BufRead as _};
use std::iter;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use linktab::layout::crc32;
use linktab::layout::mark::{COMMENT, SUM};

use super::mark::Mark;

/// "End of central directory record" (APPNOTE.TXT, 4.3.16) with our comment.
const END: usize = HEAD + COMMENT.len();
/// Without it.
const HEAD: usize = 22;

/// Whether an archive of ours is at the very end of a file.
pub fn is_at_end(file: &File) -> io::Result<bool> {
    let mut end = [0; END];
    let Some(start) = file.metadata()?.len().checked_sub(END as u64) else { return Ok(false) };
    file.read_exact_at(&mut end, start)?;
    Ok(directory(&end).is_some())
}

/// Where the archive ends that a mark tells of, or what became of it.
pub fn end(bytes: &[u8], mark: &Mark) -> Result<usize, String> {
    // At its end it is in a file that nobody changed.
    let last = bytes.len().saturating_sub(END);
    let ends = iter::once(last)
        .chain(ends(bytes))
        .filter_map(|start| Some((start, directory(bytes.get(start..)?)?)));
    let mut is_damaged = false;
    for (start, size) in ends {
        let directory = start.checked_sub(size).and_then(|directory| bytes.get(directory..start + END));
        let is_long_enough = (start + END) as u64 >= mark.length();
        if is_long_enough && directory.is_some_and(|directory| crc32(directory) == mark.sum()) {
            return Ok(start + END);
        }
        is_damaged = true;
    }
    Err(if is_damaged {
        "the directory of the Python code behind it is damaged: copy the file again, or pack it again"
            .to_owned()
    } else {
        format!(
            "its Python code is gone, {} bytes that `linktab pack` put behind it: the file was cut off, or changed by a \
             tool that drops what is behind an executable, as `strip` does: strip first, and pack then",
            mark.length()
        )
    })
}

/// Where end records may be, from front to back.
fn ends(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut rest = bytes;
    iter::from_fn(move || {
        // A slice never fails to be read, and is searched at the speed of memory.
        let skipped = rest.skip_until(b'P').unwrap_or(0);
        (skipped > 0).then(|| bytes.len() - rest.len() - 1)
    })
}

/// Bytes of an entry's header without its name (APPNOTE.TXT, 4.3.7).
const ENTRY: usize = 30;

/// Whether bytes are the header of an entry.
pub fn is_entry(bytes: &[u8]) -> bool {
    bytes.len() == ENTRY && bytes.starts_with(b"PK\x03\x04")
}

/// What is wrong with an entry whose header is at an offset, and whose bytes are said to be in a range.
pub fn damage(bytes: &[u8], header: usize, range: Range<usize>) -> Option<String> {
    let entry = Entry::at(bytes, header);
    let is_whole = |entry: &Entry<'_>| entry.range == range && bytes.get(range).map(crc32) == Some(entry.sum);
    if entry.as_ref().is_some_and(is_whole) {
        return None;
    }
    let name = entry.map_or_else(|| "an entry".into(), |entry| String::from_utf8_lossy(entry.name));
    Some(format!(
        "{name}: damaged in the archive behind this program, at {header:#x}: copy the file again, or pack it again"
    ))
}

/// The bytes of an entry whose header is at an offset, or what is wrong with them; none where they are compressed.
pub fn stored(bytes: &[u8], header: usize) -> Result<Option<&[u8]>, String> {
    let range = Entry::at(bytes, header).map_or(0..0, |entry| entry.range);
    if let Some(damage) = damage(bytes, header, range.clone()) {
        return Err(damage);
    }
    let is_compressed = bytes.get(header + METHOD..).is_none_or(|rest| !rest.starts_with(&[0, 0]));
    Ok(bytes.get(range).filter(|_| !is_compressed))
}

/// Where the header says how an entry is compressed.
const METHOD: usize = 8;

/// What the header of an entry says.
struct Entry<'b> {
    name: &'b [u8],
    range: Range<usize>,
    /// The CRC-32 of the bytes as they are in the file.
    sum: u32,
}

impl Entry<'_> {
    fn at(bytes: &[u8], at: usize) -> Option<Entry<'_>> {
        let header = bytes.get(at..)?.first_chunk::<ENTRY>()?;
        let word = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let long =
            |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let (name, extra) = (at + ENTRY, at + ENTRY + word(26));
        let start = extra + word(28);
        // The sum that zip has is of the bytes as they were before they were compressed.
        let sum = match (word(METHOD), bytes.get(extra..start)?) {
            (0, _) => long(14),
            (_, [id @ .., a, b, c, d]) if id.ends_with(&SUM) => u32::from_le_bytes([*a, *b, *c, *d]),
            _ => return None,
        };
        let range = start..start.checked_add(long(18) as usize)?;
        Some(Entry { name: bytes.get(name..extra)?, range, sum })
    }
}

/// The size of the directory before an end record of ours, with which these bytes begin.
fn directory(bytes: &[u8]) -> Option<usize> {
    let end = bytes.get(..END)?;
    let comment = u16::from_le_bytes([*end.get(HEAD - 2)?, *end.get(HEAD - 1)?]);
    let is_ours = end.starts_with(b"PK\x05\x06")
        && usize::from(comment) == COMMENT.len()
        && end.get(HEAD..) == Some(COMMENT);
    let size = end.get(12..16)?;
    is_ours.then(|| u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_end_record_with_our_comment_is_ours() {
        let end = |signature: &[u8], comment: &[u8]| {
            let mut bytes = [0; END];
            bytes[..4].copy_from_slice(signature);
            bytes[12] = 7;
            bytes[HEAD - 2..HEAD].copy_from_slice(&(comment.len() as u16).to_le_bytes());
            bytes[HEAD..][..comment.len()].copy_from_slice(comment);
            directory(&bytes)
        };
        assert_eq!(end(b"PK\x05\x06", COMMENT), Some(7));
        assert_eq!(end(b"PK\x05\x05", COMMENT), None);
        assert_eq!(end(b"PK\x05\x06", &COMMENT[1..]), None);
        assert_eq!(end(b"PK\x05\x06", b"somebody else's"), None);
    }
}
