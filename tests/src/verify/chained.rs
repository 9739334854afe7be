//! A Mach-O file of ld64.lld in, the same file with its chained fixups in another format out.
//!
//! lld only writes pointer format 2 and imports without addends; Apple's linker writes the others. Bit
//! fields from dyld's `mach-o/fixup-chains.h`. Shares nothing with the reader under test.

use std::ops::Range;

/// What a file is re-encoded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// `DYLD_CHAINED_PTR_…`: 6, or one of arm64e's: 1, 9, 12.
    pub pointers: u16,
    /// Whether pointers to code are signed, as compilers for arm64e have it.
    pub signed: bool,
    /// `DYLD_CHAINED_IMPORT…`: 1, 2 (with an addend), 3 (with a wide one).
    pub imports: u32,
}

/// A pointer, whatever its encoding.
#[derive(Clone, Copy)]
enum Pointer {
    /// The address, and the byte that stands above it.
    Rebase { target: u64, high: u64 },
    /// The number of the import, and what is added to its address.
    Bind { ordinal: u64, addend: u64 },
}

struct File {
    bytes: Vec<u8>,
    /// Offsets of the load commands, by kind.
    commands: Vec<(u32, usize)>,
    /// Where the fixups are.
    fixups: Range<usize>,
}

const LC_SEGMENT_64: u32 = 0x19;
const LC_DYLD_CHAINED_FIXUPS: u32 = 0x8000_0034;

/// Re-encodes a little-endian 64-bit file with chained fixups of pointer format 2. An import that
/// nobody uses comes first, so that no pointer names import 0.
#[must_use]
pub fn reencode(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    let mut file = File::parse(bytes.to_vec());
    file.rewrite_pointers(encoding);
    let fixups = file.new_fixups(encoding);
    file.append_fixups(&fixups);
    if encoding.pointers != 6 {
        // CPU_SUBTYPE_ARM64E with its ABI version in the upper byte (mach/machine.h).
        file.put(8, 0x8000_0002, 4);
    }
    file.bytes
}

impl File {
    fn parse(bytes: Vec<u8>) -> File {
        let mut file = File { bytes, commands: Vec::new(), fixups: 0..0 };
        let mut at = 32;
        for _ in 0..file.get(16, 4) {
            file.commands.push((file.get(at, 4) as u32, at));
            at += file.get(at + 4, 4) as usize;
        }
        let command = file.command(LC_DYLD_CHAINED_FIXUPS).expect("the file has chained fixups");
        let start = file.get(command + 8, 4) as usize;
        file.fixups = start..start + file.get(command + 12, 4) as usize;
        file
    }

    fn get(&self, at: usize, size: usize) -> u64 {
        let mut word = [0; 8];
        word[..size].copy_from_slice(&self.bytes[at..at + size]);
        u64::from_le_bytes(word)
    }

    fn put(&mut self, at: usize, value: u64, size: usize) {
        self.bytes[at..at + size].copy_from_slice(&value.to_le_bytes()[..size]);
    }

    fn command(&self, kind: u32) -> Option<usize> {
        self.commands.iter().find(|(found, _)| *found == kind).map(|(_, at)| *at)
    }

    fn segments(&self) -> Vec<usize> {
        self.commands.iter().filter(|(kind, _)| *kind == LC_SEGMENT_64).map(|(_, at)| *at).collect()
    }

    fn segment(&self, name: &str) -> usize {
        let mut segments = self.segments().into_iter();
        segments
            .find(|at| self.bytes[at + 8..].starts_with(name.as_bytes()))
            .expect("a segment of every file")
    }

    /// Addresses of `__TEXT,__text`, its first section.
    fn code(&self) -> Range<u64> {
        let section = self.segment("__TEXT") + 72;
        assert!(self.bytes[section..].starts_with(b"__text\0"), "lld puts the code first");
        let start = self.get(section + 32, 8);
        start..start + self.get(section + 40, 8)
    }

    /// Goes along every chain, and writes each pointer anew.
    fn rewrite_pointers(&mut self, encoding: Encoding) {
        let starts = self.fixups.start + self.get(self.fixups.start + 4, 4) as usize;
        let segments = self.segments();
        for (index, segment) in segments.iter().enumerate().take(self.get(starts, 4) as usize) {
            let offset = self.get(starts + 4 + 4 * index, 4) as usize;
            if offset == 0 {
                continue;
            }
            let header = starts + offset;
            assert_eq!(self.get(header + 6, 2), 2, "lld writes format 2");
            self.put(header + 6, encoding.pointers.into(), 2);
            let (page_size, pages) = (self.get(header + 4, 2) as usize, self.get(header + 20, 2) as usize);
            let start = self.get(segment + 40, 8) as usize;
            for page in 0..pages {
                let first = self.get(header + 22 + 2 * page, 2) as usize;
                if first != 0xffff {
                    self.rewrite_page(start + page * page_size + first, encoding);
                }
            }
        }
    }

