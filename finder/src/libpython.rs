//! What of a static libpython only shared extensions of the standard library refer to.
//!
//! A linker takes from an archive the members that somebody refers to. CPython's own executable holds
//! all of libpython; in others, an extension module of the standard library that is a file
//! (`lib-dynload`) may look for a function in vain. Of everything that those modules refer to, one
//! member is in nobody's way but theirs: Python/interpconfig.c, for `_interpreters` (3.13 and later),
//! which `concurrent.interpreters` is made of.

/// Called where it cannot be left out, so that the linker takes the members too.
#[cfg(all(Py_3_13, linktab_static_libpython))]
pub fn keep() {
    unsafe extern "C" {
        // Include/internal/pycore_interp_structs.h and before; never called from here.
        fn _PyInterpreterConfig_UpdateFromDict();
    }
    core::hint::black_box(_PyInterpreterConfig_UpdateFromDict as unsafe extern "C" fn());
}

/// A shared libpython is whole, and before 3.13 nothing is missing.
#[cfg(not(all(Py_3_13, linktab_static_libpython)))]
pub fn keep() {}
