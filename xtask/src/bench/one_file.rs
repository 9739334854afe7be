//! `cargo xtask bench one-file`: strace provided, the command `linktab` and an executable to pack built; what is
//! measured, the package `linktab-bench` knows.

use anyhow::Result;

use crate::cli::Options;
use crate::environment::Environment;
use crate::needs::Need;

/// Measures what ships applications.
///
/// # Errors
/// No static CPython is found, something does not build, or there is no package index.
pub fn bench(options: &Options) -> Result<()> {
    let mut environment = Environment::new(options);
    environment.provide(&[Need::Packages("strace")])?;
    let mut bench = super::command(&mut environment)?;
    super::build(&environment, &["--release", "--package", "hello", "--package", "linktab-verify"])?;
    super::finish(bench.arg("one-file"))
}
