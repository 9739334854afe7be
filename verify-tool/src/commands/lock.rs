//! `linktab lock`: pins the modules of a binary for review.

use std::fs;
use std::io::{self, BufRead, BufWriter, Write};
use std::path::Path;
use std::process;

use super::args::Lock as Args;
use super::changes::{Changes, Described};
use super::streams::Notes;
use super::{Ended, Exit, Stop, files, linked};
use crate::plain;
use crate::{Limits, Lock, LockedModule};

pub fn run(args: &Args, notes: &mut Notes<'_>) -> Ended {
    let outcome = linked::read(&args.binary, &Limits::default());
    outcome.errors.iter().for_each(|error| notes.error(error));
    let defects: usize = outcome.inventories.iter().map(|inventory| inventory.defects.len()).sum();
    if defects > 0 {
        notes.line(&format!("error[LT008]: {}: run `linktab check` first", args.binary.display()));
    }
    if !outcome.errors.is_empty() || defects > 0 {
        return Ok(Exit::Unreadable);
    }
    let lock = Lock::of(&outcome.inventories)
        .map_err(|error| Stop::Usage(format!("{}: {error} for a lock", plain::path(&args.binary))))?;
    drop(outcome);
    let path = plain::path(&args.lock);
    let is_there = !files::is_absent(&args.lock);
    if is_there && is_fresh(&lock, &args.lock)? {
        return Ok(Exit::Clean);
    }
    if args.check {
        let before = if is_there { read(&args.lock)? } else { Lock::default() };
        let state = if is_there { "is stale" } else { "does not exist" };
        notes.line(&format!("error: {path} {state}: run `linktab lock {}`", args.binary.display()));
        differences(&before, &lock, notes);
        return Ok(Exit::Findings);
    }
    write(&lock, &args.lock).map_err(|error| Stop::Usage(format!("{path}: {error}")))?;
    notes.line(&format!("{path}: {} modules locked", lock.modules().len()));
    Ok(Exit::Clean)
}

fn read(path: &Path) -> Result<Lock, Stop> {
    let mut file = files::open(path, Limits::default().lock)?;
    Lock::read(&plain::path(path), &mut file).map_err(Stop::Usage)
}

/// Whether the file is what would be written.
fn is_fresh(lock: &Lock, path: &Path) -> Result<bool, Stop> {
    let mut same = Same { file: files::open(path, Limits::default().lock)? };
    match lock.write(&mut same) {
        Ok(()) => Ok(same.file.fill_buf().is_ok_and(<[u8]>::is_empty)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(false),
        Err(error) => Err(Stop::Usage(format!("{}: {error}", plain::path(path)))),
    }
}

/// Takes what the file holds, and refuses everything else as invalid data. Git may have given the file
/// other line ends.
struct Same<F> {
    file: F,
}

impl<F: BufRead> Write for Same<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let held = self.file.fill_buf()?;
        let len = bytes.len().min(held.len());
        let same = if bytes.get(..len) == held.get(..len) {
            len
        } else {
            bytes.iter().zip(held).take_while(|(a, b)| a == b).count()
        };
        if same > 0 {
            self.file.consume(same);
            return Ok(same);
        }
        if bytes.first() == Some(&b'\n') && held.first() == Some(&b'\r') {
            self.file.consume(1);
            if self.file.fill_buf()?.first() == Some(&b'\n') {
                self.file.consume(1);
                return Ok(1);
            }
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the file beside its place first: half a lock would be a lock of fewer modules.
fn write(lock: &Lock, path: &Path) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", process::id()));
    let beside = path.with_file_name(name);
    let written = fs::File::create(&beside).and_then(|file| {
        let mut file = BufWriter::new(file);
        lock.write(&mut file)?;
        file.flush()?;
        if let Ok(before) = fs::metadata(&path) {
            fs::set_permissions(&beside, before.permissions())?;
        }
        fs::rename(&beside, &path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// What a reviewer would see in the file, in the signs of `linktab diff`.
fn differences(before: &Lock, after: &Lock, notes: &mut Notes<'_>) {
    if before.architectures != after.architectures {
        let all = |lock: &Lock| match &*lock.architectures {
            [] => "one".to_owned(),
            all => all.join(", "),
        };
        notes.line(&format!("~ architectures ({}) -> ({})", all(before), all(after)));
    }
    for change in Changes::between(before.modules(), after.modules()) {
        notes.line(&change.to_string());
    }
}

impl Described for LockedModule<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn describe(&self) -> String {
        let mut words = vec![self.phase.to_string()];
        if self.package {
            words.push("package".to_owned());
        }
        if !self.registered_by.is_empty() {
            words.push(self.registered_by.to_owned());
        }
        if !self.architectures.is_empty() {
            words.push(self.architectures.join(" and "));
        }
        words.join(", ")
    }
}
