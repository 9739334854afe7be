//! `cargo xtask bench one-file`: strace provided, the command `linktab` and an executable to pack built; what is
//! measured, the package `linktab-bench` knows.

use std::env;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use linktab_cpython::process;

use crate::cli::Options;
use crate::environment::Environment;
use crate::needs::Need;
use crate::workspace;

/// Measures what ships applications.
///
/// # Errors
/// No static CPython is found, something does not build, or there is no package index.
pub fn bench(options: &Options) -> Result<()> {
    let mut environment = Environment::new(options);
    environment.provide(&[Need::Packages("strace")])?;
    let mut bench = super::command(&mut environment)?;
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args(["build", "--release", "--package", "hello", "--package", "linktab-verify"]);
    build.current_dir(workspace::root()).envs(environment.variables());
    let status = build.status().context("cannot start cargo")?;
    ensure!(status.success(), "`{}` failed ({status})", process::line(&build));
    super::finish(bench.arg("one-file"))
}
