//! A program that runs from memory in, the file as it was before it was compressed out, but for the program itself: the
//! archive, whose pages are the file's, and its end, which was compressed with the program (verify-tool/stub/main.rs).

use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::ptr;

use super::handed_over::HandedOver;

/// In memory for the rest of the process, in the places that the bytes had: where the program was, there is nothing.
pub fn join(handed: &HandedOver) -> io::Result<&'static [u8]> {
    let HandedOver { file, program, tail_at, rest_at, rest, .. } = handed;
    let [start, rest_at, rest] = [*tail_at, *rest_at, *rest].map(|number| number as usize);
    let tail = program.metadata()?.len().saturating_sub(*tail_at) as usize;
    // A file that was cut off has less of it; then no archive has an end.
    let is_whole = file.metadata()?.len() >= (rest_at + rest) as u64;
    let (rest, tail) = if is_whole { (rest, tail) } else { (0, 0) };
    let (tail_at, length) = (start + rest, start + rest + tail);
    let bytes = reserve(length)?;
    if rest > 0 && !map(bytes, start, handed, rest)? {
        file.read_exact_at(bytes.get_mut(start..tail_at).unwrap_or_default(), rest_at as u64)?;
    }
    program.read_exact_at(bytes.get_mut(tail_at..).unwrap_or_default(), start as u64)?;
    // SAFETY: a mapping, and what was mapped into it; nobody writes there any more.
    let protected = unsafe { libc::mprotect(bytes.as_mut_ptr().cast(), length, libc::PROT_READ) };
    if protected == 0 { Ok(bytes) } else { Err(io::Error::last_os_error()) }
}

/// New memory, of which what nobody writes takes none.
fn reserve(length: usize) -> io::Result<&'static mut [u8]> {
    let (rights, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE);
    // SAFETY: a new mapping where the kernel wants it.
    let memory = unsafe { libc::mmap(ptr::null_mut(), length, rights, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: so many bytes, which nobody else has, and nobody unmaps.
    Ok(unsafe { std::slice::from_raw_parts_mut(memory.cast(), length) })
}

/// Puts so many bytes of the file into memory, at a place in it, without reading them; whether that goes: file and memory
/// have to have a page's beginning in common.
fn map(bytes: &mut [u8], at: usize, handed: &HandedOver, rest: usize) -> io::Result<bool> {
    // SAFETY: asks for a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
    let from = handed.rest_at as usize;
    let before = at % page;
    if before != from % page {
        return Ok(false);
    }
    let Some(place) = bytes.get_mut(at - before..at + rest) else { return Ok(false) };
    let (rights, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_FIXED);
    let offset = (from - before) as libc::off_t;
    let descriptor = handed.file.as_raw_fd();
    // SAFETY: whole pages of a mapping that nobody else has, the last of which it may share with what is read into it
    // afterwards; the copy is private. Who shortens the file takes them away, as of every program that is mapped.
    let mapped =
        unsafe { libc::mmap(place.as_mut_ptr().cast(), place.len(), rights, flags, descriptor, offset) };
    if mapped == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(true) }
}
