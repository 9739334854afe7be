//! Any bytes as a table of records, inside a sound ELF object: what the decoder makes of them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use linktab_verify::{Expected, Limits, check, read_bytes};

/// Bytes of the ELF header; the table follows.
const HEADER: usize = 64;

fuzz_target!(|table: &[u8]| {
    let outcome = read_bytes("fuzz", executable(table), &Limits::default());
    let _ = check(&outcome.inventories, &Expected::default());
});

/// A little-endian 64-bit executable of one segment, whose section `linkme_LINKTAB` is the table.
fn executable(table: &[u8]) -> Vec<u8> {
    let names = b"\0linkme_LINKTAB\0";
    let programs = HEADER + table.len();
    let strings = programs + 56;
    let sections = strings + names.len();
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    for field in [2_u16, 62] {
        file.extend(field.to_le_bytes());
    }
    file.extend(1_u32.to_le_bytes());
    for field in [0, programs as u64, sections as u64] {
        file.extend(field.to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    for field in [64_u16, 56, 1, 64, 3, 2] {
        file.extend(field.to_le_bytes());
    }
    file.extend(table);
    file.extend(1_u32.to_le_bytes());
    file.extend(7_u32.to_le_bytes());
    for field in [0, 0, 0, sections as u64, sections as u64, 1] {
        file.extend(u64::to_le_bytes(field));
    }
    file.extend(names);
    for (name, kind, offset, size) in
        [(0_u32, 0_u32, 0, 0), (1, 1, HEADER, table.len()), (0, 3, strings, names.len())]
    {
        file.extend(name.to_le_bytes());
        file.extend(kind.to_le_bytes());
        for field in [3, offset as u64, offset as u64, size as u64, 0, 8, 0] {
            file.extend(u64::to_le_bytes(field));
        }
    }
    file
}
