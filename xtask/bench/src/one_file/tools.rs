//! Each way to ship an application: what is run to make it, and how it is started.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, io};

use anyhow::{Context as _, Result, ensure};

use super::Application;
use crate::run;

/// A way to ship an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Packages in a folder, and a Python that is installed.
    Venv,
    /// The same as an archive.
    Zipapp,
    /// An archive that unpacks itself into a cache.
    Shiv,
    Pex,
    /// CPython, libraries and packages, as a folder.
    PyInstallerFolder,
    /// The same as a file, which unpacks itself at every start.
    PyInstaller,
    /// Compiled to C, as a file that unpacks itself.
    Nuitka,
    Pack,
    PackCompressed,
}

/// What a tool made.
pub struct Built {
    /// How it is started.
    pub words: Vec<OsString>,
    /// Of all files, in bytes.
    pub size: u64,
    /// That it took.
    pub seconds: f64,
}

/// Where things are.
pub struct Bench {
    /// Everything is made below.
    dir: PathBuf,
    /// That all are made for.
    pub python: PathBuf,
    /// The command, and an executable with CPython inside.
    linktab: PathBuf,
    executable: PathBuf,
    limit: u32,
}

impl Bench {
    /// # Errors
    /// A variable is missing: `cargo xtask bench` sets them.
    pub fn new(limit: u32) -> Result<Self> {
        let python = env::var_os("LINKTAB_PYTHON")
            .context("LINKTAB_PYTHON is not set: start me by `cargo xtask bench`")?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        let built = target.join("release");
        let (linktab, executable) = (built.join("linktab"), built.join("hello"));
        Ok(Bench { dir: target.join("bench/one-file"), python: python.into(), linktab, executable, limit })
    }

    /// With programs that are built fast, which compares sizes and calls no worse.
    #[cfg(test)]
    pub fn for_test() -> Result<Self> {
        let mut bench = Bench::new(60)?;
        [bench.linktab, bench.executable] = super::debug_programs()?;
        bench.dir.push("test");
        Ok(bench)
    }

    /// The tools from PyPI, at their newest versions, which are returned.
    ///
    /// # Errors
    /// There is no index, or it lacks one.
    pub fn install(&self) -> Result<String> {
        let tools = self.dir.join("tools");
        if !tools.join("bin/shiv").exists() {
            run::output(Command::new(&self.python).args(["-m", "venv"]).arg(&tools))?;
            run::output(Command::new(tools.join("bin/pip")).args(["install", "--quiet", "pex", "shiv"]))?;
        }
        let freeze = self.freeze()?;
        let mut versions = String::new();
        for python in [tools.join("bin/python"), freeze] {
            versions += &run::output(Command::new(python).args(["-m", "pip", "freeze"]))?;
        }
        let of = ["pyinstaller==", "Nuitka==", "pex==", "shiv=="];
        let lines = versions.lines().filter(|line| of.iter().any(|name| line.starts_with(name)));
        let linktab = run::output(Command::new(&self.linktab).arg("--version"))?;
        Ok(lines.chain([linktab.trim()]).collect::<Vec<_>>().join(", ").replace("==", " "))
    }

    /// A Python with PyInstaller and Nuitka, beside which they want the packages.
    fn freeze(&self) -> Result<PathBuf> {
        let freeze = self.dir.join("freeze");
        if !freeze.join("bin/pyinstaller").exists() {
            run::output(Command::new(&self.python).args(["-m", "venv"]).arg(&freeze))?;
            let mut pip = Command::new(freeze.join("bin/pip"));
            run::output(pip.args(["install", "--quiet", "pyinstaller", "nuitka[onefile]"]))?;
        }
        Ok(freeze.join("bin/python"))
    }

