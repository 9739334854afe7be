//! A name's bytes in, how they are spelled out: whether a component is empty, and whether all is plain,
//! which is ASCII in components parted by single dots.
//!
//! Eight bytes at a time, because each start of a program checks every name. What is not plain may
//! still be a good name, such as one with letters beyond ASCII: that is for slower code to decide.

/// A dot in each byte.
const DOTS: u64 = u64::from_ne_bytes([b'.'; 8]);
const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// Whether all bytes are ASCII, and no dot is the first, the last, or next to another.
pub fn is_plain(name: &[u8]) -> bool {
    let (Some(b'!'..=b'-' | b'/'..=b'~'), Some(b'!'..=b'-' | b'/'..=b'~')) = (name.first(), name.last())
    else {
        return false;
    };
    let Some(last) = name.len().checked_sub(9) else {
        return name.is_ascii() && name.windows(2).all(|pair| pair != b"..");
    };
    let mut wrong = 0;
    let mut at = 0;
    while at < last {
        wrong |= wrong_in(nine(name, at));
        at += 8;
    }
    // The last nine bytes, of which some have been seen.
    (wrong | wrong_in(nine(name, last))) & HIGHS == 0
}

/// Nine bytes, as two words that overlap by seven: each byte, and its neighbour.
#[inline]
fn nine(name: &[u8], at: usize) -> (u64, u64) {
    debug_assert!(at + 9 <= name.len());
    // SAFETY: `is_plain` passes no position above `len - 9`.
    let first = unsafe { name.as_ptr().add(at) };
    // SAFETY: eight of the nine bytes that follow.
    let word = unsafe { first.cast::<u64>().read_unaligned() };
    // SAFETY: within the nine bytes.
    let second = unsafe { first.add(1) };
    // SAFETY: the last eight of the nine bytes.
    (word, unsafe { second.cast::<u64>().read_unaligned() })
}

/// High bits where a byte is not ASCII, or is a dot before a dot (Hacker's Delight, "Find First
/// 0-Byte"); the other bits mean nothing.
#[inline]
fn wrong_in((word, next): (u64, u64)) -> u64 {
    let zero_at_two_dots = (word ^ DOTS) | (next ^ DOTS);
    zero_at_two_dots.wrapping_sub(ONES) & !zero_at_two_dots | word | next
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    /// Every place of a fault, in names of every length around the sizes of a word.
    #[test]
    fn a_fault_is_seen_wherever_it_is() {
        for len in 1..40 {
            let good = vec![b'a'; len];
            assert!(is_plain(&good), "{len}");
            for at in 0..len {
                let with = |byte| {
                    let mut name = good.clone();
                    name[at] = byte;
                    name
                };
                assert_eq!(is_plain(&with(b'.')), at > 0 && at + 1 < len, "a dot at {at} of {len}");
                assert!(!is_plain(&with(0xc3)), "no ASCII at {at} of {len}");
                let mut two = with(b'.');
                if at + 1 < len {
                    two[at + 1] = b'.';
                    assert!(!is_plain(&two), "two dots at {at} of {len}");
                }
            }
        }
        assert!(!is_plain(b""));
        assert!(is_plain(b"acme.geo.algorithms._native"));
    }
}
