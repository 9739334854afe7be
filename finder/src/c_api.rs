//! The two functions for C and C++ hosts, declared in `include/linktab_embed.h`.
//!
//! A static library built from Rust keeps only what is asked for: link it with `--whole-archive`. A shared
//! object made of it exports what the static library does, and so does a program with `-rdynamic`; where the
//! loader then binds one's calls to the other's functions, these two refuse.

use core::ffi::{c_char, c_int};
use core::ptr;
use std::cell::{Cell, RefCell};
use std::ffi::CString;

use linktab::Registry;

use crate::error::Error;
use crate::{image, install};

thread_local! {
    static LAST: RefCell<Option<CString>> = const { RefCell::new(None) };
    /// Whether that was ever set: a thread that ends has to clear it, which takes a list to be told in.
    static FAILED: Cell<bool> = const { Cell::new(false) };
}

/// C's [`prepare`](crate::prepare): 0, or -1 with the reason in `linktab_error()`.
#[unsafe(no_mangle)]
pub extern "C" fn linktab_prepare() -> c_int {
    answer(own_table().and_then(|()| install::prepare()))
}

/// C's [`install`](crate::install): 0, or -1 with the reason in `linktab_error()`.
#[unsafe(no_mangle)]
pub extern "C" fn linktab_install() -> c_int {
    answer(own_table().and_then(|()| install::install()))
}

/// Why the last of the two calls in this thread failed, or null if it did not. Lives until the next.
#[unsafe(no_mangle)]
pub extern "C" fn linktab_error() -> *const c_char {
    LAST.with_borrow(|last| last.as_deref().map_or(ptr::null(), core::ffi::CStr::as_ptr))
}

/// Whether the table that would be read is that of the file which this function is in.
fn own_table() -> Result<(), Error> {
    match image::here_and_table(Registry::global()?) {
        (Some(here), Some(table)) if here != table => {
            Err(Error::OtherTable { here: here.path().to_owned(), table: table.path().to_owned() })
        }
        _ => Ok(()),
    }
}

fn answer(result: Result<(), Error>) -> c_int {
    let text = result.err().map(|error| {
        // A name with a NUL in it would cut the report short.
        CString::new(error.to_string().replace('\0', "?")).unwrap_or_default()
    });
    let status = if text.is_some() { -1 } else { 0 };
    if status != 0 || FAILED.get() {
        FAILED.set(true);
        LAST.set(text);
    }
    status
}
