//! Bytes in, their CRC-32 out: what says that an archive behind an executable is whole.
//!
//! Eight tables, so that eight bytes take eight look-ups that do not wait for each other ("slicing by 8",
//! Kounavis and Berry, "A Systematic Approach to Building High Performance Software-based CRC Generators").

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
    let (eights, rest) = bytes.as_chunks::<8>();
    let mut sum = !0;
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
    !sum
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn sums_are_those_of_the_standard() {
        // The check value of CRC-32/ISO-HDLC, and what `zlib.crc32` says.
        assert_eq!(of(b"123456789"), 0xcbf4_3926);
        assert_eq!(of(b""), 0);
        assert_eq!(of(b"The quick brown fox jumps over the lazy dog"), 0x414f_a339);
    }
}
