//! The directory of the archive behind this executable: bytes in, what `zipimport` knows of it out.
//!
//! `zipimport` reads it by Python code, which takes longer for a few hundred files than all other work of a start.
//! So while Python is initialised it is shown a directory of the few modules that this takes, and its table of the archive
//! is completed from here before anything else is imported (`_read_directory`, Lib/zipimport.py).

use core::sync::atomic::{AtomicBool, Ordering};
use std::iter;
use std::sync::OnceLock;

use linktab::layout::mark::AHEAD;

use super::attachment::{self, Attachment};
use crate::object::{Attached, Borrowed, Owned, Result};

/// What initialising imports where text is UTF-8 or ASCII, and before 3.11 was not frozen into CPython.
const FIRST: [&[u8]; 7] = [
    b"abc.pyc",
    b"codecs.pyc",
    b"encodings/__init__.pyc",
    b"encodings/aliases.pyc",
    b"encodings/latin_1.pyc",
    b"encodings/utf_8.pyc",
    b"io.pyc",
];

/// Whether those modules are enough for an encoding.
pub fn is_enough(encoding: &str) -> bool {
    // As CPython names what it knows by itself (`get_encoder`, Python/codecs.c), and the C library what locales have.
    ["utf-8", "iso8859-1"].iter().any(|known| encoding.eq_ignore_ascii_case(known))
}

/// Whether the next one that opens the archive is shown the short directory.
static IS_SHORT: AtomicBool = AtomicBool::new(false);

/// From now on, until Python is initialised: for an interpreter that needs no other module for that.
pub fn shorten() {
    IS_SHORT.store(true, Ordering::Relaxed);
}

/// Where in the file a short directory takes the place of what is there; for the first one that opens it.
pub fn short() -> Option<usize> {
    if !IS_SHORT.swap(false, Ordering::Relaxed) {
        return None;
    }
    SHORT.get_or_init(|| Directory::of(attachment::find()?)?.shortened()).as_ref().map(|(start, _)| *start)
}

/// The short directory, once somebody was shown it.
pub fn shortened() -> &'static [u8] {
    SHORT.get().and_then(Option::as_ref).map_or(&[], |(_, end)| end)
}

static SHORT: OnceLock<Option<(usize, Vec<u8>)>> = OnceLock::new();

/// Completes the table of the archive if it is short. Python is initialised, and nothing else was imported.
pub fn complete(at: Attached<'_>) -> Result<()> {
    IS_SHORT.store(false, Ordering::Relaxed);
    let Some(attachment) = SHORT.get().and_then(Option::as_ref).and_then(|_| attachment::find()) else {
        return Ok(());
    };
    let (Some(path), Some(directory)) = (attachment.path.to_str(), Directory::of(attachment)) else {
        return Ok(());
    };
    let zipimport = at.import(c"zipimport")?;
    let cache = zipimport.borrow().get(c"_zip_directory_cache")?;
    let Some(files) = cache.borrow().value(at.str(path)?.borrow())? else { return Ok(()) };
    directory.entries().try_for_each(|entry| {
        let name = at.str(entry.name)?;
        files.borrow().set_value(name.borrow(), entry.tuple(at, path, directory.moved)?.borrow())
    })
}

/// "End of central directory record" without its comment (APPNOTE.TXT, 4.3.16).
const END: usize = 22;
/// "Central directory structure" without names (4.3.12).
const HEADER: usize = 46;

/// Of an archive that `linktab pack` made.
pub struct Directory {
    bytes: &'static [u8],
    end: &'static [u8],
    /// Where it begins in the file.
    start: usize,
    /// By how much positions in it are to be raised.
    moved: u32,
}

impl Directory {
    pub fn of(attachment: &Attachment) -> Option<Directory> {
        let bytes = attachment.bytes;
        let at = bytes.len().checked_sub(END + linktab::layout::mark::COMMENT.len())?;
        let end = bytes.get(at..)?;
        let start = at.checked_sub(long(end, 12)? as usize)?;
        let moved = start.checked_sub(long(end, 16)? as usize)?.try_into().ok()?;
        Some(Directory { bytes: bytes.get(start..at)?, end, start, moved })
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        let mut rest = self.bytes;
        iter::from_fn(move || {
            let entry = Entry::at(rest)?;
            rest = &rest[entry.bytes.len()..];
            Some(entry)
        })
    }

    /// Where in the file that begins which a start reads, up to the archive's end.
    pub fn start_up(&self) -> Option<usize> {
        let name = usize::from(short_at(self.bytes, 28)?);
        let extra = self.bytes.get(HEADER + name..)?.strip_prefix(&AHEAD)?;
        Some(long(extra, 0)? as usize + self.moved as usize)
    }

    /// With the modules that come first alone, and an end that says so; where it begins.
    fn shortened(&self) -> Option<(usize, Vec<u8>)> {
        let first = self.entries().filter(|entry| FIRST.contains(&entry.name.as_bytes())).collect::<Vec<_>>();
        let mut short = first.iter().flat_map(|entry| entry.bytes.iter().copied()).collect::<Vec<u8>>();
        let (count, size) = (first.len() as u16, u32::try_from(short.len()).ok()?);
        let mut end = self.end.to_vec();
        end.get_mut(8..10)?.copy_from_slice(&count.to_le_bytes());
        end.get_mut(10..12)?.copy_from_slice(&count.to_le_bytes());
        end.get_mut(12..16)?.copy_from_slice(&size.to_le_bytes());
        short.extend(end);
        Some((self.start, short))
    }
}

/// A file of the archive.
struct Entry {
    bytes: &'static [u8],
    name: &'static str,
}

impl Entry {
    fn at(bytes: &'static [u8]) -> Option<Entry> {
        if !bytes.starts_with(b"PK\x01\x02") {
            return None;
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| short_at(bytes, at).map(usize::from));
        let name_end = HEADER + name?;
        let bytes = bytes.get(..name_end + extra? + comment?)?;
        // `linktab pack` writes no name that is not UTF-8.
        Some(Entry { bytes, name: str::from_utf8(bytes.get(HEADER..name_end)?).ok()? })
    }

    /// As zipimport keeps it.
    fn tuple<'a>(&self, at: Attached<'a>, archive: &str, moved: u32) -> Result<Owned<'a>> {
        let short = |from| short_at(self.bytes, from).unwrap_or_default().into();
        let long = |from| long(self.bytes, from).unwrap_or_default();
        // A folder's without the slash (`_path_join`, Lib/importlib/_bootstrap_external.py).
        let path = at.str(&format!("{archive}/{}", self.name.trim_end_matches('/')))?;
        let numbers =
            [short(10), long(20), long(24), long(42).saturating_add(moved), short(12), short(14), long(16)];
        let [a, b, c, d, e, f, g] = numbers.map(|number| at.int(number));
        let numbers = [a?, b?, c?, d?, e?, f?, g?];
        let mut items: [Borrowed<'_>; 8] = [path.borrow(); 8];
        for (item, number) in items.iter_mut().skip(1).zip(&numbers) {
            *item = number.borrow();
        }
        at.tuple(&items)
    }
}

fn short_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|word| u16::from_le_bytes(*word))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_le_bytes(*word))
}
