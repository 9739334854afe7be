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
        let Some((block, tail)) = rest.split_first_chunk::<16>() else { break };
        let block = u128::from_le_bytes(*block);
        state = fold(state ^ block as u64, KEY[1] ^ (block >> 64) as u64);
        rest = tail;
    }
    let (low, high) = ends(rest);
    let folded = fold(state ^ low, KEY[2] ^ high);
    let hash = fold(folded ^ KEY[0], KEY[1]);
    if hash == 0 { 1 } else { hash }
}

const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

/// Up to 16 bytes as two words that may overlap. Little endian on every target: the hash is part of the
/// record's layout. Whole chunks become one load each; indices would be checked byte by byte.
const fn ends(bytes: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return (u32::from_le_bytes(*first) as u64, u32::from_le_bytes(*last) as u64);
    }
    match bytes {
        [] => (0, 0),
        [first, .., last] => (*first as u64 | (bytes[bytes.len() / 2] as u64) << 8, *last as u64),
        [only] => (*only as u64 | (*only as u64) << 8, *only as u64),
    }
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
