//! A table of symbols and its strings in, LLVM bitcode without any code out (LLVM, "Bitcode File Format").

/// A file with the two blocks that linkers look at first.
#[must_use]
pub fn bitcode(symbols: &[u8], strings: &[u8]) -> Vec<u8> {
    let mut file = b"BC\xc0\xde".to_vec();
    block(&mut file, 25, symbols);
    block(&mut file, 23, strings);
    file
}

/// A table whose symbols share their name: the first bytes of the strings.
#[must_use]
pub fn table(count: u32, name: u32) -> Vec<u8> {
    // Version, producer, modules, groups, symbols; the rest is empty.
    let mut words = vec![0_u32; 19];
    words[0] = 3;
    words[7] = 4 * words.len() as u32;
    words[8] = count;
    let mut table: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    // Both names, a number, flags.
    let symbol: Vec<u8> = [0, name, 0, name, u32::MAX, 0].into_iter().flat_map(u32::to_le_bytes).collect();
    (0..count).for_each(|_| table.extend_from_slice(&symbol));
    table
}

/// A block that holds bytes, behind a form of its own for them.
fn block(file: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    let mut bits = Bits::default();
    bits.put(1, 2);
    bits.variable(number, 8);
    bits.variable(3, 4);
    file.extend(bits.words());
    let mut bits = Bits::default();
    // The form: a literal 1, then bytes; then a record of that form, number 4.
    for (value, width) in [(2, 3), (2, 5), (1, 1), (1, 8), (0, 1), (5, 3), (4, 3)] {
        bits.put(value, width);
    }
    bits.variable(bytes.len() as u64, 6);
    let mut content = bits.words();
    content.extend_from_slice(bytes);
    content.resize(content.len().next_multiple_of(4) + 4, 0);
    file.extend((content.len() as u32 / 4).to_le_bytes());
    file.extend(content);
}

/// Bits from the lowest of each byte on.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, value: u64, width: u32) {
        self.0.extend((0..width).map(|bit| value >> bit & 1 == 1));
    }

    /// A number in pieces, whose highest bit says whether there is another.
    fn variable(&mut self, mut value: u64, width: u32) {
        let more = 1 << (width - 1);
        while value >= more {
            self.put(value & (more - 1) | more, width);
            value >>= width - 1;
        }
        self.put(value, width);
    }

    /// Bytes, with zeros up to the next word of four.
    fn words(mut self) -> Vec<u8> {
        self.0.resize(self.0.len().next_multiple_of(32), false);
        self.0.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, &bit| sum << 1 | u8::from(bit))).collect()
    }
}
