//! Bytes of a file in, where the archive in it ends out: at the file's end, or wherever tools that append
//! something, or make room in the executable, have left it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use linktab::layout::crc32;
use linktab::layout::mark::COMMENT;

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
    let last = bytes.len().saturating_sub(END);
    let mut is_damaged = false;
    // From behind: at its end it is in a file that nobody changed.
    for start in (0..=last).rev().filter(|&start| bytes[start..].starts_with(b"PK\x05\x06")) {
        let Some(end) = bytes.get(start..start + END) else { continue };
        let Some(size) = directory(end) else { continue };
        let directory = start.checked_sub(size);
        let is_whole = (start + END) as u64 >= mark.length()
            && directory.is_some_and(|directory| crc32(&bytes[directory..start + END]) == mark.sum());
        if is_whole {
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

/// The size of the directory before an end record of ours.
fn directory(end: &[u8]) -> Option<usize> {
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
