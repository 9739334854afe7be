//! Arguments in, a [`Command`] out, or the text that explains them.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, bail};
use lexopt::{Arg, Parser, ValueExt as _};
use linktab_cpython::{Build, Fetch, Request};

/// Shown for `cargo xtask` alone.
pub const OVERVIEW: &str = "\
commands of the repository:
  cargo xtask demo      build one executable with CPython and every kind of extension inside, and use it
  cargo xtask test      run every test; --list shows the parts, --only PART runs one
  cargo xtask bench     measure linktab beside every other way to register extensions
  cargo xtask python    find a CPython that can be linked, and print the variables that builds read
`cargo xtask COMMAND --help` says more.
";

const DEMO: &str = "\
Builds examples/demo in release with CPython inside, imports and uses every extension in it, and
lists what the executable holds. Finds or fetches what that needs; writes below target/ only.

usage: cargo xtask demo [--one-file] [--python PATH|VERSION|download] [--verbose]

  --one-file         put the standard library and the demo's Python code behind the executable, and
                     use it in an empty folder, with no Python to be found
  --python PATH      link the libpython of this interpreter
  --python 3.15      link one of this version: an installed one, or that of a suite of Debian
  --python download  link the distribution's own packages, unpacked below target/ (Debian, Ubuntu)
  --verbose          show every command's output, and what was tried to find a CPython

examples:
  cargo xtask demo
  cargo xtask demo --one-file
  cargo xtask demo --python /opt/python3.14/bin/python3
";

const TEST: &str = "\
Runs the tests, part by part, and ends with a table. Exits 1 when anything failed; with CI=true a
test that could not run counts as failed too.

usage: cargo xtask test [--only PART]... [--thorough] [--list] [--python PATH|VERSION|download] [--verbose]
       cargo xtask test --only adopt PACKAGE...

  --only PART  run this part, and install what it needs and no more; may be repeated
  --thorough   every combination of what is combined, and everything on every CPython: what CI does once
               a week. Else each value with each other, and what takes long on few CPythons
  --list       print the parts, each with what it needs
  PACKAGE      with `--only adopt`: adopt this package from PyPI instead of the usual two

examples:
  cargo xtask test
  cargo xtask test --only fmt --only clippy
  cargo xtask test --only adopt orjson kiwisolver
";

const BENCH: &str = "\
Builds executables with 100, 1,000 and 10,000 generated extensions around one static CPython, one for
each way to register them, and measures start-up, import, miss, memory and tables. Prints what was
promised and what was found, and writes docs/performance. Takes about half an hour; needs valgrind,
and strace for the calls to the file system.

usage: cargo xtask bench [--python PATH|download] [--only COUNT]
       cargo xtask bench mpi [--python PATH|download] [--small]
       cargo xtask bench one-file [--python PATH|download]
       cargo xtask bench application [--python PATH|download] [--small]

  --only COUNT  with so many extensions alone
  mpi           4 and 16 ranks that import 500 extensions at once, as files, in the executable, and as
                one file; from the local disk and from a slow file system that counts requests. Writes
                docs/performance/mpi.md. Needs root, mpirun (installed if need be) and /dev/fuse
  application   30 packages from PyPI as a virtual environment, packed, and linked in: first output warm,
                cold and from a slow file system, files opened, instructions, memory of 16 processes. Writes
                docs/performance/application.md. Needs root, an index of packages and /dev/fuse
  --small       with few ranks, extensions or packages, once, and writes nothing
  one-file      three applications as `linktab pack`, PyInstaller, Nuitka, pex, shiv, zipapp and a virtual
                environment ship them: size, build, start, files opened, memory. Writes
                docs/performance/one-file.md. Needs root, and a Python that has venv

examples:
  cargo xtask bench --python download
  cargo xtask bench --only 1000
  cargo xtask bench mpi --python download
";

const PYTHON: &str = "\
Finds a CPython that can be linked into an executable, proves it by linking and starting one, and
prints the variables that a plain `cargo build` of this workspace needs to do the same.

usage: cargo xtask python [--python PATH|VERSION|download] [--verbose]

examples:
  cargo xtask python --verbose
  eval \"$(cargo xtask python)\" && cargo build --release --package linktab-demo
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print this.
    Help(&'static str),
    /// `demo`
    Demo(Options),
    /// `test`
    Test(Options),
    /// `bench`
    Bench(Options),
    /// `python`
    Python(Options),
}

