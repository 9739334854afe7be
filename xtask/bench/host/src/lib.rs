//! `linktab_prepare()` and `linktab_install()`, for a host in C; and a `python` as `main` has it.

use core::ffi::c_int;
use std::process::ExitCode;

pub use linktab_finder::{linktab_error, linktab_install, linktab_prepare};

/// [`linktab_finder::main()`], for a `main` in C: 0 or 1.
#[unsafe(no_mangle)]
pub extern "C" fn linktab_bench_python() -> c_int {
    c_int::from(linktab_finder::main() != ExitCode::SUCCESS)
}
