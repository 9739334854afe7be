//! Archives in, their members as parts out: `.a` of every kind, `.lib`, `.rlib`, thin ones too.
//!
//! The archive's index names the symbols of members that are bitcode, for those that do not tell
//! themselves.

use std::collections::HashMap;

use object::FileKind;
use object::read::archive::{ArchiveFile, ArchiveMember};

use super::{Each, Intermediate, Part, bitcode, lto, parse_bytes, parse_image};
use crate::bytes::Bytes;
use crate::error::Error;

const MAGIC: [&[u8]; 2] = [b"!<arch>\n", b"!<thin>\n"];

pub fn is_archive(bytes: Bytes<'_>) -> bool {
    let mut start = [0; 8];
    bytes.read_some_at(0, &mut start).is_ok() && MAGIC.contains(&&start[..])
}

/// Whether the first bytes are an archive's.
pub fn begins(start: &[u8]) -> bool {
    MAGIC.iter().any(|magic| start.starts_with(&magic[..]))
}

pub fn parse<'d>(bytes: Bytes<'d>, depth: usize, each: Each<'_, 'd>) -> Result<(), Error> {
    let limits = bytes.limits();
    if depth > limits.depth {
        return Err(Error::limit("levels of archives in archives", limits.depth as u64));
    }
    let archive = ArchiveFile::parse(bytes).map_err(|error| Error::malformed(error.to_string()))?;
    let markers = markers(bytes, &archive)?;
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
    markers: &HashMap<u64, Intermediate>,
    each: Each<'_, 'd>,
) -> Result<(), Error> {
    // What rustc keeps for itself: types and inlined functions, nothing that is linked.
    if label.ends_with(".rmeta") || member.size() == 0 {
        return Ok(());
    }
    let (offset, size) = member.file_range();
    let member_bytes = bytes.sub("a member", offset, size)?;
    if bitcode::is_bitcode(member_bytes) {
        each(bitcode::parse(member_bytes, Some(label.to_owned()), markers.get(&offset)));
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
fn markers<'d>(
    bytes: Bytes<'d>,
    archive: &ArchiveFile<'d, Bytes<'d>>,
) -> Result<HashMap<u64, Intermediate>, Error> {
    let malformed = |error: object::Error| Error::malformed(format!("archive index: {error}"));
    let mut markers: HashMap<u64, Intermediate> = HashMap::new();
    let Some(symbols) = archive.symbols().map_err(malformed)? else { return Ok(markers) };
    for symbol in symbols {
        let symbol = symbol.map_err(malformed)?;
        if lto::marker(symbol.name()).is_some() {
            let member = archive.member(symbol.offset()).map_err(malformed)?;
            markers.entry(member.file_range().0).or_default().define(bytes, symbol.name(), &[])?;
        }
    }
    Ok(markers)
}

impl Part<'_> {
    /// Puts the name of the archive that a part was found in before its own.
    pub fn inside(self, archive: &str) -> Self {
        let nested = |label: Option<String>| {
            Some(label.map_or_else(|| archive.to_owned(), |label| format!("{archive}/{label}")))
        };
        match self {
            Part::Image { label, image } => Part::Image { label: nested(label), image },
            Part::Bitcode { label, code } => Part::Bitcode { label: nested(label), code },
            Part::External { path } => Part::External { path },
        }
    }
}
