//! A suite of Debian in, its CPythons unpacked below `target/` and made to run there, out.
//!
//! Programs of a younger suite need its C library, and two C libraries cannot share a process. So the
//! suite's own is unpacked too, and programs are linked against it (`--sysroot`) and name its dynamic
//! linker in full (`PT_INTERP`), as Nix does: they start like any other program, with no chroot, no
//! variables, and their children run with whatever libraries those want. Debian's interpreters get
//! the same by patchelf.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use crate::apt::{self, Apt};
use crate::error::{Context, Error, Result, ensure};
use crate::files::names_in;
use crate::link::Link;
use crate::process;
use crate::releases::{RELEASES, Release};

/// What extensions in C++ load; they come from the younger suite, as the C library does.
const RUNTIME: [&str; 4] = ["libc6", "libc6-dev", "libgcc-s1", "libstdc++6"];

/// Where a suite has them: what the archive of 3.14 and later wants, which its package does not say; and
/// for `tools.rs` a pip that is young enough, and what every pip wants of a Python before 3.10.
const EXTRAS: [&str; 3] = ["libzstd-dev", "python3-pip-whl", "python3-distutils"];

/// What the functions of HACL are called in CPython: from 3.14 on, and before.
const HACL: [&str; 2] = ["_Py_LibHacl_", "python_hashlib_Hacl_"];

/// A suite's CPythons below `target/`.
#[derive(Debug)]
pub struct Root {
    dir: PathBuf,
    /// Where the suite's libraries are.
    libraries: Vec<PathBuf>,
    /// Where its C library is, if that is younger than the one of this machine.
    sysroot: Option<PathBuf>,
}

impl Root {
    /// Downloads and unpacks, once.
    ///
    /// # Errors
    /// As [`Apt::of_suite`] and [`Apt::unpack`]; or patchelf does not run.
    pub fn provide(target: &Path, suite: &str, debug: bool) -> Result<Self> {
        let dir =
            target.join("cpython").join(if debug { format!("{suite}-debug") } else { suite.to_owned() });
        // Written last, so that an interrupted run starts over.
        let complete = dir.join("complete");
        let wanted = packages(suite, debug);
        let text = format!("{wanted:?} {EXTRAS:?}");
        if fs::read_to_string(&complete).ok().as_deref() != Some(&text) {
            let apt = Apt::of_suite(target, suite)?;
            let known = apt.known(&EXTRAS)?;
            let all: Vec<String> = wanted.into_iter().chain(known.into_iter().map(str::to_owned)).collect();
            let root = apt.unpack(&apt.with_direct_needs(&all)?, &dir.join("python"))?;
            let sysroot = dir.join("libc/root");
            if younger(&apt)? {
                apt.unpack(&RUNTIME.map(str::to_owned).into(), &dir.join("libc"))?;
                // The package base-files would bring these links.
                link(&sysroot, "lib")?;
                link(&sysroot, "lib64")?;
            }
            Self::found(&dir)?.settle(&patchelf(target)?, &root)?;
            fs::write(&complete, text).with_context(|| format!("cannot write {}", complete.display()))?;
        }
        Self::found(&dir)
    }

    fn found(dir: &Path) -> Result<Self> {
        let mut libraries = apt::library_dirs(&dir.join("python/root"))?.to_vec();
        let sysroot = Some(dir.join("libc/root")).filter(|sysroot| sysroot.is_dir());
        if let Some(sysroot) = &sysroot {
            libraries.push(apt::library_dirs(sysroot)?[0].clone());
        }
        Ok(Self { dir: dir.to_owned(), libraries, sysroot })
    }

    /// The interpreter of a release.
    pub fn python(&self, release: &Release) -> PathBuf {
        let flag = if release.debug { "d" } else { "" };
        self.dir.join(format!("python/root/usr/bin/python3.{}{flag}", release.minor))
    }

    /// Makes the interpreters find their libraries.
    fn settle(&self, patchelf: &Path, root: &Path) -> Result<()> {
        let bin = root.join("usr/bin");
        let is_python = |name: &String| {
            let minor = name.strip_prefix("python3.");
            minor.is_some_and(|minor| minor.trim_end_matches('d').parse::<u32>().is_ok())
        };
        for name in names_in(&bin).iter().filter(|name| is_python(name)) {
            let mut command = Command::new(patchelf);
            if let Some(loader) = self.loader()? {
                command.arg("--set-interpreter").arg(loader);
            }
            // DT_RPATH, not DT_RUNPATH: it also counts for what the libraries themselves load.
            command.args(["--force-rpath", "--set-rpath", &self.rpath()]).arg(bin.join(name));
            process::output(&mut command)?;
        }
        Ok(())
    }

    fn rpath(&self) -> String {
        let dirs: Vec<String> = self.libraries.iter().map(|dir| dir.display().to_string()).collect();
        dirs.join(":")
    }

    /// The suite's dynamic linker.
    fn loader(&self) -> Result<Option<PathBuf>> {
        let Some(sysroot) = &self.sysroot else { return Ok(None) };
        for dir in [sysroot.join("lib64"), sysroot.join("lib")] {
            if let Some(name) = names_in(&dir).into_iter().find(|name| name.starts_with("ld-linux")) {
                return Ok(Some(dir.join(name)));
            }
        }
        Err(Error::new(format!("{} has no dynamic linker", sysroot.display())))
    }

