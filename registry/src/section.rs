//! The section of this executable: all records that the linker laid side by side.
//!
//! linkme declares the slice; this file adds the locator note that finds the section in files
//! whose section headers were removed. The C header and the verifier know the same section by the
//! literals of [`crate::layout::section`].

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
    // relocation at run time and survive everything that the loader does.
    #[cfg(target_pointer_width = "64")]
    global_asm!(
        ".pushsection .note.linktab, \"a\", %note",
        ".balign 4",
        ".hidden __linktab_locator",
        ".globl __linktab_locator",
        "__linktab_locator:",
        ".long 8, 24, 1",
        ".asciz \"linktab\"",
        ".long 1, 64",
        ".quad __start_linkme_LINKTAB - .",
        ".quad __stop_linkme_LINKTAB - .",
        ".popsection",
    );

    #[cfg(target_pointer_width = "32")]
    global_asm!(
        ".pushsection .note.linktab, \"a\", %note",
        ".balign 4",
        ".hidden __linktab_locator",
        ".globl __linktab_locator",
        "__linktab_locator:",
        ".long 8, 16, 1",
        ".asciz \"linktab\"",
        ".long 1, 64",
        ".long __start_linkme_LINKTAB - .",
        ".long __stop_linkme_LINKTAB - .",
        ".popsection",
    );

    unsafe extern "C" {
        static __linktab_locator: u8;
    }

    /// Refers to the note, so that whoever walks the table pulls it into the link.
    pub fn keep() {
        let note = &raw const __linktab_locator;
        core::hint::black_box(note);
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd", miri)))]
mod locator {
    // Only ELF has the note: Mach-O and PE cannot lose their section headers. The name alone, in the
    // symbol table, tells there that somebody walks a table, which the linker may have emptied.
    #[unsafe(export_name = "__linktab_locator")]
    static LOCATOR: u8 = 0;

    /// Refers to the name, so that it is in the link exactly when the table is walked.
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
