//! The zip archive behind this executable, if `linktab pack` put one there: the executable's own file in,
//! its bytes and its name out; or why a program that was packed has none.
//!
//! The mark (`mark.rs`) says whether there has to be one, wherever in the file it is by now (`archive.rs`).
//! What is in it, `zipimport` reads; how that gets at the bytes is `code_file.rs`. An archive that somebody
//! else appended for purposes of their own is left alone.

use std::env;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::OnceLock;

use linktab::layout::mark::{COMPRESSED, EMPTY, PACKED};

use super::mark::Mark;
use super::{archive, mark};
#[cfg(target_os = "linux")]
use super::{handed_over, pieces};
use crate::running;

/// An executable with an archive behind it, in memory.
#[derive(Debug)]
pub struct Attachment {
    /// The executable, as an entry of `sys.path`.
    pub path: PathBuf,
    /// The file up to the archive's end, so that offsets are those in the file. Only what is read is loaded.
    pub bytes: &'static [u8],
}

impl Attachment {
    /// Whether the executable has no name that leads to it any more, or never had one (memfd_create(2)).
    pub fn is_nameless(&self) -> bool {
        self.path == Path::new(OWN)
    }
}

/// Leads to the running program's file even if that has no name (proc(5)).
const OWN: &str = "/proc/self/exe";

/// The archive; none where none has to be, or where [`require`] said why it is missing.
pub fn find() -> Option<&'static Attachment> {
    looked().as_ref().ok()?.as_ref()
}

/// Says why the program's archive cannot be used. To be called before anything runs.
pub fn require() -> Result<(), &'static str> {
    looked().as_ref().map(drop).map_err(String::as_str)
}

/// Looks once: the answer cannot change while the program runs.
fn looked() -> &'static Result<Option<Attachment>, String> {
    static LOOKED: OnceLock<Result<Option<Attachment>, String>> = OnceLock::new();
    LOOKED.get_or_init(look)
}

fn look() -> Result<Option<Attachment>, String> {
    let mark = mark::read();
    if mark.options() & COMPRESSED != 0 {
        let (bytes, path) = handed_over().map_err(|why| told(Path::new("this program"), &why))?;
        return attached(mark, path, bytes).map(Some);
    }
    let opened = open();
    if mark.state() == EMPTY {
        let Ok((file, path)) = opened else { return Ok(None) };
        return if archive::is_at_end(&file).unwrap_or(false) {
            Err(told(&path, UNMARKED))
        } else {
            Ok(None)
        };
    }
    let (file, path) = opened.map_err(|why| told(Path::new("this program"), &why))?;
    attached(mark, path, map(&file)).map(Some)
}

/// What a mark tells of, in the bytes of a file.
fn attached(mark: &Mark, path: PathBuf, bytes: io::Result<&'static [u8]>) -> Result<Attachment, String> {
    if mark.state() != PACKED {
        return Err(told(&path, "the mark that it was packed is damaged: pack it again"));
    }
    let bytes = bytes.map_err(|error| told(&path, &format!("cannot be mapped: {error}")))?;
    let end = archive::end(bytes, mark).map_err(|why| told(&path, &why))?;
    Ok(Attachment { path, bytes: bytes.get(..end).unwrap_or(bytes) })
}

const UNMARKED: &str = "has Python code behind it that another version of `linktab pack` put there, or its mark is \
                        damaged: pack it again, with the `linktab` of the version that it is built with";

fn told(path: &Path, why: &str) -> String {
    format!("linktab: {}: {why}", path.display())
}

/// The file that the running program was compressed in, as it was before, and a name that leads to it.
fn handed_over() -> Result<(io::Result<&'static [u8]>, PathBuf), String> {
    #[cfg(target_os = "linux")]
    let taken = handed_over::take().map(|handed| (pieces::join(&handed), handed.path));
    // No stub is there for other systems.
    #[cfg(not(target_os = "linux"))]
    let taken: Option<(io::Result<&'static [u8]>, Option<PathBuf>)> = None;
    let (bytes, path) = taken.ok_or(
        "was started from the memory of another process, and not from the file that it was compressed in, where its Python \
         code is: start that file",
    )?;
    let path = path.unwrap_or_else(|| PathBuf::from(OWN));
    running::set_program(&path);
    Ok((bytes, path))
}

/// The running program's file, and a name that leads to it.
fn open() -> Result<(File, PathBuf), String> {
    let refused = |path: &Path, error: io::Error| {
        let path = path.display();
        format!(
            "cannot read its own file {path}, behind which its Python code is: {error}: it has to be readable, and not \
             only executable"
        )
    };
    let named = env::current_exe();
    if let Ok(path) = &named
        && let Ok(file) = File::open(path)
        && is_own(&file)
    {
        return Ok((file, path.clone()));
    }
    match File::open(OWN) {
        Ok(file) => Ok((file, PathBuf::from(OWN))),
        // Without `/proc`.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let path = started_as().and_then(|path| path.canonicalize().ok()).ok_or(
                "cannot find its own file, behind which its Python code is: `/proc` is not mounted, and what it was \
                 started as leads nowhere: mount `/proc`, or start it by its path",
            )?;
            let file = File::open(&path).map_err(|error| refused(&path, error))?;
            Ok((file, path))
        }
        Err(error) => Err(refused(&named.unwrap_or_else(|_| PathBuf::from(OWN)), error)),
    }
}

/// Whether a file is the running program's: another may have its name by now.
fn is_own(file: &File) -> bool {
    let inode = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), std::fs::metadata(OWN)) {
        (Ok(file), Ok(own)) => inode(file) == inode(own),
        // Only Linux has it, and elsewhere the name is all that there is.
        (Ok(_), Err(_)) => !cfg!(target_os = "linux"),
        (Err(_), _) => false,
    }
}

/// What the kernel was asked to start (getauxval(3), `AT_EXECFN`).
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

/// There is no `/proc` on macOS, and the system tells the name.
#[cfg(not(target_os = "linux"))]
fn started_as() -> Option<PathBuf> {
    env::current_exe().ok()
}

/// The file in memory, for the rest of the process.
fn map(file: &File) -> io::Result<&'static [u8]> {
    let len = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    // SAFETY: a new, private, read-only mapping of an open file, where the kernel wants it.
    let start =
        unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0) };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `len` bytes that nobody unmaps. The file is the running program's: the kernel lets nobody
    // write to it (ETXTBSY), and who shortens it takes away the program's code too.
    Ok(unsafe { std::slice::from_raw_parts(start.cast(), len) })
}
