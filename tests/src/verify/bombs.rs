//! Files that are small on disk and want much of whoever reads them: counts, overlaps and holes.

use super::bitcode::{bitcode, table};

/// Name, beginning of the file, and the length that it is extended to with a hole.
pub type Bomb = (&'static str, Vec<u8>, Option<u64>);

/// All of them.
pub fn bombs() -> Vec<Bomb> {
    let huge = 8 << 30;
    vec![
        ("sparse", elf(&[]), Some(huge)),
        ("too-large", elf(&[]), Some(huge + 1)),
        ("records", many_records(1_000_000, false), None),
        ("million", million(), None),
        ("overlapping-names", many_records(1_000_000, true), None),
        ("scattered-names", scattered_records(1_000_000), Some(huge)),
        ("relocations", elf(&[dynamic(0x1000, huge - 0x2000)]), Some(huge)),
        ("sections", many_sections(u32::MAX), Some(huge)),
        ("archive-members", members(2_000_000), None),
        ("slices", slices(u32::MAX), Some(huge)),
        ("nested-archives", nested(2_000), None),
        ("bitcode-names", overlapping_markers(1_000_000), None),
    ]
}

const TABLE: u64 = 0x1000;

/// A little-endian 64-bit ELF file: header, program headers, and whatever the parts ask for.
fn elf(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut file = vec![0_u8; TABLE as usize];
    file[..16].copy_from_slice(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    put(&mut file, 16, &3_u16.to_le_bytes());
    put(&mut file, 18, &62_u16.to_le_bytes());
    put(&mut file, 20, &1_u32.to_le_bytes());
    put(&mut file, 32, &64_u64.to_le_bytes());
    put(&mut file, 52, &64_u16.to_le_bytes());
    put(&mut file, 54, &56_u16.to_le_bytes());
    put(&mut file, 56, &(1 + parts.len() as u16).to_le_bytes());
    put(&mut file, 58, &64_u16.to_le_bytes());
    // PT_LOAD of everything.
    let load = program(1, 5, 0, u64::MAX >> 16);
    put(&mut file, 64, &load);
    for (index, part) in parts.iter().enumerate() {
        put(&mut file, 64 + 56 * (index + 1), &part[..56]);
        put(&mut file, 0x800, &part[56..]);
    }
    file
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

fn program(kind: u32, flags: u32, offset: u64, size: u64) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(kind.to_le_bytes());
    header.extend(flags.to_le_bytes());
    for field in [offset, offset, offset, size, size, 0x1000] {
        header.extend(field.to_le_bytes());
    }
    header
}

/// A dynamic section at 0x800 with one table of relocations.
fn dynamic(address: u64, size: u64) -> Vec<u8> {
    let mut part = program(2, 6, 0x800, 64);
    for word in [7, address, 8, size, 9, 24, 0, 0] {
        part.extend(word.to_le_bytes());
    }
    part
}

/// A file whose section headers stand behind a table of records.
fn with_table(records: Vec<u8>, strings: &[u8]) -> Vec<u8> {
    let mut file = elf(&[]);
    let size = records.len() as u64;
    file.extend(records);
    file.extend(strings);
    let names = file.len() as u64;
    file.extend(b"\0linkme_LINKTAB\0");
    let headers = file.len() as u64;
    let mut section = |name: u32, kind: u32, offset: u64, size: u64| {
        file.extend(name.to_le_bytes());
        file.extend(kind.to_le_bytes());
        for field in [3, offset, offset, size, 0, 8, 0] {
            file.extend(u64::to_le_bytes(field));
        }
    };
    section(0, 0, 0, 0);
    section(1, 1, TABLE, size);
    section(0, 3, names, 16);
    put(&mut file, 40, &headers.to_le_bytes());
    put(&mut file, 60, &3_u16.to_le_bytes());
    put(&mut file, 62, &2_u16.to_le_bytes());
    file
}

fn record(name: u64, len: u32, origin: u64, origin_len: u32) -> [u8; 64] {
    let mut record = [0; 64];
    put(&mut record, 0, &0x4c4b_5442_u32.to_le_bytes());
    put(&mut record, 4, &[1, 0, 1, 0]);
    put(&mut record, 8, &name.to_le_bytes());
    put(&mut record, 16, &0x40_u64.to_le_bytes());
    put(&mut record, 24, &origin.to_le_bytes());
    put(&mut record, 32, &len.to_le_bytes());
    put(&mut record, 36, &origin_len.to_le_bytes());
    record
}

/// Records that share their texts: short ones, or as long as allowed and each a byte further on.
fn many_records(count: u64, long: bool) -> Vec<u8> {
    let strings = TABLE + 64 * count;
    let text = vec![b'a'; 2_000_000];
    let records = (0..count).flat_map(|index| {
        if long {
            record(strings + index % 1000, 1024, strings + index % 1000, 16 * 1024)
        } else {
            record(strings, 3, 0, 0)
        }
    });
    with_table(records.collect(), &text)
}

/// As many records as are read, all of them sound, each with a name and an origin of its own.
#[must_use]
pub fn million() -> Vec<u8> {
    distinct_records(1_000_000)
}

/// Sound records, each with a name and an origin of its own.
#[must_use]
pub fn distinct_records(count: u64) -> Vec<u8> {
    let name = |index: u64| format!("acme.package{:03}._native{index:07}", index % 500);
    sound((0..count).map(|index| (name(index), format!("acme\n1.0\nfile.c\n{index:07}"))), count)
}

/// Sound records of these names.
#[must_use]
pub fn named(names: &[&str]) -> Vec<u8> {
    let origin = |line: usize| format!("acme\n1.0\nfile.c\n{}", 1 + line);
    sound(names.iter().enumerate().map(|(line, name)| ((*name).to_owned(), origin(line))), names.len() as u64)
}

/// So many records with these names and origins.
fn sound(texts: impl Iterator<Item = (String, String)>, count: u64) -> Vec<u8> {
    let (mut records, mut strings) = (Vec::new(), Vec::new());
    for (index, (name, origin)) in (1_u64..).zip(texts) {
        let at = TABLE + 64 * count + strings.len() as u64;
        let mut record = record(at, name.len() as u32, at + name.len() as u64, origin.len() as u32);
        // Init functions of their own, in what is executable and before the table.
        put(&mut record, 16, &index.to_le_bytes());
        records.extend(record);
        strings.extend((name + &origin).into_bytes());
    }
    with_table(records, &strings)
}

/// Records whose names lie all over the file.
fn scattered_records(count: u64) -> Vec<u8> {
    let records =
        (0..count).flat_map(|index| record((index * 7919 % 500_000) * 16_384 + 0x500_0000, 8, 0, 0));
    with_table(records.collect(), &[])
}

/// A section header table whose length stands in its first entry (gABI, "ELF Header", e_shnum).
fn many_sections(count: u32) -> Vec<u8> {
    let mut file = elf(&[]);
    put(&mut file, 40, &0x800_u64.to_le_bytes());
    put(&mut file, 0x800 + 32, &u64::from(count).to_le_bytes());
    file
}

fn member(name: &str, size: usize) -> Vec<u8> {
    format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644).into_bytes()
}

fn members(count: usize) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    (0..count).for_each(|_| archive.extend(member("a.o/", 0)));
    archive
}

fn nested(depth: usize) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for _ in 0..depth {
        let mut outer = b"!<arch>\n".to_vec();
        outer.extend(member("a.a/", archive.len()));
        outer.extend(&archive);
        archive = outer;
    }
    archive
}

/// Bitcode whose symbols are the marker of one name, which is as long as all the strings.
fn overlapping_markers(count: u32) -> Vec<u8> {
    let name = format!("__linktab_mod${}", "a".repeat(1_000_000));
    bitcode(&table(count, name.len() as u32), name.as_bytes())
}

fn slices(count: u32) -> Vec<u8> {
    let mut file = vec![0xca, 0xfe, 0xba, 0xbf];
    file.extend(count.to_be_bytes());
    file
}
