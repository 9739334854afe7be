//! A build that was done before in, its folder out: the wheel, and the twins of its links.
//!
//! Kept are builds of requirements that name a release (`==`), under the hash of the file that the index has for it and all that
//! a build depends on and is known here. Libraries of the system are not: whoever changes them asks for no cache.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process;

use crate::python::Python;
use crate::wheel::Wish;

/// The file of an entry that says what it is for.
const KEY: &str = "key";

/// What compilers read besides their arguments.
const FLAGS: &[&str] = &[
    "CC",
    "CXX",
    "CFLAGS",
    "CPPFLAGS",
    "CXXFLAGS",
    "LDFLAGS",
    "CPATH",
    "C_INCLUDE_PATH",
    "CPLUS_INCLUDE_PATH",
    "LIBRARY_PATH",
    "PKG_CONFIG_PATH",
    "RUSTFLAGS",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_CONFIG_SETTINGS",
];

/// Cargo's of one profile, such as `CARGO_PROFILE_RELEASE_OPT_LEVEL`.
const PROFILE: &str = "CARGO_PROFILE_";

/// Where builds are kept.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    /// What all builds of one call depend on.
    flags: String,
}

impl Cache {
    /// The user's (XDG Base Directory Specification), if there is a place for it. `command` observes the
    /// builds: another one may keep other twins.
    pub fn of_user(python: &Python, command: &Path) -> Option<Cache> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let caches = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
        let value = |name: &str| format!("{name}={}", env::var(name).unwrap_or_default());
        let mut variables: Vec<String> = FLAGS.iter().map(|name| value(name)).collect();
        let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let profile: BTreeSet<String> = names.filter(|name| name.starts_with(PROFILE)).collect();
        variables.extend(profile.iter().map(|name| value(name)));
        let metadata = fs::metadata(command).ok()?;
        let made = metadata.modified().ok()?;
        let facts = &python.facts;
        let flags = format!(
            "{} {:?} {}\n{facts:?}\n{}",
            metadata.len(),
            made,
            python.executable.display(),
            variables.join("\n")
        );
        Some(Cache { folder: caches.join("linktab").join("adopt"), flags })
    }

    /// Copies what was kept of a requirement into a folder.
    pub fn take(&self, wish: &Wish, to: &Path) -> bool {
        let Some((entry, key)) = self.entry(wish) else { return false };
        fs::read_to_string(entry.join(KEY)).is_ok_and(|found| found == key) && copy(&entry, to).is_ok()
    }

    /// Keeps a folder. Where that fails, the next time takes as long as this one.
    pub fn keep(&self, wish: &Wish, from: &Path) {
        let Some((entry, key)) = self.entry(wish) else { return };
        // Others may keep the same at the same time: an entry appears as a whole.
        let draft = entry.with_extension(process::id().to_string());
        let kept = fs::create_dir_all(&draft)
            .and_then(|()| copy(from, &draft))
            .and_then(|()| fs::write(draft.join(KEY), key))
            .and_then(|()| fs::rename(&draft, &entry));
        if kept.is_err() {
            let _ = fs::remove_dir_all(&draft);
        }
    }

    fn entry(&self, wish: &Wish) -> Option<(PathBuf, String)> {
        let hash = wish.hash.as_ref().filter(|_| names_a_release(&wish.text))?;
        let options =
            wish.of_all.iter().chain(&wish.options).map(String::as_str).collect::<Vec<_>>().join(" ");
        let key = format!("{} {hash} {options}\n{}", wish.text, self.flags);
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Some((self.folder.join(format!("{:016x}", hasher.finish())), key))
    }
}

/// Whether a requirement is for one release of a project (PEP 440, "Version matching").
fn names_a_release(requirement: &str) -> bool {
    let text = requirement.split(';').next().unwrap_or_default();
    text.contains("==") && !text.contains(['*', '/', '@'])
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
