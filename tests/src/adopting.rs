//! What tests that build packages from PyPI share: where builds are kept, and how they are hurried.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::alone::{Alone, alone};
use crate::{fixture, target_dir};

/// Nothing is optimised: what is adopted is the same, and it is the tests' time (of `mpi4py`, a minute for one file).
pub const QUICKLY: [(&str, &str); 5] = [
    ("CFLAGS", "-O0"),
    ("CXXFLAGS", "-O0"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
];

/// Where `linktab build` works: one host for all that is built, of which cargo compiles everything but the objects once.
/// One at a time, as long as the guard lives.
#[must_use]
pub fn work() -> (PathBuf, Alone) {
    (target_dir("adopt").join("work"), alone("adopt-work"))
}

/// Where the command keeps what it built.
#[must_use]
pub fn caches() -> PathBuf {
    target_dir("adopt").join("caches")
}

/// What the command is told beside its arguments: to hurry, where to keep what it built, and to take the releases that
/// are known to fit each other and the tests.
pub fn hurried(command: &mut Command) -> &mut Command {
    let known = fixture("adopt").join("constraints.txt");
    // Where a CPython is unpacked somewhere, its headers include each other by folders of the system.
    let headers = env::var_os("LINKTAB_PYTHON_INCLUDE").map(|folders| ("CPATH", folders));
    command.envs(headers).envs(QUICKLY).env("XDG_CACHE_HOME", caches()).env("PIP_CONSTRAINT", known)
}

/// Whether this run is for one more CPython, for which not everything is built again.
#[must_use]
pub fn is_one_more() -> bool {
    env::var_os("LINKTAB_ADOPT_FEW").is_some()
}

/// Copies a folder.
///
/// # Panics
///
/// When it cannot be copied.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("it is a folder").map(|entry| entry.expect("it can be read"))
    {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(path, to).expect("a file can be copied");
        }
    }
}
