//! Where bytes come from: a file or memory; read at an offset, with a budget on what is kept.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::rc::Rc;

use object::ReadRef;
use object::read::ReadCacheOps;

use super::Bytes;

pub enum Store {
    File(File),
    Memory(Vec<u8>),
    /// Pieces of another one, and what is between them, one behind the other.
    Pieces {
        file: Rc<Store>,
        pieces: Vec<Piece>,
    },
}

pub enum Piece {
    Memory(Vec<u8>),
    /// Of the other one.
    File(Range<u64>),
}

impl Piece {
    pub fn len(&self) -> u64 {
        match self {
            Piece::Memory(bytes) => bytes.len() as u64,
            Piece::File(range) => range.end.saturating_sub(range.start),
        }
    }
}

impl Store {
    pub fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self {
            Store::File(file) => read_file(file, offset, buffer),
            Store::Memory(bytes) => {
                let source = usize::try_from(offset)
                    .ok()
                    .and_then(|start| bytes.get(start..start.checked_add(buffer.len())?))
                    .ok_or(io::ErrorKind::UnexpectedEof)?;
                buffer.copy_from_slice(source);
                Ok(())
            }
            Store::Pieces { file, pieces } => read_pieces(file, pieces, offset, buffer),
        }
    }
}

fn read_pieces(file: &Store, pieces: &[Piece], mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    for piece in pieces {
        let part = piece.len().saturating_sub(offset).min(buffer.len() as u64) as usize;
        let (now, later) = buffer.split_at_mut(part);
        match piece {
            _ if now.is_empty() => {}
            Piece::Memory(bytes) => {
                let bytes = bytes.get(offset as usize..).and_then(|bytes| bytes.get(..now.len()));
                now.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
            }
            Piece::File(range) => file.read_exact_at(range.start + offset, now)?,
        }
        buffer = later;
        offset = offset.saturating_sub(piece.len());
    }
    if buffer.is_empty() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// One call to the system instead of two; there are hundreds in a large file.
#[cfg(unix)]
fn read_file(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(not(unix))]
fn read_file(mut file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    // In full: `object`'s trait above has both names, for everything that can seek and read.
    Seek::seek(&mut file, SeekFrom::Start(offset))?;
    Read::read_exact(&mut file, buffer)
}

/// The store as `object`'s cache wants it, with a budget: the cache never gives memory back, and
/// malformed files make it grow beyond the size of the file (its own documentation).
pub struct Cursor {
    store: Rc<Store>,
    len: u64,
    position: u64,
    budget: Cell<u64>,
}

/// Every read costs this much on top of its bytes: an entry of the cache's map.
const OVERHEAD: u64 = 96;

impl Cursor {
    pub fn new(store: Rc<Store>, len: u64, budget: u64) -> Cursor {
        Cursor { store, len, position: 0, budget: Cell::new(budget) }
    }

    fn spend(&self, bytes: usize) -> Result<(), ()> {
        let left = self.budget.get().checked_sub(bytes as u64 + OVERHEAD).ok_or(())?;
        self.budget.set(left);
        Ok(())
    }
}

impl ReadCacheOps for Cursor {
    fn len(&mut self) -> Result<u64, ()> {
        Ok(self.len)
    }

    fn seek(&mut self, position: u64) -> Result<u64, ()> {
        self.position = position;
        Ok(position)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ()> {
        let left = self.len.saturating_sub(self.position);
        let take = left.min(buffer.len() as u64) as usize;
        let Some(buffer) = buffer.get_mut(..take) else { return Err(()) };
        self.read_exact(buffer)?;
        Ok(take)
    }

    fn read_exact(&mut self, buffer: &mut [u8]) -> Result<(), ()> {
        self.spend(buffer.len())?;
        self.store.read_exact_at(self.position, buffer).map_err(|_| ())?;
        self.position += buffer.len() as u64;
        Ok(())
    }
}

/// What `object` reads through. It asks for sizes that hostile headers name, so that they are
/// checked here before anything is allocated.
impl<'d> ReadRef<'d> for Bytes<'d> {
    fn len(self) -> Result<u64, ()> {
        Ok(self.len)
    }

    fn read_bytes_at(self, offset: u64, size: u64) -> Result<&'d [u8], ()> {
        if size > self.input.limits.section || self.check("", offset, size).is_err() {
            return Err(());
        }
        self.cached().read_bytes_at(offset, size)
    }

    fn read_bytes_at_until(self, range: Range<u64>, delimiter: u8) -> Result<&'d [u8], ()> {
        // `ReadCache` stops at 4096 bytes by itself.
        let end = range.end.min(self.len);
        if range.start > end {
            return Err(());
        }
        self.cached().read_bytes_at_until(range.start..end, delimiter)
    }
}
