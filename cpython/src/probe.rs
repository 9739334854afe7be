//! A way to link libpython in; out comes whether it works, and what the program needs to start.
//!
//! Believes nothing: links a program of ten lines with the compiler and linker that will link the
//! real one, looks which libraries it asks the loader for, and starts Python in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use crate::driver;
use crate::error::{Context, Error, Result, ensure};
use crate::files;
use crate::interpreter::Interpreter;
use crate::link::{Kind, Link};
use crate::needed;

/// `Py_BytesMain` is the stable entry point since 3.8 (docs.python.org, "Very High Level Layer").
const PROGRAM: &str = r#"
use std::ffi::{CString, c_char, c_int};
unsafe extern "C" {
    fn Py_BytesMain(argc: c_int, argv: *mut *mut c_char) -> c_int;
}
fn main() {
    let mut argv: Vec<*mut c_char> =
        std::env::args().map(|arg| CString::new(arg).unwrap().into_raw()).collect();
    argv.push(std::ptr::null_mut());
    // SAFETY: as many terminated strings as `argc` says, and a null behind them, all alive to the end.
    std::process::exit(unsafe { Py_BytesMain(argv.len() as c_int - 1, argv.as_mut_ptr()) });
}
"#;

/// `math` and `_json` are objects beside the standard library in some builds: importing them shows
/// that the program exports what they need.
const SCRIPT: &str =
    "import sys, json, math, _json; print('%d.%d.%d' % sys.version_info[:3]); print(sys.base_prefix)";

/// What linking and starting showed.
#[derive(Debug)]
pub struct Proven {
    /// The program finds its standard library only when it is told where.
    pub home: Option<PathBuf>,
}

/// Links and starts a small program in `dir`.
///
/// # Errors
/// A header is missing, the linker refuses, libpython is asked for although the link is static, or
/// Python does not start: the message says which.
pub fn prove(interpreter: &Interpreter, link: &Link, dir: &Path) -> Result<Proven> {
    for header in ["Python.h", "pyconfig.h"] {
        let path = interpreter.include.join(header);
        ensure(path.is_file(), || format!("there is no {}", path.display()))?;
    }
    let program = compile(link, dir)?;
    let libpython = needed::libpython(&program)?;
    match (link.kind, libpython) {
        (Kind::StaticPic | Kind::Static, Some(library)) => {
            return Err(Error::new(format!("it links, but the program still asks for {library}")));
        }
        (Kind::Shared, None) => {
            return Err(Error::new("it links, but the program asks for no libpython"));
        }
        _ => {}
    }
    start(interpreter, &program)
}

fn compile(link: &Link, dir: &Path) -> Result<PathBuf> {
    files::create_dir(dir)?;
    let source = dir.join("probe.rs");
    fs::write(&source, PROGRAM).with_context(|| format!("cannot write {}", source.display()))?;
    let program = dir.join("probe");
    let linking = driver::install(dir, "words", &link.words)?;

    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .envs(linking.variables())
        .args(["--edition", "2021", "-C"])
        .arg(format!("linker={}", linking.program.display()))
        .arg("-o")
        .arg(&program)
        .args(rustc_args(link))
        .arg(&source)
        .current_dir(dir)
        .output()
        .context("rustc does not run")?;
    ensure(output.status.success(), || format!("it does not link: {}", reason(&output)))?;
    Ok(program)
}

fn rustc_args(link: &Link) -> Vec<OsString> {
    let mut args: Vec<OsString> = Vec::new();
    let mut two = |flag: &str, value: OsString| args.extend([flag.into(), value]);
    for dir in std::iter::once(&link.lib_dir).chain(&link.search) {
        let mut value = OsString::from("native=");
        value.push(dir);
        two("-L", value);
    }
    let modifier = if link.kind == Kind::Shared { "dylib=" } else { "static=" };
    two("-l", format!("{modifier}{}", link.lib_name).into());
    for need in &link.needs {
        two("-l", need.into());
    }
    // Extensions that are shared objects look for the C API in the program.
    two("-C", "link-arg=-rdynamic".into());
    args
}

/// Starts without a hint first: an archive remembers the prefix that it was configured with, and
/// only a Python that was moved needs one.
fn start(interpreter: &Interpreter, program: &Path) -> Result<Proven> {
    let run = |home: Option<&Path>| {
        let mut command = Command::new(program);
        command.args(["-B", "-c", SCRIPT]).env_remove("PYTHONHOME").env_remove("PYTHONPATH");
        if let Some(home) = home {
            command.env("PYTHONHOME", home);
        }
        command.output().context("the linked program does not run")
    };
    let expected = format!("{}\n{}\n", interpreter.version, interpreter.base_prefix.display());
    let at_home = |output: &Output| output.stdout == expected.as_bytes();

    if at_home(&run(None)?) {
        return Ok(Proven { home: None });
    }
    let home = interpreter.base_prefix.clone();
    let output = run(Some(&home))?;
    ensure(at_home(&output), || format!("it links, but Python does not start in it: {}", reason(&output)))?;
    Ok(Proven { home: Some(home) })
}

/// The line of a failure that says what is wrong.
fn reason(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let telling = ["undefined", "unable to find", "cannot find", "recompile with", "Error:"];
    let line = stderr
        .lines()
        .find(|line| telling.iter().any(|word| line.contains(word)))
        .or_else(|| stderr.lines().last())
        .unwrap_or("no message");
    line.trim().trim_start_matches("= note: ").to_owned()
}
