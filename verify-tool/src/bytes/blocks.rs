//! Small reads all over a file, out of a few blocks: names and origins lie beside each other.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::Bytes;
use crate::error::Error;
use crate::limits::Limits;

/// Bytes in a block.
const BLOCK: u64 = 16 << 10;

/// Blocks that are kept.
const KEPT: usize = 2048;

/// A range of a file with its blocks.
pub(crate) struct Blocks<'d> {
    bytes: Bytes<'d>,
    blocks: RefCell<HashMap<u64, Box<[u8]>>>,
    /// How many more blocks may be read: records that each point somewhere else are an attack.
    left: Cell<usize>,
}

impl<'d> Blocks<'d> {
    pub fn new(bytes: Bytes<'d>) -> Self {
        Blocks { bytes, blocks: RefCell::default(), left: Cell::new(bytes.limits().blocks) }
    }

    pub fn limits(&self) -> &'d Limits {
        self.bytes.limits()
    }

    pub fn spend_text(&self, count: u64) -> Result<(), Error> {
        self.bytes.spend_text(count)
    }

    /// Appends `len` bytes at `offset` to `out`.
    pub fn read(&self, what: &'static str, offset: u64, len: u64, out: &mut Vec<u8>) -> Result<(), Error> {
        self.bytes.check(what, offset, len)?;
        let end = offset + len;
        let mut at = offset;
        while at < end {
            let block = at / BLOCK;
            let until = end.min((block + 1) * BLOCK);
            self.with_block(block, |bytes| {
                let start = (at - block * BLOCK) as usize;
                out.extend_from_slice(bytes.get(start..start + (until - at) as usize).unwrap_or_default());
            })?;
            at = until;
        }
        Ok(())
    }

    fn with_block(&self, block: u64, mut each: impl FnMut(&[u8])) -> Result<(), Error> {
        let mut blocks = self.blocks.borrow_mut();
        if let Some(bytes) = blocks.get(&block) {
            each(bytes);
            return Ok(());
        }
        let limit = self.bytes.limits().blocks;
        let left =
            self.left.get().checked_sub(1).ok_or_else(|| Error::limit("scattered reads", limit as u64))?;
        self.left.set(left);
        if blocks.len() >= KEPT {
            blocks.clear();
        }
        let start = block * BLOCK;
        let mut bytes = vec![0; BLOCK.min(self.bytes.size() - start) as usize].into_boxed_slice();
        self.bytes.read_some_at(start, &mut bytes)?;
        each(&bytes);
        blocks.insert(block, bytes);
        Ok(())
    }
}
