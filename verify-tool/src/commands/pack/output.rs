//! The file that is written: beside the one that is wanted, and renamed when it is whole. Nothing is left of
//! it otherwise. Knows where the archive and the mark go, and not what is in the archive.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use linktab::layout::mark;

use super::super::Stop;
use super::without_settings;
use crate::bytes::compressed::head;
use crate::plain;

/// How often a program that is open for writing is tried.
const BUSY: u32 = 100;

/// What a mark tells of the archive that was put behind an executable.
pub struct Archive {
    length: u64,
    /// Of its directory, and of what follows it.
    sum: u32,
}

/// A copy of the executable that is being packed.
pub struct Part {
    path: PathBuf,
    wanted: PathBuf,
    /// Bytes of the executable alone.
    start: u64,
    /// Where the head is of an executable that was compressed.
    head: Option<u64>,
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already, where all went well.
        let _ = fs::remove_file(&self.path);
    }
}

impl Part {
    /// Copies the executable to where it can be renamed to what is wanted.
    pub fn beside(wanted: &Path, executable: &Path) -> Result<Part, Stop> {
        let shown = plain::path(wanted);
        let refuse = |why: String| Stop::Usage(format!("{shown}: {why}"));
        let Some(name) = wanted.file_name() else {
            return Err(refuse("expected the name of a file to write".to_owned()));
        };
        let folder = wanted.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(refuse(format!("the folder {} is not there", plain::path(folder))));
        }
        match wanted.metadata() {
            Ok(found) if !found.is_file() => {
                return Err(refuse("expected a file to write, found something else of that name".to_owned()));
            }
            Ok(_) if wanted.canonicalize().is_ok_and(|wanted| wanted == executable) => {
                return Err(refuse("would replace the executable: give another name".to_owned()));
            }
            _ => {}
        }
        let mut part = std::ffi::OsString::from(".");
        part.push(name);
        part.push(format!(".{}.part", std::process::id()));
        let path = folder.join(part);
        let copied = copy(executable, &path).map_err(|error| refuse(error.to_string()));
        copied.map(|start| Part { path, wanted: wanted.to_owned(), start, head: None })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the executable alone.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// To be called when the copy was changed, before anything is put behind it.
    pub fn measure(&mut self) -> io::Result<()> {
        self.path.metadata().map(|metadata| self.start = metadata.len())
    }

    /// Puts something in place of the copy and of all that is behind it, but for a range, which follows; the head in it, where
    /// the mark is from now on, is at an offset.
    pub fn replace(&mut self, front: &[u8], rest: Range<u64>, head: u64) -> io::Result<()> {
        let mut old = File::open(&self.path)?;
        // It stays while it is open.
        fs::remove_file(&self.path)?;
        let mut new = OpenOptions::new().write(true).create_new(true).open(&self.path)?;
        new.set_permissions(old.metadata()?.permissions())?;
        new.write_all(front)?;
        old.seek(SeekFrom::Start(rest.start))?;
        io::copy(&mut old.take(rest.end.saturating_sub(rest.start)), &mut new)?;
        self.head = Some(head);
        Ok(())
    }

    /// The archive behind the executable, as the mark tells of it.
    pub fn archive(&self) -> Result<Archive, Stop> {
        let archive = || {
            let mut file = File::open(&self.path)?;
            let size = file.metadata()?.len();
            archive(&mut file, self.start, size)
        };
        archive().map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &io::Error) -> Stop {
        Stop::Usage(format!("{}: {error}", plain::path(&self.wanted)))
    }

