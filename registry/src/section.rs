//! The section of this executable: all records that the linker laid side by side.
//!
//! linkme declares the slice; this file adds the locator note that finds the section in files
//! whose section headers were removed, and the anchor, which stays where it is when tools move that
//! note. The C header and the verifier know the same section by the literals of
//! [`crate::layout::section`].

use linkme::distributed_slice;

use crate::record::Record;

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "macos",
    target_os = "ios",
    target_os = "windows",
)))]
compile_error!(
    "linktab supports Linux, Android, FreeBSD, macOS, iOS and Windows targets; on others the \
     table would be silently empty"
);

/// Every record of this executable, in the linker's order.
#[distributed_slice]
pub static LINKTAB: [Record];

/// All records of the image that holds this code.
pub fn records() -> &'static [Record] {
    locator::keep();
    LINKTAB.static_slice()
}

#[cfg(all(any(target_os = "linux", target_os = "android", target_os = "freebsd"), not(miri)))]
mod locator {
    use core::arch::global_asm;

    // An ELF note: sizes of owner and descriptor, type, owner padded to four bytes, descriptor
    // (gABI, "Note Section"). The two distances are link-time constants, so that they need no
    // relocation at run time and survive everything that the loader does. The anchor holds the same
    // two behind its signature (`layout::anchor`).
    macro_rules! locator {
        ($word:literal, $descriptor:literal) => {
            global_asm!(
                ".pushsection .note.linktab, \"a\", %note",
                ".balign 4",
                ".hidden __linktab_locator",
                ".globl __linktab_locator",
                "__linktab_locator:",
                concat!(".long 8, ", $descriptor, ", 1"),
                ".asciz \"linktab\"",
                ".long 1, 64",
                concat!($word, " __start_linkme_LINKTAB - ."),
                concat!($word, " __stop_linkme_LINKTAB - ."),
                ".popsection",
                ".pushsection .data.linktab, \"aw\", %progbits",
                ".balign 8",
                ".hidden __linktab_anchor",
                ".globl __linktab_anchor",
                "__linktab_anchor:",
                ".byte 0x89, 0x6c, 0x69, 0x6e, 0x6b, 0x74, 0x61, 0x62",
                ".byte 0x0d, 0x0a, 0x1a, 0x0a, 0xf4, 0x6e, 0x2b, 0xc1",
                ".long 1, 64",
                concat!($word, " __start_linkme_LINKTAB - ."),
                concat!($word, " __stop_linkme_LINKTAB - ."),
                ".popsection",
            );
        };
    }

    #[cfg(target_pointer_width = "64")]
    locator!(".quad", "24");

    #[cfg(target_pointer_width = "32")]
    locator!(".long", "16");

    unsafe extern "C" {
        static __linktab_locator: u8;
        static __linktab_anchor: u8;
    }

    /// Refers to note and anchor, so that whoever walks the table pulls them into the link.
    pub fn keep() {
        core::hint::black_box([&raw const __linktab_locator, &raw const __linktab_anchor]);
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd", miri)))]
mod locator {
    use core::sync::atomic::AtomicU32;

    use crate::layout::{RECORD_SIZE, anchor};

    #[repr(C)]
    struct Anchor {
        signature: [u8; 16],
        // What can be written is not among the constants, where tools have the signature too.
        version: AtomicU32,
        record_size: u32,
    }

    // Only ELF has the note: Mach-O and PE cannot lose their section headers. The name, in the symbol
    // table, and in a stripped file the signature tell there that somebody walks a table, which the
    // linker may have emptied.
    #[unsafe(export_name = "__linktab_locator")]
    static LOCATOR: Anchor = Anchor {
        signature: anchor::SIGNATURE,
        version: AtomicU32::new(anchor::VERSION),
        record_size: RECORD_SIZE as u32,
    };

    /// Refers to the anchor, so that it is in the link exactly when the table is walked.
    pub fn keep() {
        core::hint::black_box(&raw const LOCATOR);
    }
}

#[cfg(miri)]
mod locator {
    pub fn keep() {}
}

#[cfg(test)]
mod tests {
    use std::hash::{DefaultHasher, Hash, Hasher};

    use crate::layout::section;

    /// linkme's rule: a hash of the identifier, as eight letters and digits. The ELF name is held
    /// against real executables by the link matrix.
    #[test]
    fn the_mach_o_name_is_the_one_that_linkme_derives() {
        let mut hasher = DefaultHasher::new();
        "LINKTAB".hash(&mut hasher);
        let mut rest = hasher.finish();
        let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let mut name = String::from("__linkme");
        for _ in 0..8 {
            name.push(char::from(letters[(rest % 62) as usize]));
            rest /= 62;
        }
        assert_eq!(section::MACH_O, name);
    }
}
