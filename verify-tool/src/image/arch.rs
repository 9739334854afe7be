//! What kind of file an image is: format, machine, byte order, linked or not.

use std::fmt;

/// The file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Linux, Android, the BSDs.
    Elf,
    /// macOS and iOS.
    MachO,
    /// Windows, linked.
    Pe,
    /// Windows, un-linked.
    Coff,
    /// LLVM bitcode, which no linker has seen yet.
    Bitcode,
}

impl Format {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Elf => "elf",
            Format::MachO => "mach-o",
            Format::Pe => "pe",
            Format::Coff => "coff",
            Format::Bitcode => "bitcode",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How far a file has been linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageKind {
    /// A program.
    Executable,
    /// A shared object, `.dylib`, bundle or `.dll`.
    SharedObject,
    /// An object file, or a member of an archive.
    Object,
}

impl ImageKind {
    /// The words in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ImageKind::Executable => "executable",
            ImageKind::SharedObject => "shared object",
            ImageKind::Object => "object",
        }
    }
}

impl fmt::Display for ImageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a machine lays out numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arch {
    pub format: Format,
    /// The name in reports.
    pub name: &'static str,
    /// Bytes in a pointer: 4 or 8.
    pub pointer: u8,
    pub big_endian: bool,
}

impl Arch {
    pub fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let field = field(bytes, at)?;
        Some(if self.big_endian { u16::from_be_bytes(field) } else { u16::from_le_bytes(field) })
    }

    #[inline]
    pub fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let field = field(bytes, at)?;
        Some(if self.big_endian { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) })
    }

    #[inline]
    pub fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let field = field(bytes, at)?;
        Some(if self.big_endian { u64::from_be_bytes(field) } else { u64::from_le_bytes(field) })
    }

    #[inline]
    pub fn word(self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.pointer == 4 { self.u32(bytes, at).map(u64::from) } else { self.u64(bytes, at) }
    }

    /// Writes a pointer, and says whether it lay within `bytes`.
    pub fn put_word(self, bytes: &mut [u8], at: usize, value: u64) -> bool {
        let big = value.to_be_bytes();
        let little = value.to_le_bytes();
        let narrow = self.pointer == 4;
        let source = match (self.big_endian, narrow) {
            (true, true) => &big[4..],
            (true, false) => &big[..],
            (false, true) => &little[..4],
            (false, false) => &little[..],
        };
        let target = at.checked_add(source.len()).and_then(|end| bytes.get_mut(at..end));
        target.is_some_and(|target| {
            target.copy_from_slice(source);
            true
        })
    }

    /// Keeps of an address what a pointer of this machine holds.
    pub fn wrap(self, address: u64) -> u64 {
        if self.pointer == 4 { address & 0xffff_ffff } else { address }
    }
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}
