//! The CPython that is linked: its headers, its library, and a Python that runs what builds.
//!
//! Searches for none: that is done once for a project, by `linktab python`, whose variables are read here.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{fail, given, text, variable, watch};

/// What prints the folder of `Python.h`.
const INCLUDE: &str = "import sysconfig; print(sysconfig.get_path('include'))";

/// The CPython that extensions are compiled for.
#[derive(Debug, Clone)]
pub struct Python {
    executable: OsString,
    include: Vec<PathBuf>,
    config: Option<Config>,
}

/// The lines of a `PYO3_CONFIG_FILE` (PyO3's guide, "Building and distribution").
#[derive(Debug, Clone)]
struct Config {
    file: PathBuf,
    text: String,
}

/// The CPython of this build: the one that `linktab python` found (`LINKTAB_PYTHON`, `LINKTAB_PYTHON_INCLUDE`,
/// `PYO3_CONFIG_FILE`); else that of PyO3 (`PYO3_PYTHON`), else `python3`.
///
/// Where it has no `Python.h`, the build fails and says so.
///
/// # Examples
///
/// ```no_run
/// // build.rs
/// for folder in linktab_build::python().include() {
///     println!("cargo::metadata=include={}", folder.display());
/// }
/// ```
#[must_use]
pub fn python() -> Python {
    let config = variable("PYO3_CONFIG_FILE").map(|file| Config::read(Path::new(&file)));
    let named = config.as_ref().and_then(|config| config.value("executable")).map(OsString::from);
    let executable = variable("LINKTAB_PYTHON").or(named).or_else(|| variable("PYO3_PYTHON"));
    let executable = executable.unwrap_or_else(|| "python3".into());
    let include = match variable("LINKTAB_PYTHON_INCLUDE") {
        Some(folders) => env::split_paths(&folders).collect(),
        None => vec![asked(&executable)],
    };
    if !include.iter().any(|folder| folder.join("Python.h").is_file()) {
        let folders: Vec<String> = include.iter().map(|folder| folder.display().to_string()).collect();
        fail(&format!(
            "expected Python.h in {}, found none: install it (apt: python3-dev), or let `linktab python` choose another \
             CPython",
            folders.join(", ")
        ));
    }
    Python { executable, include, config }
}

/// The folder that an interpreter tells, which is one for the machine that it runs on.
fn asked(executable: &OsStr) -> PathBuf {
    let (host, target) = (given("HOST"), given("TARGET"));
    if host != target {
        fail(&format!(
            "expected the folder of a Python.h for {target} in LINKTAB_PYTHON_INCLUDE, found none: the CPython of \
             {host} does not know it"
        ));
    }
    run(executable, &["-c", INCLUDE]).into()
}

impl Python {
    /// The interpreter.
    #[must_use]
    pub fn executable(&self) -> &Path {
        Path::new(&self.executable)
    }

    /// The folders that `#include <Python.h>` needs: Debian splits them.
    #[must_use]
    pub fn include(&self) -> &[PathBuf] {
        &self.include
    }

    /// Links libpython, and what it needs, into what depends on this package. Whoever depends on `linktab-finder` or
    /// PyO3 has it linked already.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// // build.rs of a crate that calls the C API and nothing of PyO3
    /// linktab_build::python().link();
    /// linktab_build::export_symbols();
    /// ```
    pub fn link(&self) {
        let Some(config) = &self.config else {
            fail(
                "expected PYO3_CONFIG_FILE, which says how libpython is linked, found none: run `linktab python`",
            )
        };
        let needed = |key| {
            let fault = || {
                fail(&format!(
                    "expected {key} in {}, found none: run `linktab python`",
                    config.file.display()
                ))
            };
            config.value(key).unwrap_or_else(fault)
        };
        println!("cargo::rustc-link-search=native={}", needed("lib_dir"));
        let is_shared = needed("shared") == "true";
        // Not bundled: another crate may link the same libpython.
        let kind = if is_shared { "dylib" } else { "static:-bundle" };
        println!("cargo::rustc-link-lib={kind}={}", needed("lib_name"));
        for line in config.values("extra_build_script_line") {
            println!("{line}");
        }
    }
}

impl Config {
    fn read(file: &Path) -> Config {
        watch(file);
        match fs::read_to_string(file) {
            Ok(text) => Config { file: file.to_owned(), text },
            Err(error) => fail(&format!("cannot read {}: {error}; run `linktab python`", file.display())),
        }
    }

    fn values<'c>(&'c self, key: &'c str) -> impl Iterator<Item = &'c str> {
        let pairs = self.text.lines().filter_map(|line| line.split_once('='));
        pairs.filter(move |(found, _)| *found == key).map(|(_, value)| value)
    }

    fn value<'c>(&'c self, key: &'c str) -> Option<&'c str> {
        self.values(key).next()
    }
}

/// Runs a Python that has the packages which builds use, and returns what it prints, without the line's end: the one
/// that `LINKTAB_TOOLS_PYTHON` names, else that of [`python`].
///
/// # Examples
///
/// ```no_run
/// // build.rs
/// let headers = linktab_build::tool(&["-c", "import numpy; print(numpy.get_include())"]);
/// linktab_build::c_extension("acme._arrays").include(headers).file("src/arrays.c").compile();
/// ```
#[must_use]
pub fn tool(arguments: &[&str]) -> String {
    let tools = text("LINKTAB_TOOLS_PYTHON").map(OsString::from);
    run(&tools.unwrap_or_else(|| python().executable), arguments)
}

fn run(python: &OsStr, arguments: &[&str]) -> String {
    let name = Path::new(python).display();
    let output = match Command::new(python).args(arguments).output() {
        Ok(output) => output,
        Err(error) => fail(&format!("{name} does not run: {error}; `linktab python` finds another")),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        fail(&format!("{name} {} failed ({})\n{}", arguments.join(" "), output.status, said.trim_end()));
    }
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}