    /// An empty folder with the application's code in `code/`. Its packages are fetched, so that no tool waits for the
    /// network and another finds them at hand.
    ///
    /// # Errors
    /// The folder cannot be made, or there is no index.
    pub fn application(&self, application: &Application) -> Result<PathBuf> {
        let folder = self.dir.join(application.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(folder.join("code"))?;
        fs::write(folder.join("code").join(application.name).with_extension("py"), application.code)?;
        if !application.packages.is_empty() {
            let mut pip = Command::new(self.freeze()?);
            run::output(pip.args(["-m", "pip", "install", "--quiet"]).args(application.packages))?;
        }
        Ok(folder)
    }

    /// Runs a step of a build, for so long at most.
    fn step(&self, program: &Path, arguments: &[&str], folder: &Path) -> Result<()> {
        let mut command = Command::new("timeout");
        command.arg(self.limit.to_string()).arg(program).args(arguments).current_dir(folder);
        let bin = self.dir.join("tools/bin");
        let path = env::var_os("PATH").unwrap_or_default();
        command.env("PATH", env::join_paths([bin].into_iter().chain(env::split_paths(&path)))?);
        let output = command.output().context("timeout, of coreutils, does not start")?;
        let name = program.file_name().unwrap_or_default().display();
        // timeout(1): 124 when the time is over.
        ensure!(output.status.code() != Some(124), "no build after {} s", self.limit);
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{name}: {}\n{said}", run::last_line(&said));
        Ok(())
    }
}

impl Tool {
    /// All of them.
    pub const ALL: [Tool; 9] = [
        Tool::Venv,
        Tool::Zipapp,
        Tool::Shiv,
        Tool::Pex,
        Tool::PyInstallerFolder,
        Tool::PyInstaller,
        Tool::Nuitka,
        Tool::Pack,
        Tool::PackCompressed,
    ];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Venv => "venv",
            Tool::Zipapp => "zipapp",
            Tool::Shiv => "shiv",
            Tool::Pex => "pex",
            Tool::PyInstallerFolder => "PyInstaller, onedir, --strip",
            Tool::PyInstaller => "PyInstaller, onefile, --strip",
            Tool::Nuitka => "Nuitka, onefile",
            Tool::Pack => "linktab pack --strip",
            Tool::PackCompressed => "linktab pack --strip --compress=all",
        }
    }

    /// Of the folder that it works in.
    pub fn folder(self) -> &'static str {
        match self {
            Tool::Venv => "venv",
            Tool::Zipapp => "zipapp",
            Tool::Shiv => "shiv",
            Tool::Pex => "pex",
            Tool::PyInstallerFolder => "onedir",
            Tool::PyInstaller => "onefile",
            Tool::Nuitka => "nuitka",
            Tool::Pack => "pack",
            Tool::PackCompressed => "compressed",
        }
    }

    /// Whether it is linktab's.
    pub fn is_ours(self) -> bool {
        matches!(self, Tool::Pack | Tool::PackCompressed)
    }

    /// Whether CPython is in what is shipped.
    pub fn brings_python(self) -> bool {
        !matches!(self, Tool::Venv | Tool::Zipapp | Tool::Shiv | Tool::Pex)
    }

    /// Makes it, in a folder with the application's code.
    ///
    /// # Errors
    /// The tool fails, or takes too long.
    pub fn build(self, bench: &Bench, application: &Application, folder: &Path) -> Result<Built> {
        let own = folder.join(self.folder());
        fs::create_dir_all(&own)?;
        let began = Instant::now();
        let words = self.make(bench, application, &own)?;
        let seconds = began.elapsed().as_secs_f64();
        let shipped = match self {
            Tool::Venv => own.clone(),
            Tool::PyInstallerFolder => own.join("dist").join(application.name),
            _ => PathBuf::from(words.last().context("a program has a name")?),
        };
        Ok(Built { words, size: size(&shipped)?, seconds })
    }

    fn make(self, bench: &Bench, application: &Application, own: &Path) -> Result<Vec<OsString>> {
        let name = application.name;
        let (output, entry) = (own.join(name), format!("{name}:main"));
        let code = own.join("../code").canonicalize()?;
        let main = code.join(name).with_extension("py");
        let (out, code, main) = (text(&output)?, text(&code)?, text(&main)?);
        let python = text(&bench.python)?;
        let tools = bench.dir.join("tools/bin");
        let freeze = bench.dir.join("freeze/bin");
        let run = |program: &Path, arguments: &[&str]| bench.step(program, arguments, own);
        let pip = |options: &[&str]| match application.packages {
            [] => Ok(()),
            packages => run(&freeze.join("python"), &[&["-m", "pip"], options, packages].concat()),
        };
        match self {
            Tool::Venv => {
                run(&bench.python, &["-m", "venv", "--without-pip", "."])?;
                let own_python = own.join("bin/python");
                pip(&["--python", text(&own_python)?, "install", "--quiet"])?;
                return Ok(vec![own_python.into(), main.into()]);
            }
            Tool::Zipapp => {
                pip(&["install", "--quiet", "--target", "all"])?;
                fs::create_dir_all(own.join("all"))?;
                fs::copy(main, own.join("all").join(name).with_extension("py"))?;
                run(&bench.python, &["-m", "zipapp", "all", "-c", "-m", &entry, "-p", python, "-o", out])?;
            }
            Tool::Shiv => {
                let options =
                    ["--compressed", "-p", python, "-e", &entry, "-o", out, "--site-packages", code];
                run(&tools.join("shiv"), &[&options, application.packages].concat())?;
            }
            Tool::Pex => {
                let options = ["--python", python, "-e", &entry, "-o", out, "-D", code];
                run(&tools.join("pex"), &[&options, application.packages].concat())?;
            }
            Tool::PyInstallerFolder => {
                run(&freeze.join("pyinstaller"), &["--noconfirm", "--strip", "--onedir", main])?;
                return Ok(vec![own.join("dist").join(name).join(name).into()]);
            }
            Tool::PyInstaller => {
                run(&freeze.join("pyinstaller"), &["--noconfirm", "--strip", "--onefile", main])?;
                return Ok(vec![own.join("dist").join(name).into()]);
            }
            Tool::Nuitka => {
                let file = format!("--output-filename={name}");
                let options =
                    ["-m", "nuitka", "--onefile", "--assume-yes-for-downloads", "--static-libpython=no"];
                run(&freeze.join("python"), &[&options[..], &[&file, main]].concat())?;
            }
            Tool::Pack | Tool::PackCompressed => {
                let mut options = vec!["pack", text(&bench.executable)?, "--code", code, "--entry", &entry];
                options.extend(["-o", out, "--strip"]);
                options.extend(application.packages.iter().flat_map(|package| ["--with", package]));
                if self == Tool::PackCompressed {
                    options.push("--compress=all");
                }
                run(&bench.linktab, &options)?;
            }
        }
        Ok(vec![output.into()])
    }
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{}: expected a name in UTF-8", path.display()))
}

/// Of all files below.
///
/// # Errors
/// One cannot be read.
pub fn size(path: &Path) -> io::Result<u64> {
    let found = fs::symlink_metadata(path)?;
    if !found.is_dir() {
        return Ok(if found.is_file() { found.len() } else { 0 });
    }
    fs::read_dir(path)?.map(|entry| size(&entry?.path())).sum()
}
