//! Requirements in, a folder of installed wheels out: pip resolves and downloads them, run by the very CPython that
//! they are for, so that versions, markers and platforms are those of the executable. Builds nothing, and knows
//! nothing of archives.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::Stop;
use super::super::streams::Notes;
use super::args::Pack;
use super::without_settings;
use crate::plain;

/// A folder that goes when it is dropped.
pub struct Wheels(PathBuf);

impl Drop for Wheels {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Wheels {
    /// What `--with` and `-r` name, installed; nothing where neither was given.
    pub fn install(pack: &Pack, executable: &Path, notes: &mut Notes<'_>) -> Result<Option<Wheels>, Stop> {
        if pack.with.is_empty() && pack.requirement.is_empty() {
            return Ok(None);
        }
        if let Some(option) = pack.with.iter().find(|with| with.starts_with('-')) {
            let option = plain::plain(option);
            return Err(Stop::Usage(format!("--with {option}: expected a requirement such as `numpy==2.1`")));
        }
        let pip = Pip::find().ok_or_else(|| {
            Stop::Usage(
                "--with and -r need pip, and neither `pip` nor `python3 -m pip` starts: install it"
                    .to_owned(),
            )
        })?;
        let folder = std::env::temp_dir().join(format!("linktab-pack-{}", std::process::id()));
        let wheels = Wheels::make(folder)?;
        let run = |pip: &Path| {
            let mut command = Command::new(executable);
            without_settings(&mut command);
            command.arg(pip).args(["install", "--target"]).arg(&wheels.0).args(OPTIONS);
            for file in &pack.requirement {
                command.arg("--requirement").arg(file);
            }
            let ran = command.arg("--").args(&pack.with).stdin(Stdio::null()).output();
            ran.map_err(|error| Stop::Usage(format!("cannot start {}: {error}", plain::path(executable))))
        };
        let mut ran = run(&pip.folder)?;
        if ran.status.code() == Some(BROKEN) {
            // It may be older than the Python inside. Another one can be had where there is an index.
            let newer = Wheels::make(wheels.0.with_extension("pip"))?;
            if pip.fetch(&newer.0) {
                notes.line("note: the `pip` at hand does not run on this executable's Python: its newest version does it");
                ran = run(&newer.0.join("pip"))?;
            }
        }
        if ran.status.code() == Some(BROKEN) {
            notes.lines(&String::from_utf8_lossy(&ran.stderr));
            let folder = plain::path(&pip.folder);
            return Err(Stop::Usage(format!(
                "{folder} does not run on this executable's Python: take a newer one, with `python3 -m pip install \
                 --upgrade pip`"
            )));
        }
        if !ran.status.success() {
            notes.lines(&String::from_utf8_lossy(&ran.stderr));
            return Err(Stop::Usage(
                "pip found no wheels for this executable's Python: build those that are missing with `pip wheel`, and \
                 name their files"
                    .to_owned(),
            ));
        }
        let forgotten = wheels.forget_scripts();
        forgotten.map_err(|error| Stop::Usage(format!("{}: {error}", plain::path(wheels.folder()))))?;
        Ok(Some(wheels))
    }

    /// Takes away scripts that start the executable where it is now, and the sums of them in the metadata, where their
    /// entry points are. Programs stay.
    fn forget_scripts(&self) -> io::Result<()> {
        let scripts = self.0.join("bin");
        let mut programs = Vec::new();
        for entry in fs::read_dir(&scripts).into_iter().flatten() {
            let path = entry?.path();
            let mut start = [0; 2];
            if path.is_file() && !(File::open(&path)?.read(&mut start)? == 2 && start == *b"#!") {
                programs.extend(path.file_name().and_then(OsStr::to_str).map(str::to_owned));
            } else if path.is_file() {
                fs::remove_file(path)?;
            }
        }
        for entry in fs::read_dir(&self.0)? {
            let record = entry?.path().join("RECORD");
            if record.is_file() {
                let text = fs::read_to_string(&record)?;
                let is_script = |line: &&str| {
                    let script = line.trim_start_matches("../").strip_prefix("bin/");
                    script.is_some_and(|script| {
                        let name = script.split(',').next().unwrap_or_default();
                        !programs.iter().any(|program| program == name)
                    })
                };
                let rest: String = text.split_inclusive('\n').filter(|line| !is_script(line)).collect();
                fs::write(&record, rest)?;
            }
        }
        Ok(())
    }

    /// Makes the folder, which nobody may have made before: what is in it will run.
    fn make(folder: PathBuf) -> Result<Wheels, Stop> {
        fs::create_dir(&folder).map_err(|error| Stop::Usage(format!("{}: {error}", plain::path(&folder))))?;
        Ok(Wheels(folder))
    }

    pub fn folder(&self) -> &Path {
        &self.0
    }
}

/// Wheels only: a build would run code that nobody has looked at, for another Python as often as not.
const OPTIONS: [&str; 6] = [
    "--only-binary=:all:",
    "--no-compile",
    "--no-input",
    "--quiet",
    "--no-warn-script-location",
    "--disable-pip-version-check",
];

/// How pip ends where it breaks off by itself (`UNKNOWN_ERROR` in its `status_codes.py`).
const BROKEN: i32 = 2;

/// The pip that is at hand.
struct Pip {
    /// How it is started, by the Python that it belongs to.
    words: &'static [&'static str],
    /// What any Python can run.
    folder: PathBuf,
}

impl Pip {
    fn find() -> Option<Pip> {
        let ways: [&'static [&'static str]; 3] = [&["pip"], &["pip3"], &["python3", "-m", "pip"]];
        ways.into_iter().find_map(|words| {
            let output = command(words)?.arg("--version").output().ok()?;
            // `pip 24.0 from /usr/lib/python3/dist-packages/pip (python 3.11)`
            let said = String::from_utf8(output.stdout).ok()?;
            let folder = PathBuf::from(said.split_once(" from ")?.1.rsplit_once(" (python")?.0);
            let is_here = output.status.success() && folder.join("__main__.py").is_file();
            is_here.then_some(Pip { words, folder })
        })
    }

    /// Has it install the newest of its kind into a folder.
    fn fetch(&self, folder: &Path) -> bool {
        let Some(mut pip) = command(self.words) else { return false };
        let pip = pip.args(["install", "--target"]).arg(folder).args(OPTIONS).arg("pip");
        pip.stdin(Stdio::null()).output().is_ok_and(|output| output.status.success())
    }
}

fn command(words: &[&str]) -> Option<Command> {
    let (program, rest) = words.split_first()?;
    let mut command = Command::new(program);
    without_settings(&mut command);
    command.args(rest).env_remove("PYTHONHOME");
    Some(command)
}
