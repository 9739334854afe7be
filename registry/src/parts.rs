//! A pointer and a length out of a record in, the text or the bytes that they lead to out.

/// # Safety
///
/// `address` and `len` are the parts of a `&'static str`, or `len` is 0.
pub unsafe fn text(address: *const u8, len: u32) -> &'static str {
    if len == 0 {
        return "";
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { core::slice::from_raw_parts(address, len as usize) };
    // SAFETY: the caller's promise.
    unsafe { core::str::from_utf8_unchecked(bytes) }
}

/// The bytes that a record points to, or `None` when the pointer or the length cannot be right.
///
/// # Safety
///
/// A pointer that is not null leads to `len` immutable bytes that live for ever.
pub unsafe fn bytes(address: *const u8, len: u32, limit: usize) -> Option<&'static [u8]> {
    match len as usize {
        0 => Some(&[]),
        len if address.is_null() || len > limit => None,
        // SAFETY: the caller's promise, and the pointer is not null.
        len => Some(unsafe { core::slice::from_raw_parts(address, len) }),
    }
}
