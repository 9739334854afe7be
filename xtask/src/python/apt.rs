//! Nothing in, an unpacked CPython of this Debian or Ubuntu release out, without root.
//!
//! `apt-get download` fetches the distribution's own packages and `dpkg-deb -x` unpacks them below
//! `target/`. Nothing is installed and no file outside is touched. What is inside, `interpreter.rs`
//! asks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

use super::candidates::names_in;
use crate::process;

/// An unpacked distribution Python.
#[derive(Debug)]
pub struct Unpacked {
    /// A script that starts it with its libraries.
    pub executable: PathBuf,
    /// Where its static libraries are.
    pub lib_dir: PathBuf,
}

/// Downloads and unpacks into `dir`, once.
///
/// # Errors
/// apt or dpkg are not here, the network is not, or a package is gone: the message carries apt's own words.
pub fn provision(dir: &Path) -> Result<Unpacked> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let root = dir.join("root");
    // Written last, so that an interrupted run starts over.
    let complete = dir.join("complete");
    if !complete.is_file() {
        let apt = Apt::open(dir)?;
        let minor = apt.default_python()?;
        let packages = apt.packages(&minor)?;
        let debs = apt.download(&packages, &dir.join("debs"))?;
        if root.exists() {
            fs::remove_dir_all(&root).with_context(|| format!("cannot empty {}", root.display()))?;
        }
        for deb in &debs {
            process::output(Command::new("dpkg-deb").arg("-x").arg(deb).arg(&root))?;
        }
        fs::write(&complete, &minor).with_context(|| format!("cannot write {}", complete.display()))?;
    }
    let minor = fs::read_to_string(&complete).context("cannot read back the version")?;
    describe(dir, &root, minor.trim())
}

/// Downloads and unpacks one package, and returns the folder that stands for `/`.
///
/// # Errors
/// As [`provision`].
pub fn unpack(package: &str, dir: &Path) -> Result<PathBuf> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let apt = Apt::open(dir)?;
    let root = dir.join("root");
    for deb in apt.download(&[package.to_owned()].into(), &dir.join("debs"))? {
        process::output(Command::new("dpkg-deb").arg("-x").arg(deb).arg(&root))?;
    }
    Ok(root)
}

fn describe(dir: &Path, root: &Path, minor: &str) -> Result<Unpacked> {
    let lib = root.join("usr/lib");
    let multiarch = names_in(&lib)
        .into_iter()
        .find(|name| name.contains("-linux-gnu"))
        .with_context(|| format!("{} has no folder for this architecture", lib.display()))?;
    let python = root.join("usr/bin").join(minor);
    ensure!(python.is_file(), "the packages hold no {}", python.display());
    // Packages of before the merge of /lib into /usr/lib have files in either.
    let libraries = [lib.join(&multiarch), root.join("lib").join(&multiarch)];
    let libraries = env::join_paths(&libraries).context("the path of the target folder has a colon")?;
    let executable = dir.join("python");
    let script = format!(
        "#!/bin/sh\n# Written by `cargo xtask`: {minor} with the libraries that were unpacked beside it.\n\
         export LD_LIBRARY_PATH='{}'\"${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}\"\nexec '{}' \"$@\"\n",
        libraries.to_string_lossy(),
        python.display()
    );
    process::write_script(&executable, &script)?;
    Ok(Unpacked { executable, lib_dir: lib.join(multiarch) })
}

/// apt, with its own package lists where the system has none or is out of reach.
struct Apt {
    options: Vec<String>,
}

impl Apt {
    fn open(dir: &Path) -> Result<Self> {
        // apt run by root hands the download to the user `_apt`, who cannot write below target/.
        let mut apt =
            Self { options: ["APT::Sandbox::User=root", "Acquire::Retries=3"].map(str::to_owned).into() };
        if apt.default_python().is_ok() {
            return Ok(apt);
        }
        // A fresh container has empty lists, and `apt-get update` on the system's wants root.
        let (lists, cache) = (dir.join("apt/lists"), dir.join("apt/cache"));
        for folder in [lists.join("partial"), cache.join("archives/partial")] {
            fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        apt.options.push(format!("Dir::State::lists={}", lists.display()));
        apt.options.push(format!("Dir::Cache={}", cache.display()));
        process::output(apt.command("apt-get").arg("update"))
            .context("the package lists cannot be fetched")?;
        Ok(apt)
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

    fn depends(&self, package: &str) -> Result<Vec<String>> {
        Ok(depends(&process::output(self.command("apt-cache").args(["depends", package]))?))
    }

    /// `python3.11`: what the package `python3` depends on.
    fn default_python(&self) -> Result<String> {
        let depends = self.depends("python3")?;
        match depends.into_iter().find(|name| name.starts_with("python3.") && !name.contains('-')) {
            Some(name) => Ok(name),
            None => bail!("the package python3 names no version"),
        }
    }

    /// The packages of `python`, and what they directly depend on: the libraries that the archive
    /// needs at link time and those that the standard library's shared objects load.
    fn packages(&self, python: &str) -> Result<BTreeSet<String>> {
        let mut packages: BTreeSet<String> = [
            python.to_owned(),
            format!("{python}-minimal"),
            format!("lib{python}-dev"),
            format!("lib{python}-stdlib"),
            format!("lib{python}-minimal"),
        ]
        .into();
        let mut direct = BTreeSet::new();
        for package in &packages {
            direct.extend(self.depends(package)?);
        }
        // libc must be the one that is running: a second one in a process cannot work.
        direct.retain(|name| !name.starts_with("libc6"));
        packages.extend(direct);
        // pip, as a wheel: distributions split it off.
        packages.insert("python3-pip-whl".into());
        Ok(packages)
    }

    fn download(&self, packages: &BTreeSet<String>, debs: &Path) -> Result<Vec<PathBuf>> {
        if debs.exists() {
            fs::remove_dir_all(debs).with_context(|| format!("cannot empty {}", debs.display()))?;
        }
        fs::create_dir_all(debs).with_context(|| format!("cannot create {}", debs.display()))?;
        process::output(self.command("apt-get").arg("download").args(packages).current_dir(debs))?;
        let files: Vec<PathBuf> =
            names_in(debs).iter().filter(|name| name.ends_with(".deb")).map(|name| debs.join(name)).collect();
        ensure!(
            files.len() == packages.len(),
            "expected {} packages in {}, found {}",
            packages.len(),
            debs.display(),
            files.len()
        );
        Ok(files)
    }
}

/// The packages that `apt-cache depends` lists as needed: of alternatives (`|Depends`) the last,
/// which is the plain line; none that only stand for others (`<libc-dev>`).
fn depends(listing: &str) -> Vec<String> {
    listing
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: ").or(line.trim().strip_prefix("PreDepends: ")))
        .filter(|name| !name.starts_with('<'))
        .map(|name| name.split(':').next().unwrap_or(name).to_owned())
        .collect()
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
