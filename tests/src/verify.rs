//! For tests of the command `linktab`: builds programs from source and runs the command on them. Judges
//! nothing.

pub mod account;
pub mod alterations;
pub mod archives;
pub mod bitcode;
pub mod bombs;
pub mod cases;
pub mod chained;
pub mod cross_check;
pub mod faulty;
pub mod machines;
pub mod many;
pub mod native;
mod process;
mod project;
pub mod targets;
pub mod universal;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use linktab_verify::commands::{Builders, Exit};
use serde_json::Value;

use crate::alone::alone;
use crate::{profile, when_written};

pub use process::{cargo_command, command, command_nobody_reads, command_reading, handed_out};
pub use project::{Project, cargo_linktab, extension, without_hashes};

/// What a run of the command left.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub exit: Exit,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Other crates have them: what needs one is run as a program.
pub const NO_BUILDERS: Builders<'_> = Builders {
    adopt: &|_, _| Err("not here".into()),
    build: &|_, _| Err("not here".into()),
    install_sdk: &|_, _| Err("not here".into()),
    python: &|_, _| Err("not here".into()),
};

/// Runs `linktab` with arguments, in this process.
pub fn linktab<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    let mut command = vec![OsString::from("linktab")];
    command.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = linktab_verify::commands::run(command, &NO_BUILDERS, &mut out, &mut err);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command writes UTF-8");
    Ran { exit, out: text(out), err: text(err) }
}

/// How a check ends, and the codes that it tells.
///
/// # Panics
///
/// When it writes no report.
#[must_use]
pub fn codes(program: &Path, arguments: &[&str]) -> (Exit, Vec<String>) {
    let program = program.to_str().expect("an ASCII path");
    let mut all = vec!["check", "--no-config", "--output-format", "json"];
    all.extend(arguments);
    all.extend(["--", program]);
    let ran = linktab(&all);
    let document: Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{all:?}: {error}: {ran:?}"));
    let findings = document["findings"].as_array().expect("a list").iter();
    let mut codes: Vec<String> = findings.map(|it| it["code"].as_str().unwrap_or("").to_owned()).collect();
    codes.sort();
    codes.dedup();
    (ran.exit, codes)
}

/// The folder of the verifier's fixtures.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/verify")
}

/// A folder for what one test builds.
pub fn scratch(name: &str) -> PathBuf {
    let folder = target().join("verify-scratch").join(name);
    fs::create_dir_all(&folder).expect("the target folder is writable");
    folder
}

/// Where fixtures are built: beside the workspace's own artifacts.
pub fn target() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let target = env::var_os("CARGO_TARGET_DIR").map_or(beside, PathBuf::from);
    fs::create_dir_all(&target).expect("the target folder is writable");
    target.canonicalize().expect("the target folder exists")
}

/// Runs a program, and stops the test with all that it said when it fails.
pub fn must(command: &mut Command) -> Output {
    let output = when_written(|| command.output()).unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    output
}

/// Whether a program is on PATH. Says so when it is not: a skipped case has to be seen.
pub fn has(program: &str) -> bool {
    let found = env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()));
    if !found {
        eprintln!("skipped: {program} is not installed");
    }
    found
}

/// A tool of LLVM's for which Debian has no command without a version: it is beside one that has.
#[must_use]
pub fn llvm(tool: &str) -> Option<Command> {
    let path = env::var_os("PATH")?;
    let known = env::split_paths(&path).map(|folder| folder.join("llvm-ar")).find(|file| file.is_file());
    let beside = known.and_then(|file| file.canonicalize().ok()).map(|file| file.with_file_name(tool));
    let found = beside.filter(|file| file.is_file());
    if found.is_none() {
        println!("skipped: {tool} is not installed");
    }
    found.map(Command::new)
}

/// Builds the fixture application with a profile, as `profile.rs` names it, and flags for its last crate, and copies it to `to`.
pub fn build_app(profile: &str, flags: &[String], to: &Path) {
    let guard = alone("verify-app");
    let target = target().join("verify-app");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["rustc", "--quiet", "--locked", "--bin", "verify-app"]).args(profile::options(profile));
    cargo.arg("--manifest-path").arg(fixtures().join("app/Cargo.toml"));
    cargo.arg("--target-dir").arg(&target).env_remove("RUSTFLAGS").arg("--").args(flags);
    must(&mut cargo);
    fs::copy(target.join(profile::folder(profile)).join("verify-app"), to)
        .expect("cargo built the application");
    drop(guard);
}
