//! Name in, 64-bit hash out: at compile time for the macros and for the C header, at run time for queries.
//!
//! A polynomial over the name's words, modulo 2⁶⁴. It is the one kind of hash that the C header can
//! leave to the compiler too: an initialiser of C has no variables, so that every byte may stand in it
//! once. It spreads names over buckets; it is no defence against an adversary, who would have to be
//! linked into the executable anyway.

/// The base of the polynomial: odd, and without a pattern (2⁶⁴ over the golden ratio).
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// Hashes the bytes of a dotted name. Never 0, because 0 in a record means "not computed".
///
/// A bit depends only on the bits of each word that are not above it: whoever takes a part takes the
/// upper one.
///
/// # Examples
///
/// ```
/// const HASH: u64 = linktab::hash::hash(b"acme.geo._core");
/// assert_eq!(HASH, linktab::hash::hash("acme.geo._core".as_bytes()));
/// assert_ne!(HASH, linktab::hash::hash(b"acme.net._core"));
/// ```
#[must_use]
#[inline]
pub const fn hash(name: &[u8]) -> u64 {
    // From the end, so that no power has to be kept (Horner).
    let (words, rest) = name.as_chunks::<8>();
    let mut sum = last_word(name, rest).wrapping_mul(BASE);
    let mut at = words.len();
    while at > 0 {
        at -= 1;
        sum = sum.wrapping_add(u64::from_le_bytes(words[at])).wrapping_mul(BASE);
    }
    if sum == 0 { 1 } else { sum }
}

/// [`hash`] for the compiler, which interprets it once for every record: in one loop, without a call. Nothing where
/// a part of the name, before, between or behind its dots, is empty.
#[cfg(any(feature = "section", test))]
pub(crate) const fn hash_of_parts(name: &[u8]) -> Option<u64> {
    let (mut sum, mut word) = (0_u64, 0);
    let (mut at, mut part_is_empty) = (name.len(), true);
    while at > 0 {
        at -= 1;
        let byte = name[at];
        if byte == b'.' && part_is_empty {
            return None;
        }
        part_is_empty = byte == b'.';
        word = word << 8 | byte as u64;
        if at % 8 == 0 {
            sum = sum.wrapping_add(word).wrapping_mul(BASE);
            word = 0;
        }
    }
    match sum {
        _ if part_is_empty => None,
        0 => Some(1),
        sum => Some(sum),
    }
}

/// Up to 7 bytes at the end of a name as a word, with zeros above. Little endian on every target: the
/// hash is part of the record's layout.
#[inline]
const fn last_word(name: &[u8], rest: &[u8]) -> u64 {
    if rest.is_empty() {
        return 0;
    }
    // One load, where the name has eight bytes.
    if let Some(last) = name.last_chunk::<8>() {
        return u64::from_le_bytes(*last) >> (64 - 8 * rest.len());
    }
    let (mut word, mut at) = (0, rest.len());
    while at > 0 {
        at -= 1;
        word = word << 8 | rest[at] as u64;
    }
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{hash, hash_of_parts};

    proptest! {
        #[test]
        fn the_compiler_finds_the_same_unless_a_part_is_empty(name in "[a.é\0]{0,40}") {
            let whole = name.split('.').all(|part| !part.is_empty());
            prop_assert_eq!(hash_of_parts(name.as_bytes()), whole.then(|| hash(name.as_bytes())));
        }
    }

    #[test]
    fn values_are_part_of_the_layout() {
        let names = ["", "a", "ab", "abcd", "acme.geo._core", "acme.network.transport._native", "acmé"];
        let lines: Vec<String> =
            names.iter().map(|name| format!("{:016x} {name}", hash(name.as_bytes()))).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    /// Whatever the length, the same as the polynomial written down byte by byte.
    #[test]
    fn each_byte_counts_at_its_place() {
        let name: Vec<u8> = (0..70_u8).map(|i| i.wrapping_mul(37) | 1).collect();
        for len in 0..name.len() {
            let bytes = name[..len].iter().zip(0_u32..);
            let sum = bytes.fold(0_u64, |sum, (&byte, at)| {
                let word = u64::from(byte) << (8 * (at % 8));
                sum.wrapping_add(word.wrapping_mul(super::BASE.wrapping_pow(at / 8 + 1)))
            });
            assert_eq!(hash(&name[..len]), sum.max(1), "{len} bytes");
        }
    }
}
