//! Standard streams that were closed when the program was started, and are to be so for Python.
//!
//! Before `main`, Rust's runtime opens `/dev/null` in their place (std, `sanitize_standard_fds`).
//! Python has `None` for a stream that is closed (`create_stdio`, Python/pylifecycle.c), so it has to
//! be known which ones were, from before.

#[cfg(target_os = "linux")]
use core::sync::atomic::{AtomicU8, Ordering};

/// One bit for each of the descriptors 0 to 2.
#[cfg(target_os = "linux")]
static CLOSED: AtomicU8 = AtomicU8::new(0);

#[cfg(target_os = "linux")]
before_main!(note);

#[cfg(target_os = "linux")]
extern "C" fn note() {
    for descriptor in 0..3 {
        // SAFETY: asks for flags; fails for a descriptor that is not open.
        if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } == -1 {
            CLOSED.fetch_or(1 << descriptor, Ordering::Relaxed);
        }
    }
}

/// Closes what Rust's runtime opened.
#[cfg(target_os = "linux")]
pub fn close_again() {
    let closed = CLOSED.swap(0, Ordering::Relaxed);
    for descriptor in (0..3).filter(|descriptor| closed & (1 << descriptor) != 0) {
        // SAFETY: nobody but Rust's runtime had a reason to open this descriptor.
        unsafe { libc::close(descriptor) };
    }
}

/// Elsewhere they stay what Rust's runtime made of them.
#[cfg(not(target_os = "linux"))]
pub fn close_again() {}
