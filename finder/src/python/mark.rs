//! The mark of this executable, as it was loaded: whether `linktab pack` put an archive behind it, and which.
//!
//! The layout is `linktab::layout::mark`. Knows no file.

use core::hint;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use linktab::layout::mark::{EMPTY, SIGNATURE, VERSION};

/// Atomic, so that it is in writable data, where the command looks for it.
#[repr(C, align(8))]
pub struct Mark {
    signature: [u8; 16],
    version: AtomicU32,
    state: AtomicU32,
    length: AtomicU64,
    sum: AtomicU32,
    options: AtomicU32,
}

static MARK: Mark = Mark {
    signature: SIGNATURE,
    version: AtomicU32::new(VERSION),
    state: AtomicU32::new(EMPTY),
    length: AtomicU64::new(0),
    sum: AtomicU32::new(0),
    options: AtomicU32::new(0),
};

/// The mark of this executable. No code writes it, and a compiler that knew would read it when it compiles.
pub fn read() -> &'static Mark {
    hint::black_box(&MARK)
}

impl Mark {
    /// `EMPTY` or `PACKED`, unless bytes of the executable are damaged.
    pub fn state(&self) -> u32 {
        self.state.load(Ordering::Relaxed)
    }

    /// Bytes of the archive.
    pub fn length(&self) -> u64 {
        self.length.load(Ordering::Relaxed)
    }

    /// The CRC-32 of the archive's directory, and of what follows it.
    pub fn sum(&self) -> u32 {
        self.sum.load(Ordering::Relaxed)
    }

    /// `APPLICATION`, `PYTHON_OPTIONS`, both or neither.
    pub fn options(&self) -> u32 {
        self.options.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use core::mem::offset_of;

    use linktab::layout::mark;

    use super::Mark;

    #[test]
    fn the_layout_is_the_one_that_the_command_writes() {
        assert_eq!(size_of::<Mark>(), mark::SIZE);
        assert_eq!(offset_of!(Mark, version), mark::SIGNATURE.len());
        assert_eq!(offset_of!(Mark, state), mark::STATE);
        assert_eq!(offset_of!(Mark, length), mark::STATE + 4);
        assert_eq!(offset_of!(Mark, sum), mark::STATE + 12);
        assert_eq!(offset_of!(Mark, options), mark::STATE + 16);
    }
}
