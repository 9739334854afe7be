//! Names of packages in, a folder with their files out, on Debian and Ubuntu, without root.
//!
//! `apt-get download` fetches and `dpkg-deb -x` unpacks, below `target/`: nothing is installed and no
//! file outside is touched. Knows nothing of what the packages hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

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
        // apt run by root hands downloads to the user `_apt`, who cannot write below target/.
        let options = ["APT::Sandbox::User=root", "Acquire::Retries=3"].map(str::to_owned).into();
        let mut apt = Self { options };
        if apt.depends("python3").is_ok() {
            return Ok(apt);
        }
        // A fresh container has empty lists, and `apt-get update` on the system's wants root.
        let (lists, cache) = (target.join("apt/lists"), target.join("apt/cache"));
        files::create_dir(&lists.join("partial"))?;
        files::create_dir(&cache.join("archives/partial"))?;
        apt.options.push(format!("Dir::State::lists={}", lists.display()));
        apt.options.push(format!("Dir::Cache={}", cache.display()));
        if apt.depends("python3").is_err() {
            process::output(apt.command("apt-get").arg("update"))
                .context("the package lists cannot be fetched")?;
        }
        Ok(apt)
    }

    /// The packages that `package` needs.
    ///
    /// # Errors
    /// apt does not know the package.
    pub fn depends(&self, package: &str) -> Result<Vec<String>> {
        Ok(depends(&process::output(self.command("apt-cache").args(["depends", package]))?))
    }

    /// `packages` and what they directly need, but for the C library: that must be the one that is
    /// running, since a second one in a process cannot work.
    ///
    /// # Errors
    /// apt does not know one of them.
    pub fn with_direct_needs(&self, packages: &[String]) -> Result<BTreeSet<String>> {
        let mut all: BTreeSet<String> = packages.iter().cloned().collect();
        for package in packages {
            all.extend(self.depends(package)?.into_iter().filter(|name| !name.starts_with("libc6")));
        }
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
        ensure!(
            found.len() == packages.len(),
            "expected {} packages in {}, found {}",
            packages.len(),
            debs.display(),
            found.len()
        );
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
";
        assert_eq!(depends(listing), ["libc6", "libpython3.11-minimal", "mime-support", "libffi8"]);
    }
}
