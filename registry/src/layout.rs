//! The record as bytes: field offsets, constants and section names, for every reader and writer.
//!
//! The Rust struct (`record.rs`), the C header (`include/linktab.h`) and the decoder of the
//! `linktab` command all follow this file; tests hold the first two to it. Nothing here touches
//! memory or a file.
//!
//! A record is 64 bytes with alignment 8 on every target. 64 is also a stride that GCC keeps: it
//! puts single objects of 24, 40, 48 or 80 bytes at larger distances from each other.
//!
//! | Offset | Size | Field |
//! |---|---|---|
//! | 0 | 4 | [`MAGIC`], in the byte order of the target |
//! | 4 | 2 | ABI version, [`ABI_VERSION`] |
//! | 6 | 1 | phase, see [`phase`] |
//! | 7 | 1 | flags, see [`flags`] |
//! | 8 | 8 | pointer to the name (UTF-8, dotted, not terminated) |
//! | 16 | 8 | pointer to the init function or export hook |
//! | 24 | 8 | pointer to the origin (UTF-8, see [`ORIGIN_SEPARATOR`]) |
//! | 32 | 4 | length of the name in bytes |
//! | 36 | 4 | length of the origin in bytes |
//! | 40 | 8 | hash of the name, 0: not computed, see below |
//! | 48 | 4 | `PY_VERSION_HEX` that it was compiled for, 0: same build graph as the executable |
//! | 52 | 4 | build flags, see [`build_flags`] |
//! | 56 | 4 | a word that is written at run time; it keeps the section writable on every linker |
//! | 60 | 4 | reserved, 0 |
//!
//! Whoever writes a hash vouches for the name with it: UTF-8, and no empty component. The runtime reads
//! such a name when it is asked for, and not before; the command `linktab` checks every one.
//!
//! On 32-bit targets a pointer takes the first four bytes of its field, and the other four are 0.

mod crc;

/// First word of every record, read in the byte order of the target: `b"LKTB"` on big-endian ones.
pub const MAGIC: u32 = 0x4c4b_5442;

/// Version of this layout. It changes when an old reader would misread a new record.
pub const ABI_VERSION: u16 = 1;

/// Bytes in a record, and from one record to the next.
pub const RECORD_SIZE: usize = 64;

/// Alignment of a record in bytes.
pub const RECORD_ALIGN: usize = 8;

/// Offset of each field in bytes.
pub mod offset {
    /// [`super::MAGIC`], 4 bytes.
    pub const MAGIC: usize = 0;
    /// ABI version, 2 bytes.
    pub const ABI: usize = 4;
    /// Phase, 1 byte.
    pub const PHASE: usize = 6;
    /// Flags, 1 byte.
    pub const FLAGS: usize = 7;
    /// Pointer to the name.
    pub const NAME: usize = 8;
    /// Pointer to the init function or export hook.
    pub const INIT: usize = 16;
    /// Pointer to the origin.
    pub const ORIGIN: usize = 24;
    /// Length of the name, 4 bytes.
    pub const NAME_LEN: usize = 32;
    /// Length of the origin, 4 bytes.
    pub const ORIGIN_LEN: usize = 36;
    /// Hash of the name, 8 bytes.
    pub const HASH: usize = 40;
    /// `PY_VERSION_HEX`, 4 bytes.
    pub const PYTHON: usize = 48;
    /// Build flags, 4 bytes.
    pub const BUILD_FLAGS: usize = 52;
    /// The word that is written at run time, 4 bytes.
    pub const WORD: usize = 56;
    /// Reserved, 4 bytes.
    pub const RESERVED: usize = 60;
}

/// Values of the phase field: how the init function answers, and so how the extension is loaded.
pub mod phase {
    /// `PyInit_*` returns a `PyModuleDef` (PEP 489, multi-phase).
    pub const MULTI: u8 = 1;
    /// `PyInit_*` returns a finished module (single-phase).
    pub const SINGLE: u8 = 2;
    /// `PyModExport_*` returns module slots (PEP 793).
    pub const EXPORT: u8 = 3;
}

