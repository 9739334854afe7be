//! A library and the CPython that it is for in, the files below a prefix out.
//!
//! No file names the prefix: it may be moved. The CPython is named where it is.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cpython::{Cpython, PROBE};
use crate::error::Error;
use crate::library::Library;

/// Where they go, and their texts, in which [`fill`] puts what is known now.
const TEXTS: [(&str, &str); 6] = [
    ("lib/pkgconfig/linktab.pc", include_str!("../files/linktab.pc.in")),
    ("lib/cmake/linktab/linktabConfig.cmake", include_str!("../files/linktabConfig.cmake.in")),
    ("lib/cmake/linktab/linktabConfigVersion.cmake", include_str!("../files/linktabConfigVersion.cmake.in")),
    ("lib/cmake/linktab/linktabFunctions.cmake", include_str!("../files/linktabFunctions.cmake")),
    ("lib/cmake/linktab/record.c.in", include_str!("../files/record.c.in")),
    ("share/linktab/cpython.py", PROBE),
];

/// Writes everything below `prefix`.
///
/// # Errors
/// Something cannot be read or written.
pub fn write(prefix: &Path, library: &Library, cpython: &Cpython, command: &Path) -> Result<(), Error> {
    for header in &library.headers {
        let name = header.file_name().map(Path::new).unwrap_or(header);
        put(header, &prefix.join("include").join(name))?;
    }
    put(&library.archive, &prefix.join("lib/liblinktab.a"))?;
    put(command, &prefix.join("bin/linktab"))?;
    for (name, text) in TEXTS {
        let path = prefix.join(name);
        make_parent(&path)?;
        let text =
            if name == "share/linktab/cpython.py" { text.to_owned() } else { fill(text, library, cpython) };
        fs::write(&path, text).map_err(|error| Error::at(&path, "write", error))?;
    }
    Ok(())
}

/// Copies what [`write`] wrote, and returns the names below the prefix.
///
/// # Errors
/// As [`write`].
pub fn copy(staged: &Path, prefix: &Path) -> Result<Vec<PathBuf>, Error> {
    let names = ["bin/linktab", "include/linktab.h", "include/linktab_embed.h", "lib/liblinktab.a"];
    let names = names.into_iter().chain(TEXTS.map(|(name, _)| name));
    names.map(|name| put(&staged.join(name), &prefix.join(name)).map(|()| name.into())).collect()
}

/// A file that runs is replaced, not written over.
fn put(from: &Path, to: &Path) -> Result<(), Error> {
    make_parent(to)?;
    let new = to.with_extension("new");
    fs::copy(from, &new).map_err(|error| Error::at(from, "copy", error))?;
    fs::rename(&new, to).map_err(|error| Error::at(to, "write", error))
}

fn make_parent(path: &Path) -> Result<(), Error> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(|error| Error::at(parent, "make", error))
}

fn fill(text: &str, library: &Library, cpython: &Cpython) -> String {
    let executable = cpython.executable.display().to_string();
    let behind = [cpython.library.display().to_string()].into_iter().chain(cpython.words.iter().cloned());
    let libraries: Vec<String> = behind.map(|word| shell_word(&word)).collect();
    let includes: Vec<String> =
        cpython.includes.iter().map(|path| shell_word(&format!("-I{path}"))).collect();
    let needs: Vec<&str> = library.needs.split_whitespace().collect();
    [
        ("@VERSION@", env!("CARGO_PKG_VERSION").to_owned()),
        ("@PYTHON_VERSION@", cpython.version.clone()),
        ("@PYTHON_ABI@", format!("{}{}", cpython.version, cpython.flags)),
        ("@PYTHON_KIND@", cpython.kind.name().to_owned()),
        ("@PYTHON_EXECUTABLE@", executable),
        ("@PYTHON_LIBS@", libraries.join(" ")),
        ("@PYTHON_INCLUDES@", includes.join(" ")),
        ("@RUST_LIBS@", needs.join(" ")),
        ("@RUST_LIST@", needs.join(";")),
    ]
    .iter()
    .fold(text.to_owned(), |text, (mark, value)| text.replace(mark, value))
}

/// A word as pkg-config reads it.
fn shell_word(word: &str) -> String {
    word.chars().flat_map(|c| [(" '\"\\$()".contains(c)).then_some('\\'), Some(c)]).flatten().collect()
}
