//! A stream in, a store that can be read anywhere out. A pipe may never end, and a device does not:
//! what does not begin as a file that the next stage reads is left alone at once, and what is long goes
//! to a file without a name, because reports of a million records leave no room for it in memory.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use super::store::Store;
use crate::error::{Error, Kind};

/// Bytes that tell a format.
const START: u64 = 64;

/// Bytes of a stream that are held in memory.
const HELD: u64 = 16 << 20;

/// Reads a stream to its end, unless its first bytes say that nobody needs the rest.
pub fn drain(mut stream: impl Read, limit: u64, is_known: fn(&[u8]) -> bool) -> Result<(Store, u64), Error> {
    let mut bytes = Vec::new();
    stream.by_ref().take(START).read_to_end(&mut bytes)?;
    if !is_known(&bytes) {
        return Err(Error::new(Kind::UnknownFormat));
    }
    let too_many = || Error::limit("bytes in a stream", limit);
    stream.by_ref().take(HELD).read_to_end(&mut bytes)?;
    let len = bytes.len() as u64;
    if len <= HELD {
        return if len > limit { Err(too_many()) } else { Ok((Store::Memory(bytes), len)) };
    }
    let mut file = nameless()?;
    file.write_all(&bytes)?;
    let rest = limit.saturating_sub(len).saturating_add(1);
    let len = len + io::copy(&mut stream.take(rest), &mut file)?;
    file.rewind()?;
    if len > limit { Err(too_many()) } else { Ok((Store::File(file), len)) }
}

/// A file that is gone when it is closed, or when the system lets nobody remove what is open, when
/// the system cleans up.
fn nameless() -> io::Result<File> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("linktab-{}-{count}", process::id()));
        match options.open(&path) {
            Ok(file) => {
                let _ = fs::remove_file(&path);
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HELD, drain};
    use crate::bytes::store::Store;
    use std::io::{Read, repeat};

    fn read(len: u64, limit: u64) -> Result<(bool, u64), String> {
        let drained = drain(repeat(7).take(len), limit, |start| start.first() == Some(&7));
        let (store, len) = drained.map_err(|error| error.to_string())?;
        let mut last = [0];
        store.read_exact_at(len - 1, &mut last).expect("within the stream");
        assert_eq!(last, [7]);
        Ok((matches!(store, Store::File(_)), len))
    }

    #[test]
    fn short_streams_stay_in_memory_and_long_ones_do_not() {
        assert_eq!(read(100, 1 << 30), Ok((false, 100)));
        assert_eq!(read(HELD, 1 << 30), Ok((false, HELD)));
        assert_eq!(read(2 * HELD, 2 * HELD), Ok((true, 2 * HELD)));
        let too_many = |limit: u64| Err(format!("limit exceeded: more than {limit} bytes in a stream"));
        assert_eq!(read(100, 99), too_many(99));
        assert_eq!(read(2 * HELD + 1, 2 * HELD), too_many(2 * HELD));
    }

    #[test]
    fn a_stream_without_end_is_left_alone() {
        assert!(drain(repeat(0), u64::MAX, |start| start.first() == Some(&7)).is_err());
    }
}
