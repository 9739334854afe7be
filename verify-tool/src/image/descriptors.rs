//! Pointers to functions in, their code out, on machines whose pointers lead to descriptors.
//!
//! A descriptor is three words, the first of which is the address of the code (64-bit PowerPC ELF ABI 1.9,
//! "Function Descriptors"). The linker collects them in one section.

use super::{Image, Table};
use crate::error::Error;

/// The descriptors of an image.
pub struct Descriptors {
    /// As the loader would leave them. `None`: nothing says where they are, and each is read where it is.
    pub table: Option<Table>,
}

impl Descriptors {
    /// The address of the code behind a pointer, `None` when it leads to no descriptor.
    pub fn entry(&self, image: &Image<'_>, pointer: u64) -> Result<Option<u64>, Error> {
        let Some(table) = &self.table else {
            let mut word = Vec::new();
            let len = image.arch.pointer.into();
            let held =
                image.segments.read(&image.blocks, "a function descriptor", pointer, len, &mut word)?;
            return Ok(image.arch.word(&word, 0).filter(|_| held));
        };
        let offset = pointer.checked_sub(table.address).filter(|&offset| table.symbolic(offset).is_none());
        let offset = offset.and_then(|offset| usize::try_from(offset).ok());
        Ok(offset.and_then(|offset| image.arch.word(&table.bytes, offset)))
    }
}
