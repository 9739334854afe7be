//! The index, whose unsafe code reads records, under tools that see what a test cannot.
//!
//! Both need a nightly toolchain. Over ordinary slices: Miri does not know linkme's extern statics.

use std::process::Command;

use anyhow::Result;

use super::run::Run;
use crate::process;
use crate::workspace;

/// What [`super::parts::PARTS`] runs.
pub fn check(run: &mut Run) -> Result<()> {
    if answers(&mut nightly(&["--version"])) {
        address_sanitizer(run)?;
    } else {
        run.skip("nightly Rust is not installed");
    }
    if answers(&mut nightly(&["miri", "--version"])) {
        miri(run)
    } else {
        run.skip("miri is not installed");
        Ok(())
    }
}

fn address_sanitizer(run: &mut Run) -> Result<()> {
    let mut test = nightly(&["test", "--release", "-p", "linktab", "--test", "index"]);
    // With a target, macros and build scripts are compiled without the flag.
    test.args(["--target", &host()?, "--target-dir"]).arg(workspace::target().join("sanitizer"));
    test.env("RUSTFLAGS", "-Zsanitizer=address");
    // Records live for ever, in these tests on a heap that nobody frees.
    run.runner(test.env("ASAN_OPTIONS", "detect_leaks=0").env("PROPTEST_CASES", "5000"))
}

/// The target that this machine is.
fn host() -> Result<String> {
    let mut rustc = Command::new("rustc");
    Ok(process::output(rustc.args(["--print", "host-tuple"]))?.trim().to_owned())
}

fn miri(run: &mut Run) -> Result<()> {
    let mut test = nightly(&["miri", "test", "-p", "linktab", "--test", "index"]);
    run.runner(test.env("MIRIFLAGS", "-Zmiri-strict-provenance -Zmiri-ignore-leaks"))
}

fn nightly(args: &[&str]) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo"]).args(args).current_dir(workspace::root());
    command
}

fn answers(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
