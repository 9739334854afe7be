//! The index, whose unsafe code reads records, under tools that see what a test cannot.
//!
//! Over ordinary slices: Miri does not know linkme's extern statics. The sanitizers are flags of every
//! compiler, which takes them from those who say that they know what they do (`RUSTC_BOOTSTRAP`).

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use linktab_cpython::files;
use linktab_cpython::process;

use super::programs;
use super::run::Run;
use crate::rust_src::{self, Sources};
use crate::workspace;

/// What [`super::parts::PARTS`] runs.
pub fn check(run: &mut Run) -> Result<()> {
    // Each has a build folder of its own, and compiles one crate after the other for the most part.
    let sanitized = [address_sanitizer(run)?, thread_sanitizer(run)?].into_iter().flatten();
    let headed = |cargo: Command| (format!("\n--- {}", process::line(&cargo)), cargo);
    for outcome in programs::side_by_side(sanitized.map(headed).collect(), programs::print)? {
        run.conclude(outcome);
    }
    if answers(&mut nightly(&["miri", "--version"])) {
        miri(run)
    } else {
        run.skip("miri is not installed");
        Ok(())
    }
}

fn address_sanitizer(run: &mut Run) -> Result<Option<Command>> {
    let Some(mut test) = with_sanitizer(run, "address", "asan")? else { return Ok(None) };
    test.args(["--test", "index"]);
    // Records live for ever, in these tests on a heap that nobody frees.
    test.env("ASAN_OPTIONS", "detect_leaks=0").env("PROPTEST_CASES", "5000");
    Ok(Some(test))
}

/// Everything that shares memory between threads must be compiled for it, std too, which takes as long as the rest of
/// this part: in a thorough run.
fn thread_sanitizer(run: &mut Run) -> Result<Option<Command>> {
    if !run.environment.thorough() {
        println!("the sanitizer for threads: with --thorough");
        return Ok(None);
    }
    let Some(mut test) = with_sanitizer(run, "thread", "tsan")? else { return Ok(None) };
    let library = match rust_src::provide(&workspace::target())? {
        Sources::Folder(library) => library,
        Sources::None(reason) => {
            run.skip(&reason);
            return Ok(None);
        }
    };
    test.args(["--test", "threads", "-Zbuild-std"]).env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
    // As in `tests/src/build_std.rs`: where cargo looks for the sources if not below the compiler.
    test.env("__CARGO_TESTS_ONLY_SRC_ROOT", library);
    Ok(Some(test))
}

/// `cargo test` of the crate `linktab`, compiled with a sanitizer whose runtime the compiler brings.
fn with_sanitizer(run: &mut Run, sanitizer: &str, runtime: &str) -> Result<Option<Command>> {
    let host = process::output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let libraries = process::output(Command::new("rustc").args(["--print", "target-libdir"]))?;
    let name = format!("_rt.{runtime}.a");
    if !files::names_in(Path::new(libraries.trim())).iter().any(|file| file.ends_with(&name)) {
        run.skip(&format!("the runtime of Rust's {sanitizer} sanitizer is not installed"));
        return Ok(None);
    }
    // With a target, macros and build scripts are compiled without the flag.
    let mut test = run.cargo(&["test", "-p", "linktab", "--target", host.trim(), "--target-dir"]);
    test.arg(workspace::target().join(format!("sanitizer-{sanitizer}")));
    test.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", format!("-Zsanitizer={sanitizer}"));
    Ok(Some(test))
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
