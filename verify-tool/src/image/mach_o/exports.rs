//! The exports trie in, names and offsets out.
//!
//! Walked by hand: the trie is a graph of offsets, and a crafted one has endlessly many paths.

use std::ops::Range;

use crate::bytes::Bytes;
use crate::error::Error;

/// How often over a trie may be gone through. In a sound one every edge is passed once; in a crafted
/// one nodes overlap and edges lead anywhere, and 4 KiB of it kept a first version busy for minutes.
const MAX_WORK: usize = 4;

/// Longest name.
const MAX_NAME: usize = 8 << 10;

/// Kinds of export that have no address here (mach-o/loader.h).
const REEXPORT: u64 = 0x08;

/// Calls back with each exported name and its offset from the image's base.
pub fn walk(bytes: Bytes<'_>, range: &Range<u64>, mut each: impl FnMut(&[u8], u64)) -> Result<(), Error> {
    if range.is_empty() {
        return Ok(());
    }
    let trie = bytes.read("the exports trie", range.start, range.end - range.start)?;
    let cut_off = || Error::malformed("the exports trie is cut off");
    // A node's offset and its name so far, as the length to keep and what to append.
    let mut stack: Vec<(usize, usize, Range<usize>)> = vec![(0, 0, 0..0)];
    let mut name: Vec<u8> = Vec::new();
    let work = trie.len().saturating_mul(MAX_WORK);
    let mut left = work;
    while let Some((offset, keep, edge)) = stack.pop() {
        name.truncate(keep);
        name.extend_from_slice(trie.get(edge).unwrap_or_default());
        if name.len() > MAX_NAME {
            return Err(Error::limit("bytes in an exported name", MAX_NAME as u64));
        }
        let mut at = offset;
        let size = uleb(trie, &mut at).ok_or_else(cut_off)?;
        let children = at.checked_add(usize::try_from(size).map_err(|_| cut_off())?).ok_or_else(cut_off)?;
        if size > 0 {
            let flags = uleb(trie, &mut at).ok_or_else(cut_off)?;
            if flags & REEXPORT == 0 {
                each(&name, uleb(trie, &mut at).ok_or_else(cut_off)?);
            }
        }
        let count = *trie.get(children).ok_or_else(cut_off)?;
        let mut at = children + 1;
        for _ in 0..count {
            let rest = trie.get(at..).ok_or_else(cut_off)?;
            let len = memchr::memchr(0, rest.get(..MAX_NAME).unwrap_or(rest)).ok_or_else(cut_off)?;
            left = left
                .checked_sub(len + 1)
                .ok_or_else(|| Error::limit("bytes of names in the exports trie", work as u64))?;
            let edge = at..at + len;
            at += len + 1;
            let child = uleb(trie, &mut at).ok_or_else(cut_off)?;
            stack.push((usize::try_from(child).map_err(|_| cut_off())?, name.len(), edge));
        }
    }
    Ok(())
}

fn uleb(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
