//! Calls to the kernel of Linux, which are all that the stub has: numbers in, a number or an error out.

use core::arch::asm;

/// The numbers of calls (asm/unistd_64.h).
#[cfg(target_arch = "x86_64")]
mod number {
    pub const CLOSE: usize = 3;
    pub const LSEEK: usize = 8;
    pub const MMAP: usize = 9;
    pub const MUNMAP: usize = 11;
    pub const WRITE: usize = 1;
    pub const EXIT: usize = 231;
    pub const FCNTL: usize = 72;
    pub const FTRUNCATE: usize = 77;
    pub const PRCTL: usize = 157;
    pub const OPENAT: usize = 257;
    pub const READLINKAT: usize = 267;
    pub const MEMFD_CREATE: usize = 319;
    pub const EXECVEAT: usize = 322;
}

/// The numbers of calls (asm-generic/unistd.h).
#[cfg(target_arch = "aarch64")]
mod number {
    pub const CLOSE: usize = 57;
    pub const LSEEK: usize = 62;
    pub const MMAP: usize = 222;
    pub const MUNMAP: usize = 215;
    pub const WRITE: usize = 64;
    pub const EXIT: usize = 94;
    pub const FCNTL: usize = 25;
    pub const FTRUNCATE: usize = 46;
    pub const PRCTL: usize = 167;
    pub const OPENAT: usize = 56;
    pub const READLINKAT: usize = 78;
    pub const MEMFD_CREATE: usize = 279;
    pub const EXECVEAT: usize = 281;
}

pub const ENOENT: usize = 2;
pub const EINVAL: usize = 22;

const AT_FDCWD: usize = -100_isize as usize;
const O_CLOEXEC: usize = 0o2_000_000;
const SEEK_END: usize = 2;
const PROT_READ: usize = 1;
const PROT_WRITE: usize = 2;
const MAP_SHARED: usize = 1;
const MAP_PRIVATE: usize = 2;
const MAP_ANONYMOUS: usize = 0x20;
const F_DUPFD: usize = 0;
const PR_GET_NAME: usize = 16;
const MFD_CLOEXEC: usize = 1;
const MFD_EXEC: usize = 0x10;
const AT_EMPTY_PATH: usize = 0x1000;
/// No kernel has an error beyond (syscall(2)).
const ERRORS: isize = 4095;

pub type Result<T> = core::result::Result<T, usize>;

/// # Safety
///
/// What the kernel does with these arguments touches no memory of Rust's but what the caller lent it.
#[cfg(target_arch = "x86_64")]
unsafe fn call(number: usize, [a, b, c, d, e, f]: [usize; 6]) -> Result<usize> {
    let answer: isize;
    // SAFETY: the kernel changes these registers and no other, and no stack (syscall(2)); the rest is the caller's promise.
    unsafe {
        asm!("syscall", inlateout("rax") number as isize => answer, in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
            in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    judged(answer)
}

/// # Safety
///
/// As above.
#[cfg(target_arch = "aarch64")]
unsafe fn call(number: usize, [a, b, c, d, e, f]: [usize; 6]) -> Result<usize> {
    let answer: isize;
    // SAFETY: the kernel changes this register and no other, and no stack (syscall(2)); the rest is the caller's promise.
    unsafe {
        asm!("svc 0", in("x8") number, inlateout("x0") a as isize => answer, in("x1") b, in("x2") c, in("x3") d,
            in("x4") e, in("x5") f, options(nostack));
    }
    judged(answer)
}

fn judged(answer: isize) -> Result<usize> {
    if (-ERRORS..0).contains(&answer) { Err(answer.unsigned_abs()) } else { Ok(answer as usize) }
}

/// An open file.
#[derive(Clone, Copy)]
pub struct Descriptor(pub usize);

/// Opens a file for reading, until a program is started. The path ends with a zero.
pub fn open(path: &[u8]) -> Result<Descriptor> {
    debug_assert!(path.ends_with(&[0]));
    // SAFETY: reads a terminated string.
    unsafe { call(number::OPENAT, [AT_FDCWD, path.as_ptr() as usize, O_CLOEXEC, 0, 0, 0]) }.map(Descriptor)
}

/// Where a link leads; the path ends with a zero.
pub fn readlink<'b>(path: &[u8], buffer: &'b mut [u8]) -> Result<&'b [u8]> {
    let arguments = [AT_FDCWD, path.as_ptr() as usize, buffer.as_mut_ptr() as usize, buffer.len(), 0, 0];
    // SAFETY: reads a terminated string and fills the buffer, at most.
    let length = unsafe { call(number::READLINKAT, arguments) }?;
    buffer.get(..length).ok_or(EINVAL)
}

