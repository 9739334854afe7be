//! Bytes in, their CRC-32 out: what says that an archive behind an executable is whole.
//!
//! Eight tables, so that eight bytes take eight look-ups that do not wait for each other ("slicing by 8",
//! Kounavis and Berry, "A Systematic Approach to Building High Performance Software-based CRC Generators"). Where the
//! processor multiplies without carries, most bytes are folded away first: a packed program's start sums twenty megabytes.

/// The polynomial of ISO 3309, lowest power first.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// What a byte does to the sum, with zero to seven bytes behind it.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = sum >> 1 ^ if sum & 1 == 1 { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        tables[0][byte] = sum;
        byte += 1;
    }
    let mut behind = 1;
    while behind < 8 {
        byte = 0;
        while byte < 256 {
            let sum = tables[behind - 1][byte];
            tables[behind][byte] = sum >> 8 ^ tables[0][(sum & 0xff) as usize];
            byte += 1;
        }
        behind += 1;
    }
    tables
}

pub fn of(bytes: &[u8]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if let Some((first, blocks, rest)) = folded::split(bytes)
        && std::arch::is_x86_feature_detected!("pclmulqdq")
    {
        // SAFETY: the processor has it, as was asked in the line above.
        let folded = unsafe { folded::fold(first, blocks) };
        return !continued(continued(0, &folded), rest);
    }
    !continued(!0, bytes)
}

/// The sum so far, continued over more bytes.
fn continued(mut sum: u32, bytes: &[u8]) -> u32 {
    let (eights, rest) = bytes.as_chunks::<8>();
    for eight in eights {
        let word = u64::from_le_bytes(*eight) ^ u64::from(sum);
        sum = 0;
        for (table, byte) in TABLES.iter().rev().zip(word.to_le_bytes()) {
            sum ^= table[usize::from(byte)];
        }
    }
    for &byte in rest {
        sum = sum >> 8 ^ TABLES[0][usize::from(byte ^ sum as u8)];
    }
    sum
}

/// Sixteen bytes that have the sum of many ("Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction",
/// Gopal and others, 2009; the constants are those of its section for reflected bits).
#[cfg(target_arch = "x86_64")]
mod folded {
    use std::arch::x86_64::{
        __m128i, _mm_clmulepi64_si128, _mm_cvtsi32_si128, _mm_cvtsi128_si64, _mm_set_epi64x,
        _mm_unpackhi_epi64, _mm_xor_si128,
    };

    type Block = [u8; 16];

    /// The first four blocks, all others, and what is left; none for few bytes.
    pub fn split(bytes: &[u8]) -> Option<(&[Block; 4], &[Block], &[u8])> {
        let (blocks, rest) = bytes.as_chunks();
        let (first, blocks) = blocks.split_first_chunk()?;
        Some((first, blocks, rest))
    }

    #[target_feature(enable = "pclmulqdq")]
    pub fn fold(first: &[Block; 4], blocks: &[Block]) -> Block {
        let by_four = _mm_set_epi64x(0x01_c6e4_1596, 0x01_5444_2bd4);
        let by_one = _mm_set_epi64x(0x00_ccaa_009e, 0x01_7519_97d0);
        let [a, b, c, d] = *first;
        let mut sums = [load(a), load(b), load(c), load(d)];
        sums[0] = _mm_xor_si128(sums[0], _mm_cvtsi32_si128(!0));
        let (fours, rest) = blocks.as_chunks::<4>();
        for four in fours {
            for (sum, block) in sums.iter_mut().zip(four) {
                *sum = folded(*sum, by_four, load(*block));
            }
        }
        let [mut sum, others @ ..] = sums;
        for other in others {
            sum = folded(sum, by_one, other);
        }
        for block in rest {
            sum = folded(sum, by_one, load(*block));
        }
        let halves = [_mm_cvtsi128_si64(sum), _mm_cvtsi128_si64(_mm_unpackhi_epi64(sum, sum))];
        let mut bytes = [0; 16];
        let (low, high) = bytes.split_at_mut(8);
        low.copy_from_slice(&halves[0].to_le_bytes());
        high.copy_from_slice(&halves[1].to_le_bytes());
        bytes
    }

    #[target_feature(enable = "pclmulqdq")]
    fn load(block: Block) -> __m128i {
        let number = u128::from_le_bytes(block);
        _mm_set_epi64x((number >> 64) as i64, number as i64)
    }

    /// What a sum becomes with some bytes behind it, and the bytes there.
    #[target_feature(enable = "pclmulqdq")]
    fn folded(sum: __m128i, by: __m128i, bytes: __m128i) -> __m128i {
        let [low, high] = [_mm_clmulepi64_si128::<0x00>(sum, by), _mm_clmulepi64_si128::<0x11>(sum, by)];
        _mm_xor_si128(_mm_xor_si128(low, high), bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{continued, of};

    #[test]
    fn sums_are_those_of_the_standard() {
        // The check value of CRC-32/ISO-HDLC, and what `zlib.crc32` says.
        assert_eq!(of(b"123456789"), 0xcbf4_3926);
        assert_eq!(of(b""), 0);
        assert_eq!(of(b"The quick brown fox jumps over the lazy dog"), 0x414f_a339);
    }

    #[test]
    fn bytes_of_any_number_have_the_sum_that_tables_tell() {
        let mut state = 1_u32;
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(1_000)
        .collect();
        for start in [0, 1, 7] {
            for end in start..bytes.len() {
                assert_eq!(of(&bytes[start..end]), !continued(!0, &bytes[start..end]), "{start}..{end}");
            }
        }
    }
}
