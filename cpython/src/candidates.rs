//! The interpreters that this machine offers: those on `PATH`, then the system's, then those that managers of
//! versions keep.
//!
//! Looks at names only; nothing is run.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;

use crate::files::names_in;

/// Where distributions and Homebrew put theirs, looked at even when `PATH` leaves them out.
const SYSTEM: [&str; 3] = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];

/// Every executable named like a Python 3, in the order in which a shell would find them.
pub fn all() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = Vec::new();
    for dir in env::split_paths(&path).chain(SYSTEM.map(PathBuf::from)) {
        for name in ordered(&names_in(&dir)) {
            let executable = dir.join(name);
            if !found.contains(&executable) {
                found.push(executable);
            }
        }
    }
    for executable in collections() {
        if !found.contains(&executable) {
            found.push(executable);
        }
    }
    found
}

/// Interpreters that managers of versions keep, whichever of them `PATH` leads to.
fn collections() -> Vec<PathBuf> {
    let named = |name: &str| env::var_os(name).map(PathBuf::from);
    let home = named("HOME");
    let below = |path: &str| home.as_ref().map(|home| home.join(path));
    let data = named("XDG_DATA_HOME").or_else(|| below(".local/share"));
    let data = |path: &str| data.as_ref().map(|data| data.join(path));
    let conda = ["miniconda3", "anaconda3", "miniforge3", "mambaforge"];
    // Folders of installations.
    let folders = [
        named("PYENV_ROOT").or_else(|| below(".pyenv")).map(|pyenv| pyenv.join("versions")),
        // python-build-standalone, as uv unpacks it.
        named("UV_PYTHON_INSTALL_DIR").or_else(|| data("uv/python")),
        data("mise/installs/python"),
        below(".asdf/installs/python"),
        below(".conda/envs"),
        Some(PathBuf::from("/opt")),
        Some(PathBuf::from("/Library/Frameworks/Python.framework/Versions")),
    ];
    let folders = folders.into_iter().chain(conda.map(|conda| below(&format!("{conda}/envs"))));
    let within = folders.flatten().flat_map(|folder| {
        let names = names_in(&folder);
        names.into_iter().map(move |name| folder.join(name))
    });
    let alone = [named("VIRTUAL_ENV"), named("CONDA_PREFIX")].into_iter();
    let alone = alone.chain(conda.map(below)).flatten();
    let executables = alone.chain(within).map(|installed| installed.join("bin/python3"));
    executables.filter(|executable| executable.is_file()).collect()
}

/// `python3` first, then the newest.
fn ordered(names: &[String]) -> Vec<&OsStr> {
    let mut known: Vec<(u32, bool, &OsStr)> = names
        .iter()
        .filter_map(|name| {
            let rest = name.strip_prefix("python3")?;
            if rest.is_empty() {
                return Some((u32::MAX, false, OsStr::new(name)));
            }
            let minor = rest.strip_prefix('.')?;
            let default_build = !minor.ends_with('t');
            Some((minor.trim_end_matches('t').parse().ok()?, default_build, OsStr::new(name)))
        })
        .collect();
    known.sort_by_key(|&(minor, default_build, _)| std::cmp::Reverse((minor, default_build)));
    known.into_iter().map(|(_, _, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_comes_first_then_the_newest_and_tools_are_left_out() {
        let names = [
            "python3.9",
            "python3.14t",
            "python3-config",
            "python3.14",
            "python3",
            "python",
            "python3.11-config",
        ]
        .map(str::to_owned);
        assert_eq!(ordered(&names), ["python3", "python3.14", "python3.14t", "python3.9"]);
    }
}
