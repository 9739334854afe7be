//! Any bytes in, seeded with ELF files, linked and un-linked: the tool ends without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use linktab_verify::{Expected, Limits, check, read_bytes};

fuzz_target!(|data: &[u8]| {
    let outcome = read_bytes("fuzz", data.to_vec(), &Limits::default());
    let _ = check(&outcome.inventories, &Expected::default());
});
