//! What the stub tells a program that is compressed in its file (verify-tool/stub/main.rs): an environment variable in, the
//! file it came from out, and no trace of either left.
//!
//! The variable and the descriptor are of the same process image: whoever sets the variable for another program has told
//! it nothing, for only a program whose mark says that it is compressed asks.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::os::fd::FromRawFd as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Mutex;

use linktab::layout::mark::{COMPRESSED, VARIABLE};

use super::mark;

/// What was in the variable, until somebody asks.
static TOLD: Mutex<Option<OsString>> = Mutex::new(None);

before_main!(note);

/// Before anybody copies the environment, or lists what is open.
extern "C" fn note() {
    if mark::read().options() & COMPRESSED == 0 {
        return;
    }
    let Some(told) = env::var_os(VARIABLE) else { return };
    // SAFETY: before `main` there is no other thread.
    unsafe { env::remove_var(VARIABLE) };
    if let Some(name) = told.as_bytes().split(|byte| *byte == b'/').nth(NUMBERS) {
        rename_process(name);
    }
    if let Ok(mut place) = TOLD.lock() {
        *place = Some(told);
    }
}

/// `ps` shows the number of a descriptor otherwise, from which the kernel was asked to start this program.
fn rename_process(name: &[u8]) {
    let mut terminated = [0; 16];
    terminated.iter_mut().zip(name.iter().take(15)).for_each(|(place, byte)| *place = *byte);
    // SAFETY: reads a terminated string of 16 bytes (prctl(2), `PR_SET_NAME`).
    unsafe { libc::prctl(libc::PR_SET_NAME, terminated.as_ptr()) };
}

/// How many stand before the name.
const NUMBERS: usize = 5;

/// Where a program is that runs from memory.
pub struct HandedOver {
    /// Where it is compressed.
    pub file: File,
    /// Leads to that file, if anything does.
    pub path: Option<PathBuf>,
    /// The program as it runs, and behind it the end of the archive.
    pub program: File,
    /// Where that end begins.
    pub tail_at: u64,
    /// Where in `file` the rest of the archive begins.
    pub rest_at: u64,
    /// How long that is.
    pub rest: u64,
}

/// What the stub told, once.
pub fn take() -> Option<HandedOver> {
    let told = TOLD.lock().ok()?.take()?.into_vec();
    let mut parts = told.splitn(NUMBERS + 2, |byte| *byte == b'/');
    let mut number = || str::from_utf8(parts.next()?).ok()?.parse::<u64>().ok();
    let [file, program, tail_at, rest_at, rest] = [number()?, number()?, number()?, number()?, number()?];
    let path = parts.nth(1)?;
    let (file, program) = (opened(file)?, opened(program)?);
    let found = PathBuf::from(OsString::from_vec(path.to_vec())).canonicalize().ok();
    let inode = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    let own = file.metadata().ok().map(inode)?;
    // Another file may have its name by now, or none.
    let path = found.filter(|path| path.metadata().ok().map(inode) == Some(own));
    Some(HandedOver { file, path, program, tail_at, rest_at, rest })
}

/// A file that the stub has left open.
fn opened(descriptor: u64) -> Option<File> {
    let descriptor = descriptor.try_into().ok()?;
    // SAFETY: asks for flags; fails for a descriptor that is not open.
    if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } == -1 {
        return None;
    }
    // SAFETY: open, and the stub left it to this program alone.
    Some(unsafe { File::from_raw_fd(descriptor) })
}
