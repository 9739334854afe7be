//! What compilers take for granted of a C library (GCC, "Language Standards Supported by GCC": freestanding environments
//! provide `memcpy`, `memmove`, `memset` and `memcmp`). Each byte is volatile: else the loop would be made a call of itself.

/// # Safety
///
/// As of C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    for index in 0..count {
        // SAFETY: the caller's promise.
        let byte = unsafe { from.add(index).read() };
        // SAFETY: as above.
        unsafe { to.add(index).write_volatile(byte) };
    }
    to
}

/// # Safety
///
/// As of C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    if to.cast_const() <= from {
        // SAFETY: the caller's promise; what is read is never behind what is written.
        return unsafe { memcpy(to, from, count) };
    }
    for index in (0..count).rev() {
        // SAFETY: the caller's promise.
        let byte = unsafe { from.add(index).read() };
        // SAFETY: as above.
        unsafe { to.add(index).write_volatile(byte) };
    }
    to
}

/// # Safety
///
/// As of C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
    for index in 0..count {
        // SAFETY: the caller's promise.
        unsafe { to.add(index).write_volatile(byte as u8) };
    }
    to
}

/// # Safety
///
/// As of C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
    for index in 0..count {
        // SAFETY: the caller's promise.
        let a = unsafe { left.add(index).read_volatile() };
        // SAFETY: as above.
        let b = unsafe { right.add(index).read_volatile() };
        if a != b {
            return i32::from(a) - i32::from(b);
        }
    }
    0
}

/// # Safety
///
/// As of C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { memcmp(left, right, count) }
}

/// # Safety
///
/// As of C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(text: *const u8) -> usize {
    let mut length = 0;
    // SAFETY: the caller's promise: a zero ends it.
    while unsafe { text.add(length).read_volatile() } != 0 {
        length += 1;
    }
    length
}
