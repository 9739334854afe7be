//! Name in, 64-bit hash out: at compile time for the macros, at run time for queries.
//!
//! Folds 16 bytes a step through a 128-bit product. It spreads names over buckets; it is no defence
//! against an adversary, who would have to be linked into the executable anyway.

const KEY: [u64; 3] = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb];

/// Hashes the bytes of a dotted name. Never 0, because 0 in a record means "not computed".
///
/// # Examples
///
/// ```
/// const HASH: u64 = linktab::hash::hash(b"acme.geo._core");
/// assert_eq!(HASH, linktab::hash::hash("acme.geo._core".as_bytes()));
/// assert_ne!(HASH, linktab::hash::hash(b"acme.net._core"));
/// ```
#[must_use]
pub const fn hash(name: &[u8]) -> u64 {
    let mut state = KEY[0] ^ name.len() as u64;
    let mut rest = name;
    while rest.len() > 16 {
        let (block, tail) = rest.split_at(16);
        state = fold(state ^ word(block, 0), KEY[1] ^ word(block, 8));
        rest = tail;
    }
    // The last 1 to 16 bytes, read as two words that may overlap.
    let (low, high) = match rest.len() {
        8..=16 => (word(rest, 0), word(rest, rest.len() - 8)),
        4..=7 => (half(rest, 0), half(rest, rest.len() - 4)),
        1..=3 => (rest[0] as u64 | (rest[rest.len() / 2] as u64) << 8, rest[rest.len() - 1] as u64),
        _ => (0, 0),
    };
    let folded = fold(state ^ low, KEY[2] ^ high);
    let hash = fold(folded ^ KEY[0], KEY[1]);
    if hash == 0 { 1 } else { hash }
}

const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

/// Eight bytes at `at`, little endian on every target: the hash is part of the record's layout.
const fn word(bytes: &[u8], at: usize) -> u64 {
    half(bytes, at) | half(bytes, at + 4) << 32
}

const fn half(bytes: &[u8], at: usize) -> u64 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as u64
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn values_are_part_of_the_layout() {
        let names = ["", "a", "ab", "abcd", "acme.geo._core", "acme.network.transport._native", "acmé"];
        let lines: Vec<String> =
            names.iter().map(|name| format!("{:016x} {name}", hash(name.as_bytes()))).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }
}