    fn rewrite_page(&mut self, first: usize, encoding: Encoding) {
        let mut at = first;
        loop {
            let word = self.get(at, 8);
            let distance = ((word >> 51) & 0xfff) * 4;
            let pointer = if word >> 63 == 1 {
                Pointer::Bind { ordinal: word & 0xff_ffff, addend: (word >> 24) & 0xff }
            } else {
                Pointer::Rebase { target: word & 0xf_ffff_ffff, high: (word >> 36) & 0xff }
            };
            self.put(at, self.encoded(pointer, distance, encoding), 8);
            if distance == 0 {
                return;
            }
            at += distance as usize;
        }
    }

    fn encoded(&self, pointer: Pointer, distance: u64, encoding: Encoding) -> u64 {
        let base = self.get(self.segment("__TEXT") + 24, 8);
        if encoding.pointers == 6 {
            let next = (distance / 4) << 51;
            return match pointer {
                Pointer::Rebase { target, high } => (target - base) | high << 36 | next,
                Pointer::Bind { ordinal, addend } => (ordinal + 1) | addend << 24 | next | 1 << 63,
            };
        }
        assert_eq!(distance % 8, 0, "arm64e's pointers are aligned");
        let next = (distance / 8) << 51;
        match pointer {
            // A signed pointer: key IA is 0, and so are its diversity and address diversity here.
            Pointer::Rebase { target, .. } if encoding.signed && self.code().contains(&target) => {
                (target - base) | 0x5eed << 32 | next | 1 << 63
            }
            Pointer::Rebase { target, high } => {
                let target = if encoding.pointers == 1 { target } else { target - base };
                target | high << 43 | next
            }
            Pointer::Bind { ordinal, .. } if encoding.signed => {
                (ordinal + 1) | 0x5eed << 32 | next | 1 << 62 | 1 << 63
            }
            Pointer::Bind { ordinal, addend } => (ordinal + 1) | addend << 32 | next | 1 << 62,
        }
    }

    /// The fixups with one more import, in the new format.
    fn new_fixups(&self, encoding: Encoding) -> Vec<u8> {
        let old = &self.bytes[self.fixups.clone()];
        let field = |index: usize| self.get(self.fixups.start + 4 * index, 4) as usize;
        let (imports, symbols, count) = (field(2), field(3), field(4));
        assert_eq!(field(5), 1, "lld writes imports without addends");
        let mut fixups = old[..imports].to_vec();
        // Wide imports have words of eight bytes.
        fixups.resize(fixups.len().next_multiple_of(8), 0);
        let start = fixups.len();
        let unused = (0xfe, symbols_len(&old[symbols..]) as u64, 0x1234);
        let of_import = |index: usize| {
            let word = self.get(self.fixups.start + imports + 4 * index, 4);
            (word & 0xff, word >> 9, 0)
        };
        for (library, name, addend) in std::iter::once(unused).chain((0..count).map(of_import)) {
            match encoding.imports {
                1 => fixups.extend((library as u32 | (name as u32) << 9).to_le_bytes()),
                2 => fixups.extend((library | name << 9 | addend << 32).to_le_bytes()),
                _ => {
                    // The special numbers of libraries are negative (mach-o/loader.h).
                    let library = if library > 0xf0 { library | 0xff00 } else { library };
                    fixups.extend((library | name << 32).to_le_bytes());
                    fixups.extend(addend.to_le_bytes());
                }
            }
        }
        let names = fixups.len();
        fixups.extend(&old[symbols..][..unused.1 as usize]);
        fixups.extend(b"_nobody_uses_it\0");
        for (index, value) in [(2, start), (3, names), (4, count + 1), (5, encoding.imports as usize)] {
            fixups[4 * index..4 * index + 4].copy_from_slice(&(value as u32).to_le_bytes());
        }
        fixups
    }

    /// Puts the fixups behind everything else, in a `__LINKEDIT` that is as much longer.
    fn append_fixups(&mut self, fixups: &[u8]) {
        let start = self.bytes.len().next_multiple_of(16);
        self.bytes.resize(start, 0);
        self.bytes.extend(fixups);
        let command = self.command(LC_DYLD_CHAINED_FIXUPS).expect("the file has chained fixups");
        self.put(command + 8, start as u64, 4);
        self.put(command + 12, fixups.len() as u64, 4);
        let linkedit = self.segment("__LINKEDIT");
        let size = (self.bytes.len() - self.get(linkedit + 40, 8) as usize) as u64;
        self.put(linkedit + 48, size, 8);
        self.put(linkedit + 32, size.next_multiple_of(0x4000), 8);
    }
}

/// The bytes of names without what pads them.
fn symbols_len(names: &[u8]) -> usize {
    names.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 2).min(names.len())
}
