//! Names of packages in, a folder with their files out, on Debian and Ubuntu, without root.
//!
//! `apt-get download` fetches and `dpkg-deb -x` unpacks, below `target/`: nothing is installed and no
//! file outside is touched. Knows nothing of what the packages hold.

mod sources;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Result, ensure};
use crate::files;
use crate::process;

/// apt, with its own package lists where the system has none.
#[derive(Debug)]
pub struct Apt {
    options: Vec<String>,
}

impl Apt {
    /// Makes sure that there are package lists; its own go below `target`.
    ///
    /// # Errors
    /// apt is not here, or the lists cannot be fetched: the message carries apt's own words.
    pub fn open(target: &Path) -> Result<Self> {
        let mut apt = Self::plain();
        if apt.depends(["python3"]).is_ok() {
            return Ok(apt);
        }
        // A fresh container has empty lists, and `apt-get update` on the system's wants root.
        apt.keep_lists_in(&target.join("apt"))?;
        if apt.depends(["python3"]).is_err() {
            apt.update()?;
        }
        Ok(apt)
    }

    /// The packages of another suite of the same distribution, with fresh lists below `target`. The
    /// sources are the system's own with the name of the suite replaced.
    ///
    /// # Errors
    /// The system names no sources of its own release, or that suite's lists cannot be fetched.
    pub fn of_suite(target: &Path, suite: &str) -> Result<Self> {
        let dir = target.join("apt").join(suite);
        let mut apt = Self::plain();
        apt.keep_lists_in(&dir)?;
        let sources = dir.join("suite.sources");
        let text = sources::of_suite(&system_sources(), &codename()?, suite);
        ensure(!text.is_empty(), || {
            "the system's package sources name no suite of its own release".to_owned()
        })?;
        fs::write(&sources, text).with_context(|| format!("cannot write {}", sources.display()))?;
        apt.options.push(format!("Dir::Etc::sourcelist={}", sources.display()));
        apt.options.push("Dir::Etc::sourceparts=-".to_owned());
        // Older packages than the installed ones are wanted too.
        let status = dir.join("status");
        fs::write(&status, "").with_context(|| format!("cannot write {}", status.display()))?;
        apt.options.push(format!("Dir::State::status={}", status.display()));
        apt.update()?;
        Ok(apt)
    }

    fn plain() -> Self {
        // apt run by root hands downloads to the user `_apt`, who cannot write below target/.
        let options = [
            "APT::Sandbox::User=root",
            "Acquire::Retries=3",
            "Acquire::Languages=none",
            // Descriptions of programs with windows, several megabytes of them.
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
        ];
        Self { options: options.map(str::to_owned).into() }
    }

    fn keep_lists_in(&mut self, dir: &Path) -> Result<()> {
        let (lists, cache) = (dir.join("lists"), dir.join("cache"));
        files::create_dir(&lists.join("partial"))?;
        files::create_dir(&cache.join("archives/partial"))?;
        self.options.push(format!("Dir::State::lists={}", lists.display()));
        self.options.push(format!("Dir::Cache={}", cache.display()));
        Ok(())
    }

    fn update(&self) -> Result<()> {
        let lists = process::output(self.command("apt-get").arg("update"));
        lists.map(drop).context("the package lists cannot be fetched")
    }

    /// The version of `package` that would be downloaded.
    ///
    /// # Errors
    /// apt does not know the package.
    pub fn version(&self, package: &str) -> Result<String> {
        let text = process::output(self.command("apt-cache").args(["show", "--no-all-versions", package]))?;
        let version = text.lines().find_map(|line| line.strip_prefix("Version: "));
        version.map(str::to_owned).with_context(|| format!("{package} has no version"))
    }

    /// The versions of `package` that there are, the youngest first.
    ///
    /// # Errors
    /// apt does not run.
    pub fn versions(&self, package: &str) -> Result<Vec<String>> {
        Ok(versions(&process::output(self.command("apt-cache").args(["madison", package]))?))
    }

