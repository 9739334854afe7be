//! LZMA's bytes in, what was compressed out: the raw stream of one encoder, with the properties below.
//!
//! As Igor Pavlov's "LZMA specification" (in the LZMA SDK) has it. Needs nothing but `core`: the program that starts a
//! compressed one (`stub/main.rs`) is built from this file too. Bytes may be anybody's: what they say is never an index
//! without a check, and what is wrong with them ends the decoding or makes other bytes, which have a sum.

/// How many bits of the byte before decide about a byte.
pub const LITERAL_CONTEXT: usize = 3;
/// How many bits of the position decide about the kind of what comes.
pub const POSITION: usize = 2;

/// Half of [`ONE`]: nothing is known yet.
const EVEN: u16 = 1 << 10;
/// What a probability is a part of.
const ONE: u16 = 1 << 11;

const STATES: usize = 12;
const POSITIONS: usize = 1 << POSITION;

// Where in the table the probabilities of each decision begin.
const IS_MATCH: usize = 0;
const IS_AGAIN: usize = IS_MATCH + STATES * POSITIONS;
const IS_OLDER: usize = IS_AGAIN + STATES;
const IS_THIRD: usize = IS_OLDER + STATES;
const IS_FOURTH: usize = IS_THIRD + STATES;
const IS_LONG: usize = IS_FOURTH + STATES;
const SLOT: usize = IS_LONG + STATES * POSITIONS;
const MIDDLE: usize = SLOT + 4 * 64;
const LOW: usize = MIDDLE + 128;
const LENGTH: usize = LOW + 16;
const LENGTH_AGAIN: usize = LENGTH + LENGTH_SIZE;
const LITERAL: usize = LENGTH_AGAIN + LENGTH_SIZE;
const SIZE: usize = LITERAL + (0x300 << LITERAL_CONTEXT);

// The same, of a length.
const SHORT: usize = 2;
const MEDIUM: usize = SHORT + POSITIONS * 8;
const LARGE: usize = MEDIUM + POSITIONS * 8;
const LENGTH_SIZE: usize = LARGE + 256;

/// Fills the output; `None` where the input does not.
pub fn decode(input: &[u8], output: &mut [u8]) -> Option<()> {
    let mut coder = Coder::new(input)?;
    let (mut at, mut state) = (0, 0_usize);
    let mut distances = [0_usize; 4];
    while at < output.len() {
        let position = at % POSITIONS;
        if coder.bit(IS_MATCH + state * POSITIONS + position) == 0 {
            let byte = literal(&mut coder, output, at, distances[0], state >= 7)?;
            *output.get_mut(at)? = byte;
            at += 1;
            state = state.saturating_sub(if state < 10 { 3 } else { 6 });
            continue;
        }
        let after_literal = state < 7;
        let mut length = 1;
        if coder.bit(IS_AGAIN + state) == 0 {
            length = coder.length(LENGTH, position);
            distances.rotate_right(1);
            distances[0] = coder.distance(length);
            state = if after_literal { 7 } else { 10 };
        } else if coder.bit(IS_OLDER + state) == 0 {
            if coder.bit(IS_LONG + state * POSITIONS + position) == 0 {
                state = if after_literal { 9 } else { 11 };
            } else {
                length = coder.length(LENGTH_AGAIN, position);
                state = if after_literal { 8 } else { 11 };
            }
        } else {
            if coder.bit(IS_THIRD + state) == 0 {
                distances[..2].rotate_right(1);
            } else if coder.bit(IS_FOURTH + state) == 0 {
                distances[..3].rotate_right(1);
            } else {
                distances.rotate_right(1);
            }
            length = coder.length(LENGTH_AGAIN, position);
            state = if after_literal { 8 } else { 11 };
        }
        at = repeat(output, at, distances[0], length)?;
    }
    coder.has_ended_well().then_some(())
}

/// A byte, most likely one that is unlike the byte at the last distance where that was used just now.
fn literal(
    coder: &mut Coder<'_>,
    output: &[u8],
    at: usize,
    distance: usize,
    follows_match: bool,
) -> Option<u8> {
    let before = at.checked_sub(1).and_then(|before| output.get(before)).copied().unwrap_or_default();
    // None of the position's bits decide about a byte.
    let context = usize::from(before) >> (8 - LITERAL_CONTEXT);
    let table = LITERAL + 0x300 * context;
    let mut symbol = 1;
    if follows_match {
        let mut like = usize::from(*output.get(at.checked_sub(distance + 1)?)?);
        while symbol < 0x100 {
            like <<= 1;
            let expected = like & 0x100;
            let bit = coder.bit(table + 0x100 + expected + symbol);
            symbol = symbol << 1 | bit;
            if expected >> 8 != bit {
                break;
            }
        }
    }
    while symbol < 0x100 {
        symbol = symbol << 1 | coder.bit(table + symbol);
    }
    Some(symbol as u8)
}

/// Writes again what was written before; returns where it ends.
fn repeat(output: &mut [u8], at: usize, distance: usize, length: usize) -> Option<usize> {
    let from = at.checked_sub(distance.checked_add(1)?)?;
    let end = at.checked_add(length)?.min(output.len());
    // Byte for byte: it may go on into what it writes.
    let window = output.get_mut(from..end)?;
    let gap = at - from;
    for index in gap..window.len() {
        let byte = *window.get(index - gap)?;
        *window.get_mut(index)? = byte;
    }
    Some(end)
}