/// Bits of the flags field.
pub mod flags {
    /// The extension is itself a package.
    pub const PACKAGE: u8 = 1;
    /// Its code is asked where its file is, which it was before it came into the executable: the origin names
    /// the file, and the runtime gives the module the place that it would have in the folder of its package.
    pub const FILE: u8 = 2;
    /// Every bit that this version knows.
    pub const KNOWN: u8 = PACKAGE | FILE;
}

/// Bits of the build flags field. They say what `Python.h` was configured for, and count only when
/// the Python version field is not 0.
pub mod build_flags {
    /// `Py_GIL_DISABLED`: compiled for a free-threaded build.
    pub const FREE_THREADED: u32 = 1;
    /// `Py_DEBUG`: compiled for a debug build.
    pub const DEBUG: u32 = 2;
    /// `Py_LIMITED_API`: the Python version is the oldest one that will do.
    pub const LIMITED_API: u32 = 4;
    /// Every bit that this version knows.
    pub const KNOWN: u32 = FREE_THREADED | DEBUG | LIMITED_API;
}

/// Parts the four fields of an origin: package, version, file, line. A field may be empty.
pub const ORIGIN_SEPARATOR: char = '\n';

/// Longest name in bytes that a reader accepts.
pub const MAX_NAME_LEN: usize = 1024;

/// Longest origin in bytes that a reader accepts.
pub const MAX_ORIGIN_LEN: usize = 16 * 1024;

/// Names of the section. linkme derives them from the identifier of its slice, `LINKTAB`; they are
/// literals here because other languages and the reader need them, and a test compares them with
/// what linkme does.
pub mod section {
    /// ELF. The linker defines `__start_` and `__stop_` symbols for it.
    pub const ELF: &str = "linkme_LINKTAB";
    /// Segment on Mach-O.
    pub const MACH_O_SEGMENT: &str = "__DATA";
    /// Section on Mach-O, 16 characters at most: the suffix is a hash of the identifier.
    pub const MACH_O: &str = "__linkmekOkYfEtH";
    /// COFF objects. The linker sorts `$a`, `$b`, `$c`; `$a` and `$c` hold one record of zeros each.
    pub const COFF: &str = ".linkme_LINKTAB$b";
    /// PE images keep eight characters of it, so that other slices of linkme's land there too.
    pub const PE: &str = ".linkme_";
}

/// The locator: an allocated ELF note that says where the section is, for files without section
/// headers.
///
/// Its descriptor holds the version (4 bytes), the record size (4 bytes), and two signed words of
/// pointer size, each the distance from its own address to the start and to the end of the section.
/// Tools that make room at the start of a file, as patchelf does, put notes elsewhere, and tools that
/// strip take them away: see [`anchor`].
pub mod locator {
    /// Section that holds the note.
    pub const SECTION: &str = ".note.linktab";
    /// Owner of the note, without the terminating NUL.
    pub const OWNER: &str = "linktab";
    /// Type of the note.
    pub const TYPE: u32 = 1;
    /// Version of the descriptor.
    pub const VERSION: u32 = 1;
}

/// The anchor: what the locator says once more, in writable data, which nothing moves away from the
/// section.
///
/// Sixteen bytes to find it by, the version (4 bytes) and the record size (4 bytes). On ELF the two
/// distances of the [`locator`] follow, each from its own address. It is there exactly when the image
/// holds code that walks the table, stripped or not.
pub mod anchor {
    /// What it is found by. Not text, so that no text holds it.
    pub const SIGNATURE: [u8; 16] = *b"\x89linktab\r\n\x1a\n\xf4\x6e\x2b\xc1";
    /// Version of what follows.
    pub const VERSION: u32 = 1;
}