/// The flags of all commands; each command accepts its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// `--python`
    pub python: Request,
    /// `--verbose`
    pub verbose: bool,
    /// `--only`
    pub only: Vec<String>,
    /// Packages for the part `adopt`
    pub packages: Vec<String>,
    /// `--thorough`
    pub thorough: bool,
    /// `--list`
    pub list: bool,
    /// `--one-file`, or `bench one-file`
    pub one_file: bool,
    /// `bench mpi`
    pub mpi: bool,
    /// `bench application`
    pub application: bool,
    /// `--small`
    pub small: bool,
}

/// Reads the arguments behind `cargo xtask`.
///
/// # Errors
/// An argument is unknown or lacks its value.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command> {
    let mut parser = Parser::from_args(args);
    let name = match parser.next()? {
        None | Some(Arg::Long("help") | Arg::Short('h')) => return Ok(Command::Help(OVERVIEW)),
        Some(Arg::Value(name)) => name.string()?,
        Some(other) => return Err(other.unexpected().into()),
    };
    type Make = fn(Options) -> Command;
    let (make, help): (Make, &'static str) = match name.as_str() {
        "demo" => (Command::Demo, DEMO),
        "test" => (Command::Test, TEST),
        "bench" => (Command::Bench, BENCH),
        "python" => (Command::Python, PYTHON),
        "help" => return Ok(Command::Help(OVERVIEW)),
        _ => bail!("`{name}` is no command: expected demo, test, bench or python"),
    };
    let mut options = Options {
        python: wished(None),
        verbose: false,
        only: Vec::new(),
        packages: Vec::new(),
        thorough: false,
        list: false,
        one_file: false,
        mpi: false,
        application: false,
        small: false,
    };
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help(help)),
            Arg::Long("python") => options.python = wished(Some(parser.value()?)),
            Arg::Long("verbose") | Arg::Short('v') => options.verbose = true,
            Arg::Long("only") if name == "test" || name == "bench" => {
                options.only.push(parser.value()?.string()?)
            }
            Arg::Long("thorough") if name == "test" => options.thorough = true,
            Arg::Long("list") if name == "test" => options.list = true,
            Arg::Value(package) if name == "test" && options.only == ["adopt"] => {
                options.packages.push(package.string()?)
            }
            Arg::Value(what) if name == "bench" && what == "mpi" => options.mpi = true,
            Arg::Value(what) if name == "bench" && what == "one-file" => options.one_file = true,
            Arg::Value(what) if name == "bench" && what == "application" => options.application = true,
            Arg::Long("small") if options.mpi || options.application => options.small = true,
            Arg::Long("one-file") if name == "demo" => options.one_file = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(make(options))
}

/// Without a wish a static libpython is fetched rather than that a shared one is taken.
fn wished(value: Option<OsString>) -> Request {
    let any = Request { fetch: Fetch::BeforeShared, ..Request::default() };
    let Some(value) = value else { return any };
    match value.to_str().and_then(Build::parse) {
        Some(build) => Request { version: Some(build), ..any },
        None if value == "download" => Request { fetch: Fetch::Only, ..any },
        None => Request { python: Some(PathBuf::from(value)), ..any },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> String {
        match parse(line.split_whitespace().map(OsString::from)) {
            Ok(Command::Help(text)) => format!("{line:45} help: {}", text.lines().next().unwrap_or("")),
            Ok(command) => format!("{line:45} {command:?}"),
            Err(error) => format!("{line:45} error: {error}"),
        }
    }

    #[test]
    fn every_way_to_call_it() {
        let lines = [
            "",
            "--help",
            "help",
            "demo",
            "demo --help",
            "demo --python /opt/bin/python3 -v",
            "demo --python download",
            "demo --python 3.15",
            "demo --python 3.15t",
            "demo --one-file --python download",
            "demo --only fmt",
            "test --one-file",
            "test --list",
            "test --thorough --only matrix",
            "test --only fmt --only=unit --python python3.14",
            "test --only adopt orjson rpds-py",
            "test --only python orjson",
            "test --only",
            "bench --only 1000 --python download",
            "bench mpi --python download",
            "bench mpi --small",
            "bench one-file",
            "bench application --small",
            "bench --small",
            "bench mpy",
            "bench --list",
            "python --nonsense",
            "dmeo",
            "--verbose",
        ];
        insta::assert_snapshot!(lines.map(parsed).join("\n"));
    }
}
