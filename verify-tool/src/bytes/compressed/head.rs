//! What stands between the stub and what is compressed behind it: bytes in, numbers out, and back.
//!
//! Compressed are the program and, without a gap, the end of the archive that was behind it (its "tail"): the directory, and
//! what a start reads before it can inflate anything. The rest of the archive follows as it is.
//!
//! Needs nothing but `core`, as `lzma.rs`. It begins behind the last segment of the stub, which tells it by its own program
//! headers; who reads the file looks for the signature, and holds what is before it against the sum. Numbers are little-endian.
//!
//! | Offset | Size | Field |
//! |---|---|---|
//! | 0 | 16 | [`SIGNATURE`] |
//! | 16 | 4 | [`VERSION`] |
//! | 20 | 20 | what the program's mark says from its state on (`linktab::layout::mark`) |
//! | 40 | 8 | bytes of program and tail while they are compressed; they follow |
//! | 48 | 8 | bytes of both |
//! | 56 | 8 | their sum, with the mark as it is where nothing was packed |
//! | 64 | 8 | where in them the mark is |
//! | 72 | 16 | where the program's machine code is, and how long that is |
//! | 88 | 8 | bytes of the program alone |
//! | 96 | 16 | where in the file the rest of the archive is, and how long that is |
//! | 112 | 8 | the sum of the file up to here, the stub's own bytes too |

/// What it is found by. Not text, so that no text holds it.
pub const SIGNATURE: [u8; 16] = *b"\x89linktab\r\n\x1a\n\xf4\x52\xb6\x0d";
/// Version of what follows.
pub const VERSION: u32 = 2;
/// Bytes in all.
pub const SIZE: usize = 120;
/// Where the fields of the mark begin, here as in the mark.
pub const STATE: usize = 20;
/// How many bytes they are.
pub const STATE_SIZE: usize = 20;
/// Where the sum is of all that is before it.
pub const OWN_SUM: usize = SIZE - 8;

/// The fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Of the mark: from its state on.
    pub mark: [u8; STATE_SIZE],
    /// Bytes behind it.
    pub compressed: u64,
    /// Bytes of the program and the archive's tail.
    pub size: u64,
    /// The sum of them.
    pub sum: u64,
    /// Where the program's mark is.
    pub mark_at: u64,
    /// Where its machine code begins.
    pub code_at: u64,
    /// How long that is.
    pub code_size: u64,
    /// Bytes of the program: the tail begins there.
    pub program: u64,
    /// Where in the file the rest of the archive begins.
    pub rest_at: u64,
    /// How long that is.
    pub rest: u64,
}

impl Head {
    /// At a place in a file; `None` where it is none there, or damaged, or the stub before it is.
    pub fn parse(file: &[u8], place: usize) -> Option<Head> {
        let bytes = file.get(place..)?.first_chunk::<SIZE>()?;
        let number = |at: usize| bytes.get(at..)?.first_chunk().map(|word| u64::from_le_bytes(*word));
        let is_ours = bytes.starts_with(&SIGNATURE)
            && bytes.get(SIGNATURE.len()..STATE)? == VERSION.to_le_bytes()
            && number(OWN_SUM)? == sum(file.get(..place.checked_add(OWN_SUM)?)?);
        if !is_ours {
            return None;
        }
        Some(Head {
            mark: *bytes.get(STATE..)?.first_chunk()?,
            compressed: number(40)?,
            size: number(48)?,
            sum: number(56)?,
            mark_at: number(64)?,
            code_at: number(72)?,
            code_size: number(80)?,
            program: number(88)?,
            rest_at: number(96)?,
            rest: number(104)?,
        })
    }
}

impl Head {
    /// Without the sum, which comes when the mark is known.
    pub fn bytes(&self) -> [u8; SIZE] {
        let Head { mark, compressed, size, sum, mark_at, code_at, code_size, program, rest_at, rest } = self;
        let numbers = [compressed, size, sum, mark_at, code_at, code_size, program, rest_at, rest];
        let numbers = numbers.map(|number| number.to_le_bytes());
        let version = VERSION.to_le_bytes();
        let parts =
            [&SIGNATURE[..], &version, mark].into_iter().chain(numbers.iter().map(<[u8; 8]>::as_slice));
        let mut bytes = [0; SIZE];
        bytes.iter_mut().zip(parts.flatten()).for_each(|(place, byte)| *place = *byte);
        bytes
    }
}

/// A sum of bytes, eight at a time, which no change of eight of them leaves as it is (FNV-1a, of words).
pub fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let last = rest.iter().fold(rest.len() as u64, |last, byte| last << 8 | u64::from(*byte));
    let words = words.iter().map(|word| u64::from_le_bytes(*word)).chain([last]);
    words.fold(0xcbf2_9ce4_8422_2325, |sum, word| (sum ^ word).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            mark: [7; STATE_SIZE],
            compressed: 1,
            size: 2,
            sum: 3,
            mark_at: 4,
            code_at: 5,
            code_size: u64::MAX,
            program: 6,
            rest_at: 7,
            rest: 8,
        }
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let mut file = [&[1; 24][..], &head().bytes()].concat();
        assert_eq!(Head::parse(&file, 24), None, "without its sum");
        let own = sum(&file[..24 + OWN_SUM]);
        file[24 + OWN_SUM..].copy_from_slice(&own.to_le_bytes());
        assert_eq!(Head::parse(&file, 24), Some(head()));
        for bit in 0..file.len() * 8 {
            let mut changed = file.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Head::parse(&changed, 24), None, "bit {bit}");
        }
        for length in 0..file.len() {
            assert_eq!(Head::parse(&file[..length], 24), None, "{length} bytes");
        }
    }

    /// The stub knows no other crate.
    #[test]
    fn the_mark_in_it_is_the_mark() {
        use linktab::layout::mark;
        assert_eq!((STATE, STATE + STATE_SIZE), (mark::STATE, mark::SIZE));
        let stub = include_str!("../../../stub/process.rs");
        assert!(stub.contains(&format!("b\"{}=\"", mark::VARIABLE)));
    }

    #[test]
    fn the_sum_knows_every_bit_and_the_length() {
        let bytes = [0; 21];
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(sum(&changed), sum(&bytes), "bit {bit}");
        }
        assert_ne!(sum(&bytes[1..]), sum(&bytes));
    }
}
