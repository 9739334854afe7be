//! cargo for targets that no toolchain here has a standard library for: it is compiled from the sources
//! in `LINKTAB_RUST_SRC`, which `cargo xtask test --only macos` provides.
//!
//! All builds for a target share one folder and one set of compiler flags, and so one standard library; those for
//! two targets share nothing, since a folder is locked while cargo builds there.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
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

    /// `cargo COMMAND` for a target, in a workspace below `tests/fixtures`.
    #[must_use]
    pub fn cargo(&self, command: &str, workspace: &str, target: &str) -> Command {
        self.cargo_in(&fixture(workspace), command, target)
    }

    /// `cargo COMMAND` for a target, in the workspace of the repository.
    ///
    /// By way of a link: cargo names sources that lie in the workspace, as those of the standard library may, by other paths
    /// than all else, and would compile them again for each workspace.
    ///
    /// # Panics
    ///
    /// When the link cannot be made.
    #[must_use]
    pub fn cargo_in_repository(&self, command: &str, target: &str) -> Command {
        let link = target_dir("build-std").join("repository");
        let _ = fs::remove_file(&link);
        fs::create_dir_all(target_dir("build-std")).expect("a folder can be made");
        symlink(fixture("../.."), &link).expect("a link can be made");
        self.cargo_in(&link, command, target)
    }

    fn cargo_in(&self, workspace: &Path, command: &str, target: &str) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([command, "--quiet", "--locked", "--manifest-path"]).arg(workspace.join("Cargo.toml"));
        cargo.args(["--target", target, "--target-dir"]);
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