    /// Whether the program goes on when it is told, by the mark at this place in it, of an archive that is not
    /// there. `linktab_finder::main()` does not: another main function is in charge, as in a host in C that links
    /// all of a static library.
    pub fn goes_on_without(&self, at: u64) -> io::Result<bool> {
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        file.seek(SeekFrom::Start(at + mark::STATE as u64))?;
        file.write_all(&mark::PACKED.to_ne_bytes())?;
        file.write_all(&1_u64.to_ne_bytes())?;
        drop(file);
        let mut program = Command::new(&self.path);
        without_settings(&mut program);
        program.args(["-S", "-B", "-c", "pass"]);
        program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        for _ in 0..BUSY {
            match program.status() {
                // A process that was forked meanwhile has it open until it runs its own program.
                Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                    thread::sleep(Duration::from_millis(10));
                }
                // What cannot be started here may be for another machine.
                ended => return Ok(ended.is_ok_and(|status| status.success())),
            }
        }
        Ok(false)
    }

    /// Marks the executable as packed, by the mark at this place in it, and gives the file its name; returns its size.
    pub fn finish(self, at: u64, archive: &Archive, options: u32) -> Result<u64, Stop> {
        let finish = || {
            let mut file = OpenOptions::new().read(true).write(true).open(&self.path)?;
            let size = file.metadata()?.len();
            file.seek(SeekFrom::Start(at + mark::STATE as u64))?;
            file.write_all(&mark::PACKED.to_ne_bytes())?;
            file.write_all(&archive.length.to_ne_bytes())?;
            file.write_all(&archive.sum.to_ne_bytes())?;
            let compressed = if self.head.is_some() { mark::COMPRESSED } else { 0 };
            file.write_all(&(options | compressed).to_ne_bytes())?;
            if let Some(head) = self.head {
                seal(&mut file, head)?;
            }
            // Else a crash of the machine may leave the name without the bytes.
            file.sync_all()?;
            fs::rename(&self.path, &self.wanted).map(|()| size)
        };
        finish().map_err(|error: io::Error| self.failed(&error))
    }
}

/// Sums a stub and its head up, whose fields are as they stay.
fn seal(file: &mut File, at: u64) -> io::Result<()> {
    let mut bytes = vec![0; at as usize + head::OWN_SUM];
    file.rewind()?;
    file.read_exact(&mut bytes)?;
    file.write_all(&head::sum(&bytes).to_le_bytes())
}

/// A copy that nobody else has open, with the rights of the original and of its owner to write.
fn copy(from: &Path, to: &Path) -> io::Result<u64> {
    let mut source = File::open(from)?;
    let mut copy = OpenOptions::new().write(true).create_new(true).open(to)?;
    let copied = io::copy(&mut source, &mut copy).and_then(|size| {
        let mut rights = source.metadata()?.permissions();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            rights.set_mode(rights.mode() & 0o777 | 0o700);
        }
        #[cfg(not(unix))]
        rights.set_readonly(false);
        fs::set_permissions(to, rights)?;
        Ok(size)
    });
    if copied.is_err() {
        let _ = fs::remove_file(to);
    }
    copied
}

/// Bytes of the "end of central directory record" without its comment (APPNOTE.TXT, 4.3.16).
const END: usize = 22;

fn archive(file: &mut File, start: u64, size: u64) -> io::Result<Archive> {
    let is_no_archive = || io::Error::other("no archive was put behind the executable");
    let mut end = [0; END + mark::COMMENT.len()];
    let length = size.checked_sub(start).filter(|&length| length >= end.len() as u64);
    let length = length.ok_or_else(is_no_archive)?;
    file.seek(SeekFrom::Start(size - end.len() as u64))?;
    file.read_exact(&mut end)?;
    let [.., a, b, c, d, _, _, _, _, _, _] = *end.first_chunk::<END>().ok_or_else(is_no_archive)?;
    let directory = u64::from(u32::from_le_bytes([a, b, c, d]));
    let rest = directory + end.len() as u64;
    if !end.starts_with(b"PK\x05\x06") || !end.ends_with(mark::COMMENT) || rest > length {
        return Err(is_no_archive());
    }
    file.seek(SeekFrom::Start(size - rest))?;
    let mut bytes = Vec::new();
    file.take(rest).read_to_end(&mut bytes)?;
    Ok(Archive { length, sum: linktab::layout::crc32(&bytes) })
}
