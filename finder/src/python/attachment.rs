//! The zip archive behind this executable, if `linktab pack` put one there: the executable's own file in,
//! its bytes and its name out.
//!
//! Looks at the end of the file only. What is in the archive, `zipimport` reads; how it gets at the bytes
//! is `code_file.rs`. An archive that somebody else appended for purposes of their own has another
//! comment, and is left alone.

use std::env;
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::OnceLock;

/// The comment by which an archive says that it is the program's Python code (`linktab pack` writes it).
const COMMENT: &[u8] = b"linktab: Python code of this executable";
/// "End of central directory record" without its comment (APPNOTE.TXT, 4.3.16).
const END: usize = 22;

/// An executable with an archive behind it, in memory.
pub struct Attachment {
    /// The executable, as an entry of `sys.path`.
    pub path: PathBuf,
    /// The whole file, so that offsets are those in the file. Only what is read is loaded.
    pub bytes: &'static [u8],
}

/// Looks once: the answer cannot change while the program runs.
pub fn find() -> Option<&'static Attachment> {
    static FOUND: OnceLock<Option<Attachment>> = OnceLock::new();
    FOUND.get_or_init(look).as_ref()
}

fn look() -> Option<Attachment> {
    let path = own_path()?;
    let file = File::open(&path).ok()?;
    let len = usize::try_from(file.metadata().ok()?.len()).ok()?;
    let mut end = [0; END + COMMENT.len()];
    let start = len.checked_sub(end.len())?;
    file.read_exact_at(&mut end, start as u64).ok()?;
    if !is_ours(&end) {
        return None;
    }
    let bytes = map(&file, len)?;
    Some(Attachment { path, bytes })
}

/// Whether a file with these last bytes has an archive of ours at its end.
fn is_ours(end: &[u8; END + COMMENT.len()]) -> bool {
    let len = u16::from_le_bytes([end[END - 2], end[END - 1]]);
    end.starts_with(b"PK\x05\x06") && usize::from(len) == COMMENT.len() && end.ends_with(COMMENT)
}

/// Where the running program is. Without `/proc`, the kernel has told what it was started as
/// (getauxval(3), `AT_EXECFN`).
fn own_path() -> Option<PathBuf> {
    env::current_exe().ok().or_else(|| started_as()?.canonicalize().ok())
}

#[cfg(target_os = "linux")]
fn started_as() -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt as _;
    // SAFETY: asks for a number.
    let name = unsafe { libc::getauxval(libc::AT_EXECFN) } as *const libc::c_char;
    if name.is_null() {
        return None;
    }
    // SAFETY: the kernel put a terminated string there, which stays for the life of the process.
    let name = unsafe { CStr::from_ptr(name) };
    Some(Path::new(OsStr::from_bytes(name.to_bytes())).to_owned())
}

#[cfg(not(target_os = "linux"))]
fn started_as() -> Option<PathBuf> {
    None::<&Path>.map(Path::to_owned)
}

/// The file in memory, for the rest of the process.
fn map(file: &File, len: usize) -> Option<&'static [u8]> {
    // SAFETY: a new, private, read-only mapping of an open file, where the kernel wants it.
    let start =
        unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: `len` bytes that nobody unmaps. The file is the running program's: the kernel lets nobody
    // write to it (ETXTBSY), and who shortens it takes away the program's code too.
    Some(unsafe { std::slice::from_raw_parts(start.cast(), len) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_archive_with_our_comment_at_the_very_end_is_ours() {
        let end = |signature: &[u8], comment: &[u8]| {
            let mut bytes = [0; END + COMMENT.len()];
            bytes[..4].copy_from_slice(signature);
            bytes[END - 2..END].copy_from_slice(&(comment.len() as u16).to_le_bytes());
            bytes[END..][..comment.len()].copy_from_slice(comment);
            bytes
        };
        assert!(is_ours(&end(b"PK\x05\x06", COMMENT)));
        assert!(!is_ours(&end(b"PK\x05\x05", COMMENT)));
        assert!(!is_ours(&end(b"PK\x05\x06", &COMMENT[1..])));
        assert!(!is_ours(&end(b"PK\x05\x06", b"somebody else's")));
    }
}