    /// Makes a link of a library in this root one that works.
    ///
    /// # Errors
    /// The root has no dynamic linker, or a compiler fails.
    pub fn complete(&self, link: &mut Link) -> Result<()> {
        if let Some(sysroot) = &self.sysroot {
            link.words.before.push(format!("--sysroot={}", sysroot.display()));
            // gcc looks beside itself first, and this machine's C library is there.
            link.words.before.push(format!("-L{}", apt::library_dirs(sysroot)?[0].display()));
            // A younger compiler's objects: GNU ld 2.40 exchanges instructions of GCC 16 for wrong ones.
            link.words.after.push("-Wl,--no-relax".to_owned());
        }
        if let Some(loader) = self.loader()? {
            link.words.after.push(format!("-Wl,--dynamic-linker={}", loader.display()));
        }
        let dirs = self.rpath();
        // GNU ld looks for the libraries that a shared libpython needs where the second one says.
        link.words.after.push(format!("-Wl,--disable-new-dtags,-rpath,{dirs},-rpath-link,{dirs}"));
        if link.kind != crate::link::Kind::Shared {
            for dir in self.libraries.iter().take(2) {
                link.prefer_archives_in(dir, names_in);
            }
            self.stand_in_for_hacl(link)?;
        }
        Ok(())
    }

    /// Debian's archives from 3.13 on lack object files of HACL, which CPython's `_md5`, `_sha1`,
    /// `_sha2`, `_sha3`, `_blake2` and `_hmac` are made from. In their place come functions that
    /// answer null: those modules can be imported, and hashing with them raises `MemoryError`.
    /// (`hashlib` takes OpenSSL's where there is one.)
    fn stand_in_for_hacl(&self, link: &mut Link) -> Result<()> {
        let archive = link.lib_dir.join(format!("lib{}.a", link.lib_name));
        let symbols = |option: &str| -> Result<BTreeSet<String>> {
            let mut nm = Command::new("nm");
            let listing = process::output(nm.args(["--format=just-symbols", option]).arg(&archive))?;
            Ok(listing
                .lines()
                .filter(|name| HACL.iter().any(|prefix| name.starts_with(prefix)))
                .map(str::to_owned)
                .collect())
        };
        let missing = &symbols("--undefined-only")? - &symbols("--defined-only")?;
        if missing.is_empty() {
            return Ok(());
        }
        let (source, object) = (self.dir.join("hacl.c"), self.dir.join("hacl.o"));
        let text: String =
            missing.iter().map(|name| format!("void *{name}(void) {{ return 0; }}\n")).collect();
        fs::write(&source, text).with_context(|| format!("cannot write {}", source.display()))?;
        process::output(Command::new("cc").args(["-c", "-fPIC"]).arg(&source).arg("-o").arg(&object))?;
        let name = format!("linktab-hacl-{}", link.lib_name);
        let stand_in = self.dir.join(format!("lib{name}.a"));
        process::output(Command::new("ar").arg("rcs").arg(stand_in).arg(&object))?;
        link.search.push(self.dir.clone());
        link.needs.push(format!("static={name}"));
        Ok(())
    }
}

fn packages(suite: &str, debug: bool) -> Vec<String> {
    let wanted = |release: &&Release| release.suite == suite && release.debug == debug;
    let minors = RELEASES.iter().filter(wanted).map(|release| release.minor);
    minors
        .flat_map(|minor| {
            let python = format!("python3.{minor}");
            let parts = ["", "-dev", "-stdlib", "-minimal", if debug { "-dbg" } else { "-testsuite" }];
            let libraries = parts.map(|part| format!("lib{python}{part}"));
            let programs =
                [debug.then(|| format!("{python}-dbg")), Some(format!("{python}-minimal")), Some(python)];
            programs.into_iter().flatten().chain(libraries)
        })
        .collect()
}

/// Whether the suite's C library is younger than this machine's.
fn younger(apt: &Apt) -> Result<bool> {
    let own =
        process::output(Command::new("dpkg-query").args(["--show", "--showformat=${Version}", "libc6"]))?;
    let mut dpkg = Command::new("dpkg");
    let status = dpkg.args(["--compare-versions", &apt.version("libc6")?, "gt", &own]).status();
    Ok(status.context("dpkg does not run")?.success())
}

/// `lib` becomes a link to `usr/lib`, where nothing is there yet.
fn link(root: &Path, name: &str) -> Result<()> {
    let link = root.join(name);
    if !link.exists() {
        symlink(&Path::new("usr").join(name), &link)
            .with_context(|| format!("cannot make the link {}", link.display()))?;
    }
    Ok(())
}

#[cfg(unix)]
fn symlink(to: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, link)
}

/// The command is compiled for Windows as well, where `dpkg` was asked for and missed before this.
#[cfg(not(unix))]
fn symlink(_to: &Path, _link: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Debian's package, unpacked.
fn patchelf(target: &Path) -> Result<PathBuf> {
    let dir = target.join("cpython/patchelf");
    let program = dir.join("root/usr/bin/patchelf");
    if !program.is_file() {
        Apt::open(target)?.unpack(&["patchelf".to_owned()].into(), &dir)?;
    }
    ensure(program.is_file(), || format!("the package patchelf holds no {}", program.display()))?;
    Ok(program)
}
