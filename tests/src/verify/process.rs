//! The command `linktab` as a program of its own, for what only a process shows: pipes and exit codes.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{must, target};

/// Builds it.
pub fn command() -> PathBuf {
    build("linktab")
}

/// Builds `cargo-linktab`, which cargo starts for `cargo linktab`.
pub fn cargo_command() -> PathBuf {
    build("cargo-linktab")
}

/// Builds a command as it is handed out: the wheel that the part `dist` builds has the same, built once.
pub fn handed_out(name: &str) -> PathBuf {
    build_with(name, &["--profile", "dist"]);
    target().join("dist").join(name)
}

fn build(name: &str) -> PathBuf {
    build_with(name, &[]);
    target().join("debug").join(name)
}

fn build_with(name: &str, flags: &[&str]) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "-p", "linktab-verify", "--bin", name]).args(flags);
    // Some CPythons need a linker driver, whose path cargo remembers with each crate: the command does not, and everything
    // in the folder would be compiled anew for it, and anew for the next test program.
    let variables = env::vars_os().map(|(name, _)| name);
    for name in variables.filter(|name| is_linker(&name.to_string_lossy())) {
        cargo.env_remove(name);
    }
    cargo.arg("--manifest-path").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"));
    must(&mut cargo);
}

/// Cargo's reference, "Environment variables": `CARGO_TARGET_<triple>_LINKER`.
fn is_linker(variable: &str) -> bool {
    variable.starts_with("CARGO_TARGET_") && variable.ends_with("_LINKER")
}

/// Runs it with a file as its standard input: its exit code, and what it says.
pub fn command_reading(file: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut child = Command::new(command())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let bytes = fs::read(file).expect("the file can be read");
    child.stdin.take().expect("a pipe").write_all(&bytes).expect("the command reads");
    let output = child.wait_with_output().expect("the command ends");
    (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
}

/// Runs it with its standard output closed: its exit code, and what it writes to standard error.
pub fn command_nobody_reads(arguments: &[&str]) -> (Option<i32>, String) {
    let mut child = Command::new(command())
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the command ends");
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}
