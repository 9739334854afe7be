//! The mark of a program that was packed in, what became of the archive behind it out.
//!
//! The mark's layout is `linktab::layout::mark`; the archive's is zip's (APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16). Tools that
//! append something, or make room in the executable, leave it elsewhere than at the end of the file.

use std::ops::ControlFlow;

use linktab::layout::crc32;
use linktab::layout::mark::{COMMENT, EMPTY, PACKED, SIZE, STATE, SUM};

use super::Image;
use crate::bytes::Bytes;
use crate::error::Error;

/// What is behind a program that `linktab pack` made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Packed {
    /// No archive is in the file any more.
    Gone,
    /// There is one, and its directory is not what was written.
    Directory,
    /// The archive's directory is whole.
    Entries {
        /// How many files it names.
        count: usize,
        /// Those whose bytes are not what was written.
        damaged: Vec<String>,
    },
}

/// An end record without its comment.
const HEAD: u64 = 22;
const END: u64 = HEAD + COMMENT.len() as u64;

/// Most ends of an archive that are tried, each of which has a directory to be read.
const MAX_ENDS: u64 = 16;

/// Looks behind a program whose mark is at an offset in the file; `None` where nothing was packed.
pub fn read(image: &Image<'_>, at: u64) -> Result<Option<Packed>, Error> {
    Ok(match find(image, at)? {
        Found::Nothing => None,
        Found::Gone => Some(Packed::Gone),
        Found::Damaged => Some(Packed::Directory),
        Found::Whole { directory, base } => Some(entries(image.blocks.bytes(), &directory, base)?),
    })
}

/// A file of the archive, as its directory names it.
pub(crate) struct PackedFile {
    pub name: String,
    /// Where its bytes are in the file, and how many.
    pub start: u64,
    pub size: u64,
    /// How they are compressed (APPNOTE.TXT, 4.4.5); 0: not at all.
    pub method: usize,
    /// How many they are then.
    pub unpacked: u64,
}

/// The files behind a program; `None` where nothing was packed.
pub fn files(image: &Image<'_>, at: u64) -> Result<Option<Vec<PackedFile>>, Error> {
    let bytes = image.blocks.bytes();
    let (directory, base) = match find(image, at)? {
        Found::Nothing => return Ok(None),
        Found::Gone | Found::Damaged => {
            return Err(Error::malformed(
                "the Python code that `linktab pack` put behind the program is gone or damaged: `linktab check` says more",
            ));
        }
        Found::Whole { directory, base } => (directory, base),
    };
    let mut files = Vec::new();
    each(&directory, |header, name| {
        let at = base.wrapping_add(long(header, 42).into());
        let own = bytes.read_owned("an entry of the archive", at, ENTRY)?;
        let [name_size, extra] = [26, 28].map(|at| short(&own, at) as u64);
        files.push(PackedFile {
            name: String::from_utf8_lossy(name).into_owned(),
            start: at + ENTRY + name_size + extra,
            size: long(header, 20).into(),
            method: short(header, 10),
            unpacked: long(header, 24).into(),
        });
        Ok(())
    })?;
    Ok(Some(files))
}

enum Found {
    Nothing,
    Gone,
    Damaged,
    /// The directory, and what offsets in it count from.
    Whole {
        directory: Vec<u8>,
        base: u64,
    },
}

fn find(image: &Image<'_>, at: u64) -> Result<Found, Error> {
    let mut fields = Vec::new();
    image.blocks.read("the mark", at, SIZE as u64, &mut fields)?;
    let word = |at: usize| image.arch.u32(&fields, at).unwrap_or(0);
    match word(STATE) {
        EMPTY => return Ok(Found::Nothing),
        PACKED => {}
        _ => return Ok(Found::Damaged),
    }
    let (sum, bytes) = (word(STATE + 12), image.blocks.bytes());
    let (mut found, mut ends) = (Found::Gone, 0);
    let mut look = |start: u64| -> Result<ControlFlow<()>, Error> {
        let Some((size, offset)) = end(bytes, start)? else { return Ok(ControlFlow::Continue(())) };
        found = Found::Damaged;
        ends += 1;
        let limit = bytes.limits().section;
        if ends > MAX_ENDS || size > limit {
            return Err(if size > limit {
                Error::limit("bytes of the directory of an archive", limit)
            } else {
                Error::limit("ends of archives", MAX_ENDS)
            });
        }
        let Some(from) = start.checked_sub(size) else { return Ok(ControlFlow::Continue(())) };
        let directory = bytes.read_owned("the directory of the archive", from, size + END)?;
        if crc32(&directory) != sum {
            return Ok(ControlFlow::Continue(()));
        }
        found = Found::Whole { directory, base: from.wrapping_sub(offset) };
        Ok(ControlFlow::Break(()))
    };
    // At its end it is in a file that nobody changed.
    let last = bytes.size().checked_sub(END).map(&mut look).transpose()?;
    if last.is_none_or(|last| last.is_continue()) {
        bytes.find("the archive", 0..bytes.size(), &[COMMENT], |place| match place.checked_sub(HEAD) {
            Some(start) => look(start),
            None => Ok(ControlFlow::Continue(())),
        })?;
    }
    Ok(found)
}

