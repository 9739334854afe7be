//! Archives in, their members as parts out: `.a` of every kind, `.lib`, `.rlib`, thin ones too.
//!
//! Members that are LLVM bitcode have no sections yet; the archive's index still names their
//! symbols, and a marker among those names an extension.

use std::collections::HashMap;

use linktab::layout::MARKER_PREFIX;
use object::FileKind;
use object::read::archive::{ArchiveFile, ArchiveMember};

use super::{Each, Part, parse_bytes, parse_image};
use crate::bytes::Bytes;
use crate::error::{Error, Kind};

const MAGIC: [&[u8]; 2] = [b"!<arch>\n", b"!<thin>\n"];

/// LLVM bitcode, bare and in its wrapper (LLVM, "Bitcode File Format", Magic Numbers and Wrapper).
const BITCODE: [[u8; 4]; 2] = [*b"BC\xc0\xde", [0xde, 0xc0, 0x17, 0x0b]];

pub fn is_archive(bytes: Bytes<'_>) -> bool {
    let mut start = [0; 8];
    bytes.read_some_at(0, &mut start).is_ok() && MAGIC.contains(&&start[..])
}

/// Whether the first bytes are an archive's, or bitcode's.
pub fn begins(start: &[u8]) -> bool {
    MAGIC.iter().any(|magic| start.starts_with(&magic[..]))
        || BITCODE.iter().any(|magic| start.starts_with(magic))
}

pub fn is_bitcode(bytes: Bytes<'_>) -> bool {
    let mut start = [0; 4];
    bytes.read_some_at(0, &mut start).is_ok() && BITCODE.contains(&start)
}

pub fn parse<'d>(bytes: Bytes<'d>, depth: usize, each: Each<'_, 'd>) -> Result<(), Error> {
    let limits = bytes.limits();
    if depth > limits.depth {
        return Err(Error::limit("levels of archives in archives", limits.depth as u64));
    }
    let archive = ArchiveFile::parse(bytes).map_err(|error| Error::malformed(error.to_string()))?;
    let markers = markers(&archive)?;
    for (index, member) in archive.members().enumerate() {
        if index >= limits.members {
            return Err(Error::limit("members of an archive", limits.members as u64));
        }
        let member = member.map_err(|error| Error::malformed(format!("member {index}: {error}")))?;
        let label = String::from_utf8_lossy(member.name()).into_owned();
        if archive.is_thin() {
            each(Ok(Part::External { path: member.name().to_vec() }));
        } else if let Err(error) = parse_member(bytes, &member, &label, depth, &markers, each) {
            each(Err(error.in_file("", Some(&label))));
        }
    }
    Ok(())
}

fn parse_member<'d>(
    bytes: Bytes<'d>,
    member: &ArchiveMember<'d>,
    label: &str,
    depth: usize,
    markers: &HashMap<u64, Vec<String>>,
    each: Each<'_, 'd>,
) -> Result<(), Error> {
    // What rustc keeps for itself: types and inlined functions, nothing that is linked.
    if label.ends_with(".rmeta") || member.size() == 0 {
        return Ok(());
    }
    let (offset, size) = member.file_range();
    let member_bytes = bytes.sub("a member", offset, size)?;
    if is_bitcode(member_bytes) {
        let symbols = markers.get(&offset).cloned().unwrap_or_default();
        each(Ok(Part::Bitcode { label: label.to_owned(), symbols }));
        return Ok(());
    }
    if is_archive(member_bytes) {
        return parse_bytes(member_bytes, depth + 1, &mut |part| each(part.map(|part| part.inside(label))));
    }
    // A stub of an import library stands for a function of a DLL and holds none.
    if !matches!(FileKind::parse(member_bytes), Ok(FileKind::CoffImport)) {
        each(parse_image(member_bytes, Some(label.to_owned())));
    }
    Ok(())
}

/// Marker symbols by the offset of the member that defines them.
fn markers<'d>(archive: &ArchiveFile<'d, Bytes<'d>>) -> Result<HashMap<u64, Vec<String>>, Error> {
    let malformed = |error: object::Error| Error::malformed(format!("archive index: {error}"));
    let mut markers: HashMap<u64, Vec<String>> = HashMap::new();
    let Some(symbols) = archive.symbols().map_err(malformed)? else { return Ok(markers) };
    for symbol in symbols {
        let symbol = symbol.map_err(malformed)?;
        // Mach-O and 32-bit Windows put an underscore in front of every name.
        let name = symbol.name().strip_prefix(b"_").filter(|name| name.starts_with(MARKER_PREFIX.as_bytes()));
        let name = name.unwrap_or(symbol.name());
        if name.starts_with(MARKER_PREFIX.as_bytes()) {
            let member = archive.member(symbol.offset()).map_err(malformed)?;
            let names = markers.entry(member.file_range().0).or_default();
            names.push(String::from_utf8_lossy(name).into_owned());
        }
    }
    Ok(markers)
}

impl Part<'_> {
    /// Puts the name of the archive that a part was found in before its own.
    pub fn inside(self, archive: &str) -> Self {
        let nested = |label: &str| format!("{archive}/{label}");
        match self {
            Part::Image { label, image } => {
                let label = label.as_deref().map_or_else(|| archive.to_owned(), nested);
                Part::Image { label: Some(label), image }
            }
            Part::Bitcode { label, symbols } => Part::Bitcode { label: nested(&label), symbols },
            Part::External { path } => Part::External { path },
        }
    }
}

/// A file that is bitcode from its first byte on: `clang -flto -c` writes those.
pub fn refuse_bitcode(bytes: Bytes<'_>) -> Result<(), Error> {
    if is_bitcode(bytes) {
        return Err(Error::new(Kind::Unsupported(
            "this is LLVM bitcode, which holds no sections yet: put it into an archive, whose index names its \
             symbols, or compile without LTO"
                .to_owned(),
        )));
    }
    Ok(())
}
