//! What a hostile file may cost: the caps that every stage obeys. Knows no format.
//!
//! A cap that is hit is an error that names it; nothing is silently cut short.

/// Caps on one input.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes in a file. The tool seeks, so that this bounds nothing but absurdity.
    pub file: u64,
    /// Bytes of one section that are held at a time, and of any other single read.
    pub section: u64,
    /// Bytes of a program that is compressed in its file.
    pub program: u64,
    /// Bytes that all parsed headers of one file may occupy together.
    pub cache: u64,
    /// Records in one image.
    pub records: usize,
    /// Bytes of all names and origins of one image together.
    pub text: u64,
    /// Blocks that are read to collect those names and origins.
    pub blocks: usize,
    /// Architectures in a universal file.
    pub slices: usize,
    /// Members of an archive.
    pub members: usize,
    /// How deep archives may nest: 1 is an archive in an archive.
    pub depth: usize,
    /// Bytes of a config file, and of a source file that is quoted.
    pub config: u64,
    /// Bytes of a lock file.
    pub lock: u64,
    /// Bytes of a file with a linker's arguments.
    pub arguments: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file: 8 << 30,
            section: 64 << 20,
            program: 256 << 20,
            cache: 96 << 20,
            records: 1_000_000,
            text: 56 << 20,
            blocks: 40_000,
            slices: 64,
            members: 250_000,
            depth: 1,
            config: 4 << 20,
            lock: 256 << 20,
            arguments: 32 << 20,
        }
    }
}