/// The size of the directory before an end record of ours, and where the record says that it begins.
fn end(bytes: Bytes<'_>, start: u64) -> Result<Option<(u64, u64)>, Error> {
    if start.checked_add(END).is_none_or(|end| end > bytes.size()) {
        return Ok(None);
    }
    let end = bytes.read_owned("the end of the archive", start, END)?;
    let is_ours = end.starts_with(b"PK\x05\x06") && end.ends_with(COMMENT);
    Ok(is_ours.then(|| (u64::from(long(&end, 12)), u64::from(long(&end, 16)))))
}

/// Holds each entry against its sum. Offsets in the directory count from `base`.
fn entries(bytes: Bytes<'_>, directory: &[u8], base: u64) -> Result<Packed, Error> {
    let (mut count, mut damaged) = (0, Vec::new());
    each(directory, |header, name| {
        if !is_whole(bytes, header, name, base.wrapping_add(long(header, 42).into()))? {
            damaged.push(String::from_utf8_lossy(name).into_owned());
        }
        count += 1;
        Ok(())
    })?;
    Ok(Packed::Entries { count, damaged })
}

/// Passes every header of a directory by, with the name in it.
fn each(
    directory: &[u8],
    mut header_and_name: impl FnMut(&[u8], &[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut at = 0;
    while let Some(header) = directory.get(at..).filter(|rest| rest.starts_with(b"PK\x01\x02")) {
        let [name, extra, comment] = [28, 30, 32].map(|at| short(header, at));
        let name = header.get(46..46 + name).unwrap_or_default();
        header_and_name(header, name)?;
        at += 46 + name.len() + extra + comment;
    }
    Ok(())
}

/// Bytes of an entry's own header without its name.
const ENTRY: u64 = 30;

/// Whether the bytes of an entry, whose own header is at an offset, are those that were written.
fn is_whole(bytes: Bytes<'_>, header: &[u8], name: &[u8], at: u64) -> Result<bool, Error> {
    let held = |at: u64, len: u64| at.checked_add(len).is_some_and(|end| end <= bytes.size());
    if !held(at, ENTRY) {
        return Ok(false);
    }
    let own = bytes.read_owned("an entry of the archive", at, ENTRY)?;
    let [own_name, own_extra] = [26, 28].map(|at| short(&own, at) as u64);
    let (start, size) = (at + ENTRY + own_name + own_extra, u64::from(long(header, 20)));
    if !own.starts_with(b"PK\x03\x04") || own_name != name.len() as u64 || !held(start, size) {
        return Ok(false);
    }
    let limit = bytes.limits().section;
    if size > limit {
        return Err(Error::limit("bytes of a packed file", limit));
    }
    let names = bytes.read_owned("an entry of the archive", at + ENTRY, own_name + own_extra)?;
    let (own_name, extra) = names.split_at_checked(name.len()).unwrap_or_default();
    // The sum that zip has is of the bytes as they were before they were compressed.
    let sum = match (short(header, 10), extra.strip_prefix(&SUM)) {
        (0, _) => long(header, 16),
        (_, Some(sum)) => long(sum, 0),
        _ => return Ok(own_name == name),
    };
    let data = bytes.read_owned("a packed file", start, size)?;
    Ok(own_name == name && crc32(&data) == sum)
}

fn short(bytes: &[u8], at: usize) -> usize {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u16::from_le_bytes(*word).into())
}

fn long(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_le_bytes(*word))
}
