//! A path or a buffer in, [`Bytes`] out: a range of a file that is read in pieces, never whole.
//!
//! Bounds every single read and the sum of what is kept. Knows no format.
//!
//! Three ways to read, by what becomes of the bytes: headers go through `object`'s cache and stay;
//! long tables pass by in chunks; names and origins come out of a few blocks ([`Blocks`]).

mod blocks;
pub(crate) mod compressed;
mod store;
mod stream;

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::rc::Rc;

use memchr::memmem::Finder;
use object::ReadRef;
use object::read::{ReadCache, ReadCacheRange};

use crate::error::{Error, Kind};
use crate::limits::Limits;

pub(crate) use blocks::Blocks;
use store::{Cursor, Store};

/// Bytes of a long table that are held at a time. Few, so that the same pages are used again: touching
/// a page for the first time costs more than decoding what is in it.
const CHUNK: u64 = 128 << 10;

/// Bytes of a stream. They have to be put somewhere: a gigabyte is the line.
const STREAM: u64 = 1 << 30;

/// One opened file.
pub struct Input {
    store: Rc<Store>,
    cache: ReadCache<Cursor>,
    len: u64,
    limits: Limits,
    /// What is left of the limits that count over the whole file: slices of a universal file may
    /// overlap, so that each of them alone says nothing.
    records_left: Cell<usize>,
    text_left: Cell<u64>,
    /// Whether its program was compressed.
    is_inflated: bool,
}

impl Input {
    /// Opens a file without reading it.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, is a directory, or is over the limit; or is a stream whose
    /// first bytes are none that `is_known` knows.
    pub fn open(path: &Path, limits: &Limits, is_known: fn(&[u8]) -> bool) -> Result<Input, Error> {
        Input::of_file(File::open(path)?, limits, is_known)
    }

    /// Takes standard input, which may be a file.
    ///
    /// # Errors
    ///
    /// As for [`Input::open`].
    pub fn standard(limits: &Limits, is_known: fn(&[u8]) -> bool) -> Result<Input, Error> {
        let stdin = io::stdin().lock();
        #[cfg(unix)]
        {
            use std::io::Seek as _;
            use std::os::fd::AsFd as _;

            let mut file = File::from(stdin.as_fd().try_clone_to_owned()?);
            // Somebody may have read the beginning. A pipe has no position.
            if file.stream_position().is_ok_and(|position| position == 0) {
                return Input::of_file(file, limits, is_known);
            }
        }
        Input::drain(stdin, limits, is_known)
    }

    fn of_file(file: File, limits: &Limits, is_known: fn(&[u8]) -> bool) -> Result<Input, Error> {
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory").into());
        }
        if !metadata.is_file() {
            // A pipe or a device has no length and cannot seek.
            return Input::drain(file, limits, is_known);
        }
        Input::new(Store::File(file), metadata.len(), limits)
    }

    fn drain(stream: impl Read, limits: &Limits, is_known: fn(&[u8]) -> bool) -> Result<Input, Error> {
        let (store, len) = stream::drain(stream, limits.file.min(STREAM), is_known)?;
        Input::new(store, len, limits)
    }

    /// Takes bytes that are in memory already.
    ///
    /// # Errors
    ///
    /// When there are more than the limit for files.
    pub fn from_bytes(bytes: Vec<u8>, limits: &Limits) -> Result<Input, Error> {
        let len = bytes.len() as u64;
        Input::new(Store::Memory(bytes), len, limits)
    }

    fn plain(store: Store, len: u64, limits: &Limits) -> Result<Input, Error> {
        if len > limits.file {
            return Err(Error::limit("bytes in a file", limits.file));
        }
        let store = Rc::new(store);
        let cursor = Cursor::new(Rc::clone(&store), len, limits.cache);
        Ok(Input {
            store,
            cache: ReadCache::new(cursor),
            len,
            limits: limits.clone(),
            records_left: Cell::new(limits.records),
            text_left: Cell::new(limits.text),
            is_inflated: false,
        })
    }

    pub(crate) fn bytes(&self) -> Bytes<'_> {
        Bytes { input: self, start: 0, len: self.len }
    }
}

/// A range of a file: the whole, a member of an archive, a slice of a universal file.
///
/// Invariant: `start + len` is at most the length of the file.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'d> {
    input: &'d Input,
    start: u64,
    len: u64,
}

impl<'d> Bytes<'d> {
    pub fn size(self) -> u64 {
        self.len
    }

