//! Small reads all over a file, out of a few blocks: names and origins lie beside each other.
//!
//! Ten thousand records are read in some milliseconds, most of them out of the block that the one
//! before was read from; so that block is at hand, and only the others are looked up.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::mem;
use std::rc::Rc;

use super::Bytes;
use crate::error::Error;
use crate::limits::Limits;

/// Bytes in a block: one page, for names that lie far from each other are a page each at least.
const BLOCK: u64 = 4 << 10;

/// Blocks that are kept.
const KEPT: usize = 2048;

/// A range of a file with its blocks.
pub(crate) struct Blocks<'d> {
    bytes: Bytes<'d>,
    kept: RefCell<Kept>,
    /// How many more blocks may be read: records that each point somewhere else are an attack.
    left: Cell<usize>,
}

/// Blocks by number.
struct Kept {
    blocks: HashMap<u64, Rc<[u8]>>,
    /// The block that was used last.
    last: (u64, Rc<[u8]>),
}

impl<'d> Blocks<'d> {
    pub fn new(bytes: Bytes<'d>) -> Self {
        let kept = Kept { blocks: HashMap::new(), last: (u64::MAX, Rc::default()) };
        Blocks { bytes, kept: RefCell::new(kept), left: Cell::new(bytes.limits().blocks) }
    }

    /// The range that they are blocks of.
    pub fn bytes(&self) -> Bytes<'d> {
        self.bytes
    }

    pub fn limits(&self) -> &'d Limits {
        self.bytes.limits()
    }

    pub fn spend_text(&self, count: u64) -> Result<(), Error> {
        self.bytes.spend_text(count)
    }

    /// Appends `len` bytes at `offset` to `out`.
    pub fn read(&self, what: &'static str, offset: u64, len: u64, out: &mut Vec<u8>) -> Result<(), Error> {
        self.each(what, offset, len, |bytes| out.extend_from_slice(bytes))
    }

    /// Fills `out` with the bytes at `offset`.
    pub fn fill(&self, what: &'static str, offset: u64, mut out: &mut [u8]) -> Result<(), Error> {
        self.each(what, offset, out.len() as u64, |bytes| {
            let (now, later) = mem::take(&mut out).split_at_mut(bytes.len());
            now.copy_from_slice(bytes);
            out = later;
        })
    }

    /// Calls back with `len` bytes at `offset`, one piece behind the other.
    fn each(
        &self,
        what: &'static str,
        offset: u64,
        len: u64,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), Error> {
        self.bytes.check(what, offset, len)?;
        let end = offset + len;
        let mut at = offset;
        let mut kept = self.kept.borrow_mut();
        while at < end {
            let block = at / BLOCK;
            let until = end.min((block + 1) * BLOCK);
            if kept.last.0 != block {
                self.bring(block, &mut kept)?;
            }
            let start = (at - block * BLOCK) as usize;
            take(kept.last.1.get(start..start + (until - at) as usize).unwrap_or_default());
            at = until;
        }
        Ok(())
    }

    /// Makes a block the last one.
    fn bring(&self, block: u64, kept: &mut Kept) -> Result<(), Error> {
        if let Some(bytes) = kept.blocks.get(&block) {
            kept.last = (block, Rc::clone(bytes));
            return Ok(());
        }
        let bytes = self.load(block)?;
        if kept.blocks.len() >= KEPT {
            kept.blocks.clear();
        }
        kept.blocks.insert(block, Rc::clone(&bytes));
        kept.last = (block, bytes);
        Ok(())
    }

    fn load(&self, block: u64) -> Result<Rc<[u8]>, Error> {
        let limit = self.bytes.limits().blocks;
        let left =
            self.left.get().checked_sub(1).ok_or_else(|| Error::limit("scattered reads", limit as u64))?;
        self.left.set(left);
        let start = block * BLOCK;
        let mut bytes = vec![0; BLOCK.min(self.bytes.size() - start) as usize];
        self.bytes.read_some_at(start, &mut bytes)?;
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Blocks};
    use crate::bytes::Input;
    use crate::limits::Limits;

    /// What hostile records cost is pages, not reads: a limited number of them, whatever they hold.
    #[test]
    fn only_new_pages_count_against_the_limit() {
        let limits = Limits { blocks: 3, ..Limits::default() };
        let input = Input::from_bytes(vec![b'x'; 5 * BLOCK as usize], &limits).expect("a small file");
        let blocks = Blocks::new(input.bytes());
        let read = |offset: u64, len: u64| {
            let mut out = Vec::new();
            blocks
                .read("a name", offset, len, &mut out)
                .map(|()| out.len() as u64)
                .map_err(|error| error.to_string())
        };
        for _ in 0..1000 {
            assert_eq!(read(10, 8), Ok(8), "the same page");
            assert_eq!(read(BLOCK + 10, 8), Ok(8), "another one, in turns with the first");
        }
        assert_eq!(read(2 * BLOCK - 4, 8), Ok(8), "across the border of a page and a new one");
        assert_eq!(read(3 * BLOCK, 8), Err("limit exceeded: more than 3 scattered reads".to_owned()));
        assert_eq!(read(0, 8), Ok(8), "what is there can be read still");
        assert!(read(5 * BLOCK - 4, 8).is_err(), "behind the end");
    }

    /// The most that names of one image can make the tool read from the disk.
    #[test]
    fn a_hostile_file_cannot_ask_for_much() {
        let limits = Limits::default();
        assert!(limits.blocks as u64 * BLOCK <= 256 << 20, "{} pages", limits.blocks);
    }
}