pub fn size(file: Descriptor) -> Result<usize> {
    // SAFETY: numbers alone.
    unsafe { call(number::LSEEK, [file.0, 0, SEEK_END, 0, 0, 0]) }
}

/// The beginning of a file, in memory for the rest of the process. Who shortens it takes the memory away, and the stub's
/// own code with it.
pub fn map(file: Descriptor, length: usize) -> Result<&'static [u8]> {
    // SAFETY: a new mapping where the kernel wants it.
    let start = unsafe { call(number::MMAP, [0, length, PROT_READ, MAP_PRIVATE, file.0, 0]) }?;
    // SAFETY: so many bytes that nobody unmaps or writes.
    Ok(unsafe { core::slice::from_raw_parts(start as *const u8, length) })
}

/// Memory of its own for the rest of the process, all zero.
pub fn words(count: usize) -> Result<&'static mut [usize]> {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS;
    let arguments = [0, count * size_of::<usize>(), PROT_READ | PROT_WRITE, flags, usize::MAX, 0];
    // SAFETY: a new mapping where the kernel wants it.
    let start = unsafe { call(number::MMAP, arguments) }?;
    // SAFETY: so many words, on pages of their own, which nobody else has.
    Ok(unsafe { core::slice::from_raw_parts_mut(start as *mut usize, count) })
}

/// A file in memory, which may be started as a program. The name ends with a zero.
pub fn file_in_memory(name: &[u8]) -> Result<Descriptor> {
    let create = |flags| {
        // SAFETY: reads a terminated string.
        unsafe { call(number::MEMFD_CREATE, [name.as_ptr() as usize, flags, 0, 0, 0, 0]) }.map(Descriptor)
    };
    // Kernels before 6.3 know no flag for it, and let all of them be started.
    create(MFD_CLOEXEC | MFD_EXEC)
        .or_else(|error| if error == EINVAL { create(MFD_CLOEXEC) } else { Err(error) })
}

/// Gives a file a length, and has somebody write all of it.
pub fn write_all(file: Descriptor, length: usize, write: impl FnOnce(&mut [u8])) -> Result<()> {
    // SAFETY: numbers alone.
    unsafe { call(number::FTRUNCATE, [file.0, length, 0, 0, 0, 0]) }?;
    let arguments = [0, length, PROT_READ | PROT_WRITE, MAP_SHARED, file.0, 0];
    // SAFETY: a new mapping where the kernel wants it.
    let start = unsafe { call(number::MMAP, arguments) }?;
    // SAFETY: so many bytes of a file that nobody else has.
    write(unsafe { core::slice::from_raw_parts_mut(start as *mut u8, length) });
    // SAFETY: the slice is gone.
    unsafe { call(number::MUNMAP, [start, length, 0, 0, 0, 0]) }.map(drop)
}

/// The same file by a number that is none of a standard stream's, and that a program that is started keeps.
pub fn handed_over(file: Descriptor) -> Result<Descriptor> {
    // SAFETY: numbers alone.
    unsafe { call(number::FCNTL, [file.0, F_DUPFD, 3, 0, 0, 0]) }.map(Descriptor)
}

/// What `ps` calls this process, terminated.
pub fn process_name() -> [u8; 16] {
    let mut name = [0; 16];
    // SAFETY: fills so many bytes (prctl(2)).
    let _ = unsafe { call(number::PRCTL, [PR_GET_NAME, name.as_mut_ptr() as usize, 0, 0, 0, 0]) };
    name
}

/// Becomes another program; returns only the error.
///
/// # Safety
///
/// Arguments and environment are lists of terminated strings, and end with a zero.
pub unsafe fn execute(file: Descriptor, arguments: *const usize, environment: *const usize) -> usize {
    let words = [file.0, c"".as_ptr() as usize, arguments as usize, environment as usize, AT_EMPTY_PATH, 0];
    // SAFETY: reads those lists, by the caller's promise.
    unsafe { call(number::EXECVEAT, words) }.err().unwrap_or_default()
}

/// Writes to the standard error, as far as that goes.
pub fn tell(text: &[u8]) {
    // SAFETY: reads the text.
    let _ = unsafe { call(number::WRITE, [2, text.as_ptr() as usize, text.len(), 0, 0, 0]) };
}

pub fn close(file: Descriptor) {
    // SAFETY: the stub's own descriptor.
    let _ = unsafe { call(number::CLOSE, [file.0, 0, 0, 0, 0, 0]) };
}

pub fn exit() -> ! {
    loop {
        // SAFETY: ends the process.
        let _ = unsafe { call(number::EXIT, [1, 0, 0, 0, 0, 0]) };
    }
}
