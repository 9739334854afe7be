//! A path in, the text of a small file out: what config, lock and response files go through. Refuses
//! what is no regular file, which might never end, and what is larger than its limit.

use std::fs::{self, File, FileType};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::Stop;
use crate::plain;

/// The text of a file, without the mark that says that it is UTF-8.
pub fn text(path: &Path, limit: u64) -> Result<String, Stop> {
    let mut text = String::new();
    open(path, limit)?.read_to_string(&mut text).map_err(|error| refusal(path, &error))?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// The text of a file, or `None` when there is none of that name.
pub fn optional_text(path: &Path, limit: u64) -> Result<Option<String>, Stop> {
    if is_absent(path) { Ok(None) } else { text(path, limit).map(Some) }
}

/// Whether there is no file of that name. What cannot be known is for [`open`] to tell.
pub fn is_absent(path: &Path) -> bool {
    matches!(path.try_exists(), Ok(false))
}

/// A file to read piece by piece.
pub fn open(path: &Path, limit: u64) -> Result<impl BufRead, Stop> {
    // Asked before it is opened: opening a pipe waits for whoever writes into it.
    let metadata = fs::metadata(path).map_err(|error| refusal(path, &error))?;
    if !metadata.is_file() {
        let kind = kind(metadata.file_type());
        return Err(Stop::Usage(format!("{}: expected a regular file, found {kind}", plain::path(path))));
    }
    if metadata.len() > limit {
        return Err(refusal(path, &too_large(limit)));
    }
    let file = File::open(path).map_err(|error| refusal(path, &error))?;
    Ok(BufReader::with_capacity(64 << 10, Capped { file, limit, left: limit }))
}

/// A file that may hold more than it says: it grows, or the system makes it up.
struct Capped {
    file: File,
    limit: u64,
    left: u64,
}

impl Read for Capped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| too_large(self.limit))?;
        Ok(count)
    }
}

fn too_large(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("expected at most {limit} bytes, found more"))
}

fn refusal(path: &Path, error: &io::Error) -> Stop {
    Stop::Usage(format!("{}: {error}", plain::path(path)))
}

fn kind(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
    }
    if kind.is_dir() { "a directory" } else { "a device" }
}
