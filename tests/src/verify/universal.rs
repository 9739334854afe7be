//! Mach-O files or archives in, one file with all of them behind a universal header out.
//!
//! For the header with 64-bit offsets, which llvm-lipo 14 cannot write, and for slices that are no
//! files of this machine.

/// One slice: `cputype` and `cpusubtype` (mach/machine.h), and its bytes.
pub type Slice<'a> = (u32, u32, &'a [u8]);

/// Slices are aligned to pages of arm64.
const ALIGN: u32 = 14;

/// The file; `wide` for offsets of 64 bits (mach-o/fat.h, `fat_arch_64`). Big-endian on every machine.
#[must_use]
pub fn universal(slices: &[Slice<'_>], wide: bool) -> Vec<u8> {
    let mut header = vec![0xca, 0xfe, 0xba, if wide { 0xbf } else { 0xbe }];
    header.extend((slices.len() as u32).to_be_bytes());
    let mut body = Vec::new();
    let page = 1 << ALIGN;
    for (cpu, subtype, bytes) in slices {
        let offset = page + body.len();
        header.extend(cpu.to_be_bytes());
        header.extend(subtype.to_be_bytes());
        for number in [offset, bytes.len()] {
            if wide {
                header.extend((number as u64).to_be_bytes());
            } else {
                header.extend((number as u32).to_be_bytes());
            }
        }
        header.extend(ALIGN.to_be_bytes());
        if wide {
            header.extend([0; 4]);
        }
        body.extend(*bytes);
        body.resize(body.len().next_multiple_of(page), 0);
    }
    header.resize(page, 0);
    header.extend(body);
    header
}
