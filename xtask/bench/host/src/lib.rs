//! `linktab_prepare()` and `linktab_install()`, for a host in C.

pub use linktab_finder::{linktab_error, linktab_install, linktab_prepare};