/// The range decoder, and what it has learnt.
struct Coder<'i> {
    input: &'i [u8],
    at: usize,
    range: u32,
    code: u32,
    probabilities: [u16; SIZE],
}

impl Coder<'_> {
    fn new(input: &[u8]) -> Option<Coder<'_>> {
        let [0, a, b, c, d] = *input.first_chunk()? else { return None };
        let code = u32::from_be_bytes([a, b, c, d]);
        Some(Coder { input, at: 5, range: u32::MAX, code, probabilities: [EVEN; SIZE] })
    }

    /// Whether it has read no more than there is.
    fn has_ended_well(&self) -> bool {
        self.at <= self.input.len()
    }

    fn refill(&mut self) {
        if self.range < 1 << 24 {
            let byte = self.input.get(self.at).copied().unwrap_or_default();
            self.at += 1;
            self.range <<= 8;
            self.code = self.code << 8 | u32::from(byte);
        }
    }

    /// A decision.
    #[inline(always)]
    fn bit(&mut self, index: usize) -> usize {
        self.refill();
        // Tables are as large as what leads into them.
        let Some(probability) = self.probabilities.get_mut(index) else { return 0 };
        let bound = (self.range >> 11) * u32::from(*probability);
        if self.code < bound {
            self.range = bound;
            *probability += (ONE - *probability) >> 5;
            0
        } else {
            self.range -= bound;
            self.code -= bound;
            *probability -= *probability >> 5;
            1
        }
    }

    /// A number of so many bits, the highest first.
    fn tree(&mut self, table: usize, bits: u32) -> usize {
        let mut symbol = 1;
        for _ in 0..bits {
            symbol = symbol << 1 | self.bit(table + symbol);
        }
        symbol - (1 << bits)
    }

    /// The lowest first.
    fn reversed(&mut self, table: usize, bits: u32) -> usize {
        let (mut symbol, mut number) = (1, 0);
        for place in 0..bits {
            let bit = self.bit(table + symbol);
            symbol = symbol << 1 | bit;
            number |= bit << place;
        }
        number
    }

    /// Bits that are as likely as not.
    fn direct(&mut self, bits: u32) -> usize {
        let mut number = 0;
        for _ in 0..bits {
            self.refill();
            self.range >>= 1;
            let bit = usize::from(self.code >= self.range);
            self.code -= self.range * bit as u32;
            number = number << 1 | bit;
        }
        number
    }

    fn length(&mut self, table: usize, position: usize) -> usize {
        2 + if self.bit(table) == 0 {
            self.tree(table + SHORT + position * 8, 3)
        } else if self.bit(table + 1) == 0 {
            8 + self.tree(table + MEDIUM + position * 8, 3)
        } else {
            16 + self.tree(table + LARGE, 8)
        }
    }

    fn distance(&mut self, length: usize) -> usize {
        let slot = self.tree(SLOT + (length - 2).min(3) * 64, 6);
        if slot < 4 {
            return slot;
        }
        let bits = (slot >> 1) as u32 - 1;
        let high = (2 | slot & 1) << bits;
        if slot < 14 {
            return high + self.reversed(MIDDLE + high - slot, bits);
        }
        let middle = self.direct(bits - 4) << 4;
        high + middle + self.reversed(LOW, 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `lzma.compress(b"one file, " * 30 + bytes(range(0, 256, 8)) + b"one file; " * 3, lzma.FORMAT_RAW, filters=[{"id":
    /// lzma.FILTER_LZMA1, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 65536}]).hex()`, of liblzma 5.4.
    const PACKED: &str = "00379b88ce766494c8de495fc0ee96b7638f027220093d75c8ceb5e8cc86bcfe3ecd2668ada5a673291f23511a31e63cf9d1\
        ef12a340a2e3df1a43ffff5dd80000";

    fn packed() -> Vec<u8> {
        let digits = PACKED.as_bytes().chunks(2).map(|two| str::from_utf8(two).unwrap());
        digits.map(|two| u8::from_str_radix(two, 16).unwrap()).collect()
    }

    fn plain() -> Vec<u8> {
        let bytes = (0..=255).step_by(8).collect();
        [b"one file, ".repeat(30), bytes, b"one file; ".repeat(3)].concat()
    }

    #[test]
    fn what_liblzma_made_is_inflated() {
        let mut output = vec![0; plain().len()];
        assert_eq!(decode(&packed(), &mut output), Some(()));
        assert_eq!(output, plain());
    }

    /// None of them makes it leave the room that it has, take long, or come out as what it was.
    #[test]
    fn anything_else_ends() {
        let (packed, plain) = (packed(), plain());
        // What stands behind the last byte of output: the mark of the end, and the rest of the coder.
        let told = packed.len() - 12;
        let inflate = |bytes: &[u8]| {
            let mut output = vec![0; plain.len()];
            decode(bytes, &mut output).map(|()| output)
        };
        for length in 0..told {
            assert_ne!(inflate(&packed[..length]), Some(plain.clone()), "{length} bytes");
        }
        let mut seed = 7_u64;
        for turn in 0..20_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut bytes = packed.clone();
            let at = (seed >> 33) as usize % told;
            bytes[at] ^= 1 << (seed >> 60 & 7);
            let rest = if turn % 2 == 0 { at } else { bytes.len() };
            for byte in &mut bytes[rest..] {
                *byte = byte.wrapping_mul(29).wrapping_add(turn as u8);
            }
            assert_ne!(inflate(&bytes), Some(plain.clone()), "byte {at}");
        }
    }
}
