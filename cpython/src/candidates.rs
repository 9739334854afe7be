//! The interpreters that this machine offers: those on `PATH`, then the system's.
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
    found
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
