//! The command `linktab python`: what it is asked in, what it prints out. The project that it is called in learns
//! what was found.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use crate::error::{Context as _, Error, Result};
use crate::files;
use crate::find::{Library, Request, find, list};
use crate::link::Kind;
use crate::process::{output, quoted};
use crate::project::{Project, folder_of};
use crate::python::Python;
use crate::search::{Folders, Tried};

/// What the command is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which CPython.
    pub request: Request,
    /// Whether all that is installed is tried and told, and nothing else done.
    pub list: bool,
    /// Whether the project learns of it.
    pub write: bool,
    /// Whether each try is said as it happens.
    pub verbose: bool,
}

/// Does it; returns what to print, and whether there is a CPython.
///
/// # Errors
/// None links and it is not asked for a list; or a file cannot be written, or a person's settings are in the way.
pub fn command(asked: &Asked, notes: &mut dyn Write) -> Result<(String, bool)> {
    let caches = caches();
    let work = caches.join(format!("work-{}", process::id()));
    can_prove(&caches)?;
    let folders = Folders { work: &work, downloads: &caches };
    let done = if asked.list {
        let tried = list(&asked.request, folders, notes);
        Ok((table(&tried), tried.iter().any(|tried| tried.fault.is_none())))
    } else {
        found(asked, folders, notes).map(|python| (exports(&python), true))
    };
    // What is left of a probe is in nobody's way.
    let _ = fs::remove_dir_all(&work);
    done
}

/// What every proof takes: one sentence says that it is not there, and not one for each library.
fn can_prove(caches: &Path) -> Result<()> {
    let folder = files::create_dir(caches);
    folder.map_err(|error| Error::new(format!("{error:#}: XDG_CACHE_HOME can name another folder")))?;
    output(Command::new("rustc").arg("--version")).map(|_| ())
}

fn found(asked: &Asked, folders: Folders<'_>, notes: &mut dyn Write) -> Result<Python> {
    // Before a search that may take its time.
    let here = env::current_dir().context("there is no current folder")?;
    let project = if asked.write { folder_of(&here) } else { Ok(None) }?;
    let found = find(&asked.request, folders, notes, asked.verbose)?;
    let mut say = |line: &str| {
        // Who cannot be told misses a note, and no CPython.
        let _ = writeln!(notes, "{line}");
    };
    let python = match &project {
        Some(folder) => {
            let (python, file) = Project::new(folder).write(found)?;
            say(&python.summary());
            match file {
                Some(file) => say(&format!("wrote {}", shown(&file, &here))),
                None => say("cargo knows of it already"),
            }
            if makes_wheels(folder, 2) {
                say(&format!(
                    "note: wheels that are built below {} are compiled for it too, whatever CPython they are named for: \
                     build them in a fresh checkout, or from an sdist",
                    shown(folder, &here)
                ));
            }
            python
        }
        None => {
            let python = found.write(&folders.downloads.join("config"), &folders.downloads.join("driver"))?;
            say(&python.summary());
            if asked.write {
                say("note: there is no Cargo.toml here or above: set the variables yourself");
            }
            python
        }
    };
    if python.link.kind == Kind::Shared && asked.request.library == Library::Any {
        say("note: programs load this libpython when they start; `--static` fetches one that goes inside");
    }
    Ok(python)
}

/// Whether wheels are made of a crate here or so many folders below: PyO3 takes what a `PYO3_CONFIG_FILE` says before the
/// interpreter that a wheel is built for (PyO3's guide, "Building and distribution").
fn makes_wheels(folder: &Path, depth: u8) -> bool {
    let text = fs::read_to_string(folder.join("pyproject.toml")).unwrap_or_default();
    if ["maturin", "setuptools-rust", "setuptools_rust"].iter().any(|builder| text.contains(builder)) {
        return true;
    }
    let below = fs::read_dir(folder).into_iter().flatten().flatten().filter(|_| depth > 0);
    below.into_iter().any(|entry| {
        let name = entry.file_name();
        let is_own = !name.to_string_lossy().starts_with('.') && name != "target";
        is_own && entry.file_type().is_ok_and(|kind| kind.is_dir()) && makes_wheels(&entry.path(), depth - 1)
    })
}

/// For a shell.
fn exports(python: &Python) -> String {
    let mut text = String::new();
    for (name, value) in python.variables() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "export {name}={}", quoted(&value.to_string_lossy()));
    }
    text
}

/// What links first, in the order in which it would be taken, then the rest with the reason.
fn table(tried: &[Tried]) -> String {
    let mut text = String::new();
    for (heading, is_taken) in [("links and starts:", true), ("not taken:", false)] {
        let lines = tried.iter().filter(|tried| tried.fault.is_none() == is_taken);
        let lines: Vec<String> = lines
            .map(|tried| match &tried.fault {
                None => format!("  {}\n", tried.what),
                Some(fault) => format!("  {}: {fault}\n", tried.what),
            })
            .collect();
        if !lines.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{heading}\n{}", lines.concat().trim_end());
        }
    }
    if text.is_empty() { "nothing is called python3 here\n".to_owned() } else { text }
}

/// The user's (XDG Base Directory Specification), or where there is none, that of all.
fn caches() -> PathBuf {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let caches = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    caches.unwrap_or_else(env::temp_dir).join("linktab")
}

fn shown(path: &Path, here: &Path) -> String {
    let inside = path.strip_prefix(here).ok().filter(|inside| !inside.as_os_str().is_empty());
    inside.unwrap_or(path).display().to_string()
}