    /// Those of `packages` that there are. One call for all, as for the next: apt may read its lists anew for each.
    ///
    /// # Errors
    /// apt does not run.
    pub fn known<'a>(&self, packages: &[&'a str]) -> Result<Vec<&'a str>> {
        let listing = process::output(self.command("apt-cache").arg("madison").args(packages))?;
        Ok(known(&listing, packages))
    }

    /// The packages that `packages` need, as far as apt knows these.
    ///
    /// # Errors
    /// It knows none.
    pub fn depends<'a>(&self, packages: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>> {
        Ok(depends(&process::output(self.command("apt-cache").arg("depends").args(packages))?))
    }

    /// `packages` and what they directly need, but for the C library: that must be the one that is
    /// running, since a second one in a process cannot work.
    ///
    /// # Errors
    /// As [`Apt::depends`].
    pub fn with_direct_needs(&self, packages: &[String]) -> Result<BTreeSet<String>> {
        let mut all: BTreeSet<String> = packages.iter().cloned().collect();
        let needs = self.depends(packages.iter().map(String::as_str))?;
        all.extend(needs.into_iter().filter(|name| !name.starts_with("libc6")));
        Ok(all)
    }

    /// Downloads `packages` and unpacks them into `dir/root`, the folder that then stands for `/`.
    ///
    /// # Errors
    /// The network is not here, or a package is gone: the message carries apt's own words.
    pub fn unpack(&self, packages: &BTreeSet<String>, dir: &Path) -> Result<PathBuf> {
        let (root, debs) = (dir.join("root"), dir.join("debs"));
        files::empty_dir(&root)?;
        files::empty_dir(&debs)?;
        process::output(self.command("apt-get").arg("download").args(packages).current_dir(&debs))?;
        let found: Vec<String> =
            files::names_in(&debs).into_iter().filter(|name| name.ends_with(".deb")).collect();
        ensure(found.len() == packages.len(), || {
            format!("expected {} packages in {}, found {}", packages.len(), debs.display(), found.len())
        })?;
        for name in found {
            process::output(Command::new("dpkg-deb").arg("-x").arg(debs.join(name)).arg(&root))?;
        }
        fs::remove_dir_all(&debs).with_context(|| format!("cannot remove {}", debs.display()))?;
        Ok(root)
    }

    fn command(&self, tool: &str) -> Command {
        let mut command = Command::new(tool);
        // The words read below are apt's English ones.
        command.env("LC_ALL", "C");
        for option in &self.options {
            command.args(["-o", option]);
        }
        command
    }
}

/// What the system fetches packages from, file by file.
fn system_sources() -> Vec<String> {
    let etc = Path::new("/etc/apt");
    let parts = etc.join("sources.list.d");
    let is_source = |name: &String| name.ends_with(".list") || name.ends_with(".sources");
    let parts = files::names_in(&parts).into_iter().filter(is_source).map(|name| parts.join(name));
    let paths = std::iter::once(etc.join("sources.list")).chain(parts);
    paths.filter_map(|path| fs::read_to_string(path).ok()).collect()
}

/// `bookworm`: os-release(5).
fn codename() -> Result<String> {
    let text = fs::read_to_string("/etc/os-release").context("/etc/os-release cannot be read")?;
    let value = text.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    Ok(value.context("/etc/os-release tells no VERSION_CODENAME")?.trim_matches('"').to_owned())
}

/// `  rust-src | 1.95.0+dfsg1-2 | … Packages`: the middle.
fn versions(listing: &str) -> Vec<String> {
    listing.lines().filter_map(|line| Some(line.split('|').nth(1)?.trim().to_owned())).collect()
}

/// Of `packages` those in the first column of that table.
fn known<'a>(listing: &str, packages: &[&'a str]) -> Vec<&'a str> {
    let names: Vec<&str> = listing.lines().filter_map(|line| Some(line.split_once('|')?.0.trim())).collect();
    packages.iter().copied().filter(|package| names.contains(package)).collect()
}

/// The folders below `root` that hold libraries, the one of `usr` first, and Debian's name for this
/// architecture. Packages of before the merge of `/lib` into `/usr/lib` have files in either.
///
/// # Errors
/// There is no folder for an architecture.
pub fn library_dirs(root: &Path) -> Result<[PathBuf; 2]> {
    let lib = root.join("usr/lib");
    let multiarch = files::names_in(&lib)
        .into_iter()
        .find(|name| name.contains("-linux-gnu"))
        .with_context(|| format!("{} has no folder for this architecture", lib.display()))?;
    Ok([lib.join(&multiarch), root.join("lib").join(&multiarch)])
}

/// The packages that `apt-cache depends` lists as needed: of alternatives (`|Depends`) the last,
/// which is the plain line; none that only stand for others (`<libc-dev>`).
fn depends(listing: &str) -> Vec<String> {
    let needed = |line: &str| -> Option<String> {
        let line = line.trim();
        let name = line.strip_prefix("Depends: ").or_else(|| line.strip_prefix("PreDepends: "))?;
        (!name.starts_with('<')).then(|| name.split(':').next().unwrap_or(name).to_owned())
    };
    listing.lines().filter_map(needed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_first_and_versions_the_middle_of_the_table() {
        let listing =
            " rust-src | 1.96.1-2 | mirror://d sid/main\n rust-src | 1.95.0-1 | mirror://d sid/main\n";
        assert_eq!(versions(listing), ["1.96.1-2", "1.95.0-1"]);
        assert_eq!(known(listing, &["rust", "rust-src", "cargo"]), ["rust-src"]);
    }

    #[test]
    fn dependencies_are_read_and_alternatives_are_not_doubled() {
        let listing = "\
libpython3.11-stdlib
  PreDepends: libc6
  Depends: libpython3.11-minimal
 |Depends: media-types
  Depends: mime-support
  Depends: libffi8:any
  Depends: <libc-dev>
    libc6-dev
  Breaks: python3-gdbm
  Recommends: ca-certificates
libzstd-dev
  Depends: libzstd1
";
        let needed = ["libc6", "libpython3.11-minimal", "mime-support", "libffi8", "libzstd1"];
        assert_eq!(depends(listing), needed);
    }
}
