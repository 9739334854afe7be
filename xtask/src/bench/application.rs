//! `cargo xtask bench application`: strace and valgrind provided, the command `linktab`, an executable to pack and the
//! file server built; what is measured, the package `linktab-bench` knows.

use anyhow::Result;

use crate::cli::Options;
use crate::environment::Environment;
use crate::needs::Need;
use crate::workspace;

/// Measures an application.
///
/// # Errors
/// No static CPython is found, something does not build or start, or there is no package index and no FUSE.
pub fn bench(options: &Options) -> Result<()> {
    super::require_fuse()?;
    let mut environment = Environment::new(options);
    environment.provide(&[Need::Packages("strace"), Need::Packages("valgrind")])?;
    let mut bench = super::command(&mut environment)?;
    let packages = ["hello", "linktab-verify", "linktab-slow-files"].map(|package| ["--package", package]);
    super::build(&environment, &[&["--release"], packages.as_flattened()].concat())?;
    bench.env("LINKTAB_SLOW_FILES", workspace::target().join("release/slow-files"));
    super::finish(bench.arg("application").args(options.small.then_some("small")))
}