/// The mark: whether an archive of Python code was put behind the executable. `linktab_finder::main()` reads
/// it where it is loaded, so it is there exactly when that function is, and stays there whatever becomes of
/// the file's end; `linktab pack` finds it in the file, in writable data.
///
/// | Offset | Size | Field |
/// |---|---|---|
/// | 0 | 16 | [`SIGNATURE`](mark::SIGNATURE) |
/// | 16 | 4 | [`VERSION`](mark::VERSION) |
/// | 20 | 4 | state: [`EMPTY`](mark::EMPTY) or [`PACKED`](mark::PACKED) |
/// | 24 | 8 | length of the archive in bytes, its end record and comment included |
/// | 32 | 4 | CRC-32 of its central directory and of all that follows |
/// | 36 | 4 | options, or 0: [`APPLICATION`](mark::APPLICATION), [`PYTHON_OPTIONS`](mark::PYTHON_OPTIONS), [`COMPRESSED`](mark::COMPRESSED) |
///
/// Numbers are in the byte order of the target.
pub mod mark {
    /// What it is found by. Not text, so that no text holds it.
    pub const SIGNATURE: [u8; 16] = *b"\x89linktab\r\n\x1a\n\xf4\x1d\x70\xe9";
    /// Version of what follows.
    pub const VERSION: u32 = 1;
    /// State: nothing was put behind the executable.
    pub const EMPTY: u32 = 0;
    /// State: the program's Python code was.
    pub const PACKED: u32 = 1;
    /// Option: it is an application of its own, and no `python`.
    pub const APPLICATION: u32 = 1;
    /// Option: `PYTHON…` variables count in an application too.
    pub const PYTHON_OPTIONS: u32 = 2;
    /// Option: the executable is compressed in its file, and what it runs from is a copy in memory.
    pub const COMPRESSED: u32 = 4;
    /// The environment variable in which such a program is told of its file, until it runs, with slashes between: an open
    /// descriptor of it, one of the copy in memory, where in that the end of the archive begins, which was compressed too,
    /// where in the file the rest of the archive begins, how long that is, the name of the process and the path.
    pub const VARIABLE: &str = "LINKTAB_PROGRAM";
    /// Bytes in all.
    pub const SIZE: usize = 40;
    /// Offset of the state, behind which everything is written by `linktab pack`.
    pub const STATE: usize = 20;
    /// How the extra field of a compressed entry begins: its identifier and its length. The CRC-32 of the bytes as
    /// they are in the file follows, and nothing more (APPNOTE.TXT, 4.5.1).
    pub const SUM: [u8; 4] = *b"LT\x04\x00";
    /// How the extra field begins that the directory's first entry has: the position follows, as offsets in the directory
    /// have it, from which on the archive holds what a start reads. In the directory alone.
    pub const AHEAD: [u8; 4] = *b"LA\x04\x00";
    /// The archive's comment, at the very end of a file that nobody changed.
    pub const COMMENT: &[u8] = b"linktab: Python code of this executable";
}

/// CRC-32 of ISO 3309, as zip archives have it, eight bytes at a time.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    crc::of(bytes)
}

/// What a marker symbol's name begins with; the extension's name follows.
///
/// Each record comes with one exported marker, so that two extensions of one name are two
/// definitions of one symbol. Rust writes all bytes but ASCII letters, digits, `_`, `.` and `-` as `$`
/// and two hexadecimal digits in lower case; C writes the name as it is.
pub const MARKER_PREFIX: &str = "__linktab_mod$";

/// By what code finds out which file it is in. In one executable all code is in one file: who takes that for its
/// own takes everybody's. `linktab adopt` leaves what has one of these a shared object, and `linktab check` notes it.
pub mod own_file {
    /// Functions that tell of an address which file it is in, or of the frames that lead there. `dl_iterate_phdr` is
    /// none of them: it lists every file, and who unwinds a stack calls it, Rust's standard library in every program.
    pub const FUNCTIONS: [&str; 6] =
        ["dladdr", "dladdr1", "backtrace", "RtlPcToFileHeader", "GetModuleHandleExA", "GetModuleHandleExW"];
    /// Where the file that is being linked begins, and what its loader reads, by the linker's symbols.
    pub const SYMBOLS: [&str; 3] = ["__executable_start", "__ehdr_start", "_DYNAMIC"];
    /// Where parts of it end: words that mean other things in most programs.
    pub const ENDS: [&str; 6] = ["etext", "_etext", "edata", "_edata", "end", "_end"];
}
