//! Addresses in, places in the file out, with the right to execute.
//!
//! A linked image says where its segments go. The sections of an un-linked object have no addresses
//! yet, so they get made-up ones, one section behind the other: relocations can then be applied
//! as a linker would, and everything after this stage sees addresses only.

use std::ops::Range;

use crate::bytes::Blocks;
use crate::error::Error;

/// A range of addresses with its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub address: u64,
    /// Bytes in memory; those beyond `file_size` are zero.
    pub size: u64,
    pub offset: u64,
    pub file_size: u64,
    pub executable: bool,
    pub writable: bool,
}

impl Segment {
    fn contains(&self, address: u64) -> bool {
        address.checked_sub(self.address).is_some_and(|distance| distance < self.size)
    }
}

/// The address space of an image, ordered by address.
#[derive(Default)]
pub(crate) struct Segments {
    segments: Vec<Segment>,
    /// For each, how many bytes from its start on lie in the file as they do in memory: those of segments that
    /// follow without a gap in either, too. patchelf makes room with a segment before the first, and lets a
    /// table cross from one into the other.
    held: Vec<u64>,
    /// What the sections say of the same addresses: where each begins and ends, and whether it is code.
    /// A linker may put constants and code into one segment.
    sections: Vec<(Range<u64>, bool)>,
}

impl Segments {
    pub fn new(mut segments: Vec<Segment>) -> Segments {
        segments.retain(|segment| segment.size > 0 && segment.address.checked_add(segment.size).is_some());
        segments.sort_by_key(|segment| segment.address);
        let mut held = vec![0; segments.len()];
        let mut behind: Option<(Segment, u64)> = None;
        for (segment, held) in segments.iter().zip(&mut held).rev() {
            let own = segment.file_size;
            let goes_on = |next: &Segment| {
                own == segment.size
                    && segment.address.checked_add(own) == Some(next.address)
                    && segment.offset.checked_add(own) == Some(next.offset)
            };
            let more = behind.filter(|(next, _)| goes_on(next)).map_or(0, |(_, held)| held);
            *held = own.saturating_add(more);
            behind = Some((*segment, *held));
        }
        Segments { segments, held, sections: Vec::new() }
    }

    /// The same, with sections that tell code from other contents of executable segments.
    pub fn with_sections(self, mut sections: Vec<(Range<u64>, bool)>) -> Segments {
        sections.retain(|(range, _)| !range.is_empty());
        sections.sort_by_key(|(range, _)| range.start);
        Segments { sections, ..self }
    }

    /// The segment that holds an address.
    pub fn at(&self, address: u64) -> Option<&Segment> {
        self.place(address).map(|(segment, _)| segment)
    }

    /// The segment that holds an address, and how many bytes from its start on the file holds.
    #[inline]
    fn place(&self, address: u64) -> Option<(&Segment, u64)> {
        let behind = self.segments.partition_point(|segment| segment.address <= address);
        let index = behind.checked_sub(1)?;
        let segment = self.segments.get(index).filter(|segment| segment.contains(address))?;
        Some((segment, *self.held.get(index)?))
    }

    /// Those that the program may write to.
    pub fn writable(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(|segment| segment.writable)
    }

    /// Those that hold no code, as far as the headers tell.
    pub fn data(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(|segment| !segment.executable)
    }

    /// Whether there is code at an address, as far as the headers tell.
    pub fn is_executable(&self, address: u64) -> bool {
        let behind = self.sections.partition_point(|(range, _)| range.start <= address);
        let section = behind.checked_sub(1).and_then(|index| self.sections.get(index));
        let is_data = section.is_some_and(|(range, is_code)| range.contains(&address) && !is_code);
        !is_data && self.at(address).is_some_and(|segment| segment.executable)
    }

    /// The offset in the file of `len` bytes at an address, if the file holds all of them.
    #[inline]
    pub fn offset(&self, address: u64, len: u64) -> Option<u64> {
        let (segment, held) = self.place(address)?;
        let distance = address - segment.address;
        let end = distance.checked_add(len)?;
        (end <= held).then(|| segment.offset.checked_add(distance))?
    }

    /// How many bytes from an address on the file holds.
    pub fn file_rest(&self, address: u64) -> u64 {
        self.place(address).map_or(0, |(segment, held)| held.saturating_sub(address - segment.address))
    }

    /// Appends `len` bytes at an address to `out`.
    #[inline]
    pub fn read(
        &self,
        blocks: &Blocks<'_>,
        what: &'static str,
        address: u64,
        len: u64,
        out: &mut Vec<u8>,
    ) -> Result<bool, Error> {
        match self.offset(address, len) {
            Some(offset) => blocks.read(what, offset, len, out).map(|()| true),
            None => Ok(false),
        }
    }
}

/// Hands out made-up addresses to the sections of an un-linked object.
pub(crate) struct Layout {
    next: u64,
    end: u64,
}

impl Layout {
    /// Null and small numbers must not look like addresses.
    const FIRST: u64 = 0x1_0000;

    pub fn new(pointer: u8) -> Layout {
        Layout { next: Layout::FIRST, end: if pointer == 4 { 1 << 32 } else { 1 << 48 } }
    }

    /// The address of the next section, or `None` when the address space is full.
    pub fn place(&mut self, size: u64, align: u64) -> Option<u64> {
        // One byte of distance keeps "behind the last byte" apart from "the next section".
        let align = align.clamp(16, 1 << 16).next_power_of_two();
        let address = self.next.checked_next_multiple_of(align)?;
        let end = address.checked_add(size)?.checked_add(1)?;
        if end > self.end {
            return None;
        }
        self.next = end;
        Some(address)
    }
}