    pub fn limits(self) -> &'d Limits {
        &self.input.limits
    }

    /// A part of this range.
    pub fn sub(self, what: &'static str, offset: u64, len: u64) -> Result<Bytes<'d>, Error> {
        self.check(what, offset, len)?;
        Ok(Bytes { input: self.input, start: self.start + offset, len })
    }

    /// Takes some records off the limit.
    pub fn spend_records(self, count: u64) -> Result<(), Error> {
        let left = &self.input.records_left;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let limit = || Error::limit("records in one file", self.input.limits.records as u64);
        left.set(left.get().checked_sub(count).ok_or_else(limit)?);
        Ok(())
    }

    /// Takes some bytes of names off the limit.
    pub fn spend_text(self, count: u64) -> Result<(), Error> {
        let left = &self.input.text_left;
        let limit = || Error::limit("bytes of names and origins", self.input.limits.text);
        left.set(left.get().checked_sub(count).ok_or_else(limit)?);
        Ok(())
    }

    /// Reads a piece that stays in the cache.
    pub fn read(self, what: &'static str, offset: u64, len: u64) -> Result<&'d [u8], Error> {
        self.check(what, offset, len)?;
        if len > self.input.limits.section {
            return Err(Error::limit(what, self.input.limits.section));
        }
        self.read_bytes_at(offset, len).map_err(|()| self.refusal(what, offset))
    }

    /// Reads a piece that the caller owns.
    pub fn read_owned(self, what: &'static str, offset: u64, len: u64) -> Result<Vec<u8>, Error> {
        self.check(what, offset, len)?;
        if len > self.input.limits.section {
            return Err(Error::limit(what, self.input.limits.section));
        }
        let mut bytes = vec![0; len as usize];
        self.input.store.read_exact_at(self.start + offset, &mut bytes)?;
        Ok(bytes)
    }

    /// Passes a long table by in chunks of whole entries. The closure may break off.
    pub fn scan(
        self,
        what: &'static str,
        range: Range<u64>,
        entry: u64,
        mut each: impl FnMut(u64, &[u8]) -> Result<ControlFlow<()>, Error>,
    ) -> Result<(), Error> {
        let len = range.end.saturating_sub(range.start);
        self.check(what, range.start, len)?;
        if entry == 0 || entry > CHUNK {
            return Err(Error::malformed(format!("{what}: an entry of {entry} bytes is impossible")));
        }
        let step = CHUNK / entry * entry;
        let mut buffer = vec![0; step.min(len) as usize];
        let mut at = 0;
        while at < len {
            let take = step.min(len - at);
            let Some(chunk) = buffer.get_mut(..take as usize) else { break };
            self.input.store.read_exact_at(self.start + range.start + at, chunk)?;
            if each(at, chunk)?.is_break() {
                break;
            }
            at += take;
        }
        Ok(())
    }

    /// Passes a long range by, and calls back with each place in it where one of the needles is, counted
    /// from the range's start. Those of different needles may come out of order. The closure may break off.
    pub fn find(
        self,
        what: &'static str,
        range: Range<u64>,
        needles: &[&[u8]],
        mut each: impl FnMut(u64) -> Result<ControlFlow<()>, Error>,
    ) -> Result<(), Error> {
        let finders: Vec<Finder<'_>> = needles.iter().map(Finder::new).collect();
        let overlap = needles.iter().map(|needle| needle.len()).max().unwrap_or(0).saturating_sub(1);
        let mut carried: Vec<u8> = Vec::new();
        self.scan(what, range, 1, |at, chunk| {
            // What a chunk's end cuts in two is found behind what the last chunk left over.
            let from = at - carried.len() as u64;
            let old = carried.len();
            carried.extend_from_slice(chunk);
            for finder in &finders {
                for position in finder.find_iter(&carried) {
                    // A needle shorter than the longest one may lie in what was left over, and was told.
                    let is_new = position + finder.needle().len() > old;
                    if is_new && each(from + position as u64)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
            carried.drain(..carried.len().saturating_sub(overlap));
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Fewer bytes than asked for come only when the file shrinks under us.
    pub fn read_some_at(self, offset: u64, buffer: &mut [u8]) -> Result<(), Error> {
        self.check("data", offset, buffer.len() as u64)?;
        Ok(self.input.store.read_exact_at(self.start + offset, buffer)?)
    }

    fn check(self, what: &'static str, offset: u64, len: u64) -> Result<(), Error> {
        let have = self.len.saturating_sub(offset);
        if len > have {
            return Err(Error::new(Kind::Truncated { what, need: len, have }));
        }
        Ok(())
    }

    /// Why the cache refused: bounds were checked before, so that the budget or the disk is left.
    fn refusal(self, what: &'static str, offset: u64) -> Error {
        let mut probe = [0];
        match self.read_some_at(offset, &mut probe) {
            Ok(()) => Error::limit("bytes of headers", self.input.limits.cache),
            Err(error) => error.in_section(what),
        }
    }

    fn cached(self) -> ReadCacheRange<'d, Cursor> {
        self.input.cache.range(self.start, self.len)
    }
}
