//! cargo for targets that no toolchain here has a standard library for: it is compiled from the sources
//! in `LINKTAB_RUST_SRC`, which `cargo xtask test --only macos` provides.
//!
//! All builds for a target share one folder and one set of compiler flags, and so one standard library; those for
//! two targets share nothing, since a folder is locked while cargo builds there.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::verify::targets::sdk;
use crate::{fixture, target_dir};

/// The sources of the standard library.
#[derive(Debug)]
pub struct BuildStd {
    library: PathBuf,
}

impl BuildStd {
    /// `None` where there are no sources, which then is said.
    #[must_use]
    pub fn installed() -> Option<BuildStd> {
        let library = env::var_os("LINKTAB_RUST_SRC").map(PathBuf::from);
        if library.is_none() {
            println!("skipped: rust-src is not installed");
        }
        library.map(|library| BuildStd { library })
    }

    /// `cargo COMMAND` for a target, in a workspace below `tests/fixtures`. Not in that of the whole
    /// repository, which the sources may lie in: cargo would name them by other paths then, and compile
    /// them again for each workspace.
    #[must_use]
    pub fn cargo(&self, command: &str, workspace: &str, target: &str) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(fixture(workspace));
        cargo.args([command, "--quiet", "--locked", "--target", target, "--target-dir"]);
        cargo.arg(folder(target)).arg("-Zbuild-std=std,panic_unwind");
        // The flag above is a nightly one.
        cargo.env("RUSTC_BOOTSTRAP", "1");
        // Where cargo looks for the sources if not below the compiler, in its own tests and here.
        cargo.env("__CARGO_TESTS_ONLY_SRC_ROOT", &self.library);
        // The library is built as often as CI runs.
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env_remove("RUSTFLAGS");
        // rustc asks Xcode for it otherwise.
        cargo.env("SDKROOT", sdk());
        cargo
    }
}

/// Where programs for a target, unoptimised, are built.
#[must_use]
pub fn built(target: &str) -> PathBuf {
    folder(target).join(target).join("debug")
}

fn folder(target: &str) -> PathBuf {
    target_dir("build-std").join(target)
}

/// What rustc has to be told for the last step of a program for macOS: lld links it, and leaves open what
/// the libraries of a Mac have.
pub const MACOS_LINKER: [&str; 4] =
    ["-Clinker=rust-lld", "-Clinker-flavor=ld64.lld", "-Clink-arg=-undefined", "-Clink-arg=dynamic_lookup"];
