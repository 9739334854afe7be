//! What is known of a module in, the bytes of its record out, and of the texts that the record points at.
//!
//! The layout is `linktab::layout`; pointers are left 0, for relocations to fill in.

use linktab::layout::{self, offset};
use object::Endianness;
use object::endian::Endian as _;

/// What a record says, besides where its init function is.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The dotted name.
    pub name: String,
    /// One of [`layout::phase`].
    pub phase: u8,
    /// Whether the extension is itself a package.
    pub is_package: bool,
    /// Whether the module has the `__file__` that it has as a shared object.
    pub has_file: bool,
    /// Distribution, version and the file in its wheel.
    pub origin: [String; 3],
    /// `PY_VERSION_HEX`, or the oldest that will do.
    pub python: u32,
    /// Bits of [`layout::build_flags`].
    pub build_flags: u32,
}

impl Facts {
    /// The phase, as it is written for people.
    pub fn phase_word(&self) -> &'static str {
        match self.phase {
            layout::phase::MULTI => "multi",
            layout::phase::SINGLE => "single",
            _ => "export",
        }
    }

    /// The origin as readers take it apart; there is no line.
    pub fn origin(&self) -> String {
        let [package, version, file] = &self.origin;
        let separator = layout::ORIGIN_SEPARATOR;
        format!("{package}{separator}{version}{separator}{file}{separator}")
    }

    /// The record, its three pointers 0.
    pub fn bytes(&self, endian: Endianness) -> [u8; layout::RECORD_SIZE] {
        let mut record = [0; layout::RECORD_SIZE];
        let all = [(self.is_package, layout::flags::PACKAGE), (self.has_file, layout::flags::FILE)];
        let flags = all.into_iter().filter(|(is_set, _)| *is_set).fold(0, |flags, (_, flag)| flags | flag);
        let mut four = |at: usize, value: u32| {
            record[at..at + 4].copy_from_slice(&endian.write_u32(value));
        };
        four(offset::MAGIC, layout::MAGIC);
        four(offset::NAME_LEN, length(&self.name));
        four(offset::ORIGIN_LEN, length(&self.origin()));
        four(offset::PYTHON, self.python);
        four(offset::BUILD_FLAGS, self.build_flags);
        let abi = endian.write_u16(layout::ABI_VERSION);
        record[offset::ABI..offset::ABI + 2].copy_from_slice(&abi);
        record[offset::PHASE] = self.phase;
        record[offset::FLAGS] = flags;
        let hash = endian.write_u64(linktab::hash::hash(self.name.as_bytes()));
        record[offset::HASH..offset::HASH + 8].copy_from_slice(&hash);
        record
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// The name of a symbol that belongs to a module: a prefix and the dotted name, in ASCII as markers have it.
pub fn symbol(prefix: &str, name: &str) -> String {
    let mut symbol = prefix.to_owned();
    for byte in name.bytes() {
        if byte.is_ascii() {
            symbol.push(char::from(byte));
        } else {
            symbol.push_str(&format!("${byte:02x}"));
        }
    }
    symbol
}
