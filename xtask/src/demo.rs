//! `cargo xtask demo`: a fresh machine in, an executable with CPython and every extension out, used,
//! listed and checked. `--one-file` is in `demo/one_file.rs`.

mod one_file;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use linktab_cpython::Kind;
use linktab_cpython::needed;

use crate::environment::{BUILD, Environment};
use crate::needs::Need;
use crate::steps::{Step, Steps};
use crate::workspace;

pub use one_file::one_file;

/// Imports and uses every extension.
pub const SCRIPT: &str = "examples/demo/use_all.py";

/// What is built.
pub fn executable() -> PathBuf {
    workspace::target().join("release/demo")
}

/// Runs all steps.
///
/// # Errors
/// The first step that fails, with its last words and what to check.
pub fn demo(environment: &mut Environment) -> Result<()> {
    let mut steps = Steps::new(8, environment.verbose());
    let (demo, linktab) = (executable(), workspace::target().join("debug/linktab"));

    let shared = provide(&mut steps, environment)?;
    let check = "a compiler's own message is above; --verbose shows all of it";
    steps.run("build the demo, in release", check, |step| {
        step.command(&mut build(environment, &["--release", "--package", "linktab-demo"]))
    })?;
    // Reading one file takes no optimised reader, and that would take longer to build than the demo.
    steps.run("build the command `linktab`", check, |step| {
        step.command(&mut build(environment, &["--package", "linktab-verify"]))
    })?;
    steps.run(
        "look for libpython among the libraries that the demo loads",
        "which libpython was linked: `cargo xtask python --verbose`",
        |step| check_libraries(&demo, shared, step),
    )?;
    steps.run(
        "import and use every extension in the demo",
        "a name that is not in the table was not linked: is its crate named in examples/demo/src/main.rs?",
        |step| {
            let mut command = Command::new(&demo);
            command.arg(workspace::root().join(SCRIPT)).envs(environment.variables());
            step.show(&mut command)
        },
    )?;
    steps.run("list what the executable holds", "`target/debug/linktab list --help`", |step| {
        step.show(Command::new(&linktab).arg("list").arg(&demo))
    })?;
    steps.run(
        "check it against the crates that cargo linked",
        "each finding names what mends it; `target/debug/linktab explain --all`",
        |step| {
            let mut command = Command::new(linktab.with_file_name("cargo-linktab"));
            command.args(["linktab", "check", "--release", "--package", "linktab-demo"]);
            step.show(command.current_dir(workspace::root()).envs(environment.variables()))
        },
    )?;
    println!("\n{}", farewell(&demo, &linktab, steps.elapsed().as_secs()));
    Ok(())
}

/// The first two steps: a CPython, and tools. Whether only a shared libpython was found.
fn provide(steps: &mut Steps, environment: &mut Environment) -> Result<bool> {
    let shared = steps.run(
        "find a CPython that can be linked into a program",
        "`cargo xtask python --verbose` shows every attempt",
        |step| find_python(environment, step),
    )?;
    steps.run(
        "get what C++ and Cython extensions are built with",
        "the network, once: pip's own settings (PIP_INDEX_URL, PIP_CERT, proxies) apply",
        |_| environment.provide(BUILD),
    )?;
    Ok(shared)
}

fn build(environment: &Environment, args: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg("build").args(args).current_dir(workspace::root()).envs(environment.variables());
    cargo
}

/// Whether only a shared libpython was found.
fn find_python(environment: &mut Environment, step: &Step) -> Result<bool> {
    environment.provide(&[Need::Python])?;
    let shared = environment.python().is_some_and(|python| python.link.kind == Kind::Shared);
    if shared {
        step.say(
            "note: no CPython here has a library that can be linked statically, so the demo will load \
             libpython when it starts; the extensions are inside all the same",
        );
    }
    step.say(&environment.summary());
    Ok(shared)
}

fn check_libraries(demo: &Path, shared: bool, step: &Step) -> Result<()> {
    match needed::libpython(demo)? {
        Some(library) if !shared => bail!("{} still loads {library}", demo.display()),
        Some(library) => step.say(&format!("it loads {library}: no static one was found")),
        None => step.say("none: CPython is inside"),
    }
    Ok(())
}

fn farewell(demo: &Path, linktab: &Path, seconds: u64) -> String {
    let here = env::current_dir().unwrap_or_default();
    let short = |path: &Path| path.strip_prefix(&here).unwrap_or(path).display().to_string();
    let (demo, linktab) = (short(demo), short(linktab));
    format!(
        "all of it works, after {seconds} s. Try next:
  {demo}
      a Python prompt with the extensions inside
  {demo} -c 'import linktab; print(*linktab.modules(), sep=\"\\n\")'
      the table, as the program has it
  {linktab} list {demo}
      the table, as the file has it
  remove `use ext_geo as _;` from examples/demo/src/main.rs, and run `cargo xtask demo` again
      what an extension that no code names looks like"
    )
}
