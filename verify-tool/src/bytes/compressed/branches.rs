//! Machine code in, the same with its calls by the place that they lead to out, and back: what calls one function from
//! many places repeats itself then.
//!
//! Needs nothing but `core`, as `lzma.rs`. Each direction undoes the other, whatever the bytes are.

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Calls say how far it is, as the processor wants it.
    Relative,
    /// Calls say where they lead.
    Absolute,
}

/// x86: `call rel32` and `jmp rel32` (Intel SDM, volume 2, CALL and JMP). Distances that lead out of the code, of which
/// most are none, change places with those that would be taken for theirs.
pub fn x86(code: &mut [u8], way: Way) {
    let Ok(size) = i32::try_from(code.len()) else { return };
    let mut at = 0;
    while let Some([opcode, a, b, c, d, ..]) = code.get(at..).and_then(|rest| rest.first_chunk::<5>()) {
        if !matches!(opcode, 0xe8 | 0xe9) {
            at += 1;
            continue;
        }
        let (operand, here) = ([*a, *b, *c, *d], at as i32);
        let changed = match way {
            Way::Absolute => {
                let distance = i32::from_le_bytes(operand);
                let place = if (-here..size - here).contains(&distance) {
                    distance + here
                } else if (size - here..size).contains(&distance) {
                    distance - size
                } else {
                    distance
                };
                place.to_be_bytes()
            }
            Way::Relative => {
                let place = i32::from_be_bytes(operand);
                let distance = if (0..size).contains(&place) {
                    place - here
                } else if (-here..0).contains(&place) {
                    place + size
                } else {
                    place
                };
                distance.to_le_bytes()
            }
        };
        if let Some(place) = code.get_mut(at + 1..at + 5) {
            place.copy_from_slice(&changed);
        }
        at += 5;
    }
}

/// AArch64: `bl` (Arm ARM, C6.2, BL: 26 bits of a distance in words).
pub fn aarch64(code: &mut [u8], way: Way) {
    const BITS: u32 = (1 << 26) - 1;
    for (here, word) in code.chunks_exact_mut(4).enumerate() {
        let Ok(bytes) = <[u8; 4]>::try_from(&*word) else { return };
        let instruction = u32::from_le_bytes(bytes);
        if instruction & !BITS == 0x9400_0000 {
            let here = here as u32;
            let changed = match way {
                Way::Absolute => instruction.wrapping_add(here),
                Way::Relative => instruction.wrapping_sub(here),
            };
            word.copy_from_slice(&(instruction & !BITS | changed & BITS).to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of all kinds, most of which look like calls.
    fn noise() -> Vec<u8> {
        let mut seed = 7_u64;
        let mut byte = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            [0xe8, 0xe9, 0, 0xff, 0x94, 0x97, (seed >> 40) as u8, 1][(seed >> 32) as usize % 8]
        };
        (0..100_000).map(|_| byte()).collect()
    }

    #[test]
    fn each_way_undoes_the_other() {
        for filter in [x86, aarch64] {
            let code = noise();
            let mut changed = code.clone();
            filter(&mut changed, Way::Absolute);
            assert!(changed != code, "something is a call");
            filter(&mut changed, Way::Relative);
            assert!(changed == code, "all of it is as it was");
        }
    }

    #[test]
    fn calls_of_one_function_are_alike() {
        let mut code = vec![0x90; 64];
        code[8..13].copy_from_slice(&[0xe8, 27, 0, 0, 0]);
        code[24..29].copy_from_slice(&[0xe8, 11, 0, 0, 0]);
        x86(&mut code, Way::Absolute);
        assert_eq!(code[8..13], code[24..29]);
        let mut code = vec![0; 64];
        code[8..12].copy_from_slice(&0x9400_0006_u32.to_le_bytes());
        code[16..20].copy_from_slice(&0x9400_0004_u32.to_le_bytes());
        aarch64(&mut code, Way::Absolute);
        assert_eq!(code[8..12], code[16..20]);
    }
}
