//! Members in, archives out, whose names may be anything: archivers refuse what a test wants.

/// A member's name and its bytes.
pub type Member<'a> = (&'a [u8], &'a [u8]);

/// An archive of the BSDs' kind, where a name stands before its member with a length (FreeBSD, ar(5)).
#[must_use]
pub fn bsd(members: &[Member<'_>]) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for (name, bytes) in members {
        header(&mut archive, &format!("#1/{}", name.len()), name.len() + bytes.len());
        archive.extend_from_slice(name);
        archive.extend_from_slice(bytes);
        pad(&mut archive);
    }
    archive
}

/// A thin archive, which holds names only (binutils, "ar", modifier `T`); sizes are the files'.
#[must_use]
pub fn thin(members: &[(&[u8], usize)]) -> Vec<u8> {
    let mut archive = b"!<thin>\n".to_vec();
    let mut names: Vec<u8> = Vec::new();
    let mut starts = Vec::new();
    for (name, _) in members {
        starts.push(names.len());
        names.extend_from_slice(name);
        names.extend(b"/\n");
    }
    header(&mut archive, "//", names.len());
    archive.extend(names);
    pad(&mut archive);
    for (start, (_, size)) in starts.iter().zip(members) {
        header(&mut archive, &format!("/{start}"), *size);
    }
    archive
}

/// An archive of one member and an index that says which symbol it defines (binutils, "ar", "The symbol
/// table").
#[must_use]
pub fn indexed(member: Member<'_>, symbol: &str) -> Vec<u8> {
    let mut index = 1_u32.to_be_bytes().to_vec();
    // Behind the magic, and the index with its header.
    let at = 8 + 60 + (8 + symbol.len() + 1).next_multiple_of(2);
    index.extend((at as u32).to_be_bytes());
    index.extend(symbol.bytes().chain([0]));
    let mut archive = b"!<arch>\n".to_vec();
    header(&mut archive, "/", index.len());
    archive.extend(index);
    pad(&mut archive);
    header(&mut archive, &format!("{}/", String::from_utf8_lossy(member.0)), member.1.len());
    archive.extend_from_slice(member.1);
    pad(&mut archive);
    archive
}

fn header(archive: &mut Vec<u8>, name: &str, size: usize) {
    archive.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644).into_bytes());
}

/// Members begin at even offsets.
fn pad(archive: &mut Vec<u8>) {
    if archive.len() % 2 == 1 {
        archive.push(b'\n');
    }
}
