//! What one image asks of the machine that loads it: libraries, versions of them, a loader.

use super::Arch;

/// Of an ELF file all of it; of Mach-O and PE what their load commands and import tables have, the libraries.
pub(crate) struct Loading {
    pub arch: Arch,
    /// The libraries that the loader is asked for, as the image names them.
    pub needed: Vec<String>,
    /// The program that loads it (`PT_INTERP`).
    pub loader: Option<String>,
    /// Versions of symbols that have to be there: library, version. A weak one may be missing.
    pub versions: Vec<(String, String)>,
    /// The folders in which needed libraries are looked for first.
    pub search: Vec<String>,
}
