//! The two functions for C and C++ hosts, declared in `include/linktab_embed.h`.
//!
//! A static library built from Rust keeps only what is asked for: link it with `--whole-archive`.

use core::ffi::{c_char, c_int};
use core::ptr;
use std::cell::RefCell;
use std::ffi::CString;

use crate::error::Error;
use crate::install;

thread_local! {
    static LAST: RefCell<Option<CString>> = const { RefCell::new(None) };
}

/// C's [`prepare`](crate::prepare): 0, or -1 with the reason in `linktab_error()`.
#[unsafe(no_mangle)]
pub extern "C" fn linktab_prepare() -> c_int {
    answer(install::prepare())
}

/// C's [`install`](crate::install): 0, or -1 with the reason in `linktab_error()`.
#[unsafe(no_mangle)]
pub extern "C" fn linktab_install() -> c_int {
    answer(install::install())
}

/// Why the last of the two calls in this thread failed, or null if it did not. Lives until the next.
#[unsafe(no_mangle)]
pub extern "C" fn linktab_error() -> *const c_char {
    LAST.with_borrow(|last| last.as_deref().map_or(ptr::null(), core::ffi::CStr::as_ptr))
}

fn answer(result: Result<(), Error>) -> c_int {
    let text = result.err().map(|error| {
        // A name with a NUL in it would cut the report short.
        CString::new(error.to_string().replace('\0', "?")).unwrap_or_default()
    });
    let status = if text.is_some() { -1 } else { 0 };
    LAST.set(text);
    status
}
