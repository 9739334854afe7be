//! An archive behind the executable in; the kernel is asked for what of the file a start reads.
//!
//! That is the program itself, and the end of the archive, where `linktab pack` puts it, beside the directory
//! (`verify-tool/src/commands/pack_first.py`). Each missing page would be waited for, one after the other; asked for they
//! are on their way while Python is initialised, many at a time where a server far away has them. It is a hint: what is
//! missing is read when it is touched.

use super::attachment::Attachment;
use super::directory::Directory;

/// No kernel has larger pages for files (64 KiB on arm64 and powerpc64).
const PAGE: usize = 64 << 10;

/// What Linux reads ahead of a file at most, where nobody has set another number: of a longer part it would read the
/// beginning alone (`VM_READAHEAD_PAGES`, include/linux/mm.h, and `force_page_cache_ra`, mm/readahead.c).
const STEP: usize = 128 << 10;

/// Asks for it.
pub fn ask(attachment: &Attachment) {
    let bytes = attachment.bytes;
    let Some(start) = Directory::of(attachment).and_then(|directory| directory.start_up()) else { return };
    let archive = bytes.get(start / PAGE * PAGE..).unwrap_or_default();
    let program = bytes.get(..loaded(bytes).unwrap_or(0)).unwrap_or_default();
    for part in program.chunks(STEP).chain(archive.chunks(STEP)) {
        // SAFETY: bytes of a mapping, which begins at a page and of which this is a multiple of pages away. Nothing
        // is changed, and whether it succeeds is of no matter.
        unsafe { libc::madvise(part.as_ptr().cast_mut().cast(), part.len(), libc::MADV_WILLNEED) };
    }
}

/// Where in this program's file the last of its segments ends; behind them there is only what debuggers read. Nothing
/// but in ELF files of 64 bits.
fn loaded(bytes: &[u8]) -> Option<usize> {
    const LOAD: u32 = 1;
    let short = |at: usize| Some(usize::from(u16::from_ne_bytes(*bytes.get(at..)?.first_chunk()?)));
    let long = |at: usize| usize::try_from(u64::from_ne_bytes(*bytes.get(at..)?.first_chunk()?)).ok();
    let is_load = |at: usize| Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?) == LOAD);
    // gABI, "ELF Header" and "Program Header".
    let headers = bytes.starts_with(b"\x7fELF\x02").then(|| Some((long(32)?, short(54)?, short(56)?)))??;
    let (start, size, count) = headers;
    let at = (0..count).filter_map(|index| start.checked_add(index * size));
    at.filter(|at| is_load(*at) == Some(true))
        .filter_map(|at| long(at + 8)?.checked_add(long(at + 32)?))
        .max()
}
