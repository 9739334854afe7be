//! `cargo xtask bench`: a CPython found and the finder built, then the package `linktab-bench` run, which
//! does everything else. Plots and C++ stay in that package, so that this one is built in seconds.

mod application;
mod mpi;
mod one_file;

use std::env;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use linktab_cpython::process;

use crate::cli::Options;
use crate::environment::Environment;
use crate::needs::{Need, Tools};
use crate::workspace;

/// Runs all benchmarks, or those with one count of modules.
///
/// # Errors
/// No static CPython is found, something does not build, or a peer fails.
pub fn bench(options: &Options) -> Result<()> {
    if options.mpi {
        return mpi::bench(options);
    }
    if options.application {
        return application::bench(options);
    }
    if options.one_file {
        return one_file::bench(options);
    }
    let mut environment = Environment::new(options);
    // Other readers of binaries are measured too.
    environment.provide(&[Need::Tools(Tools::Readers)])?;
    let mut bench = command(&mut environment)?;
    match options.only.as_slice() {
        [] => {}
        [count] => drop(bench.args(["only", count])),
        _ => anyhow::bail!("--only takes one count of modules here"),
    }
    finish(&mut bench)
}

/// Builds packages of the workspace, as `options` of cargo say.
fn build(environment: &Environment, options: &[&str]) -> Result<()> {
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.arg("build").args(options).current_dir(workspace::root()).envs(environment.variables());
    let status = build.status().context("cannot start cargo")?;
    ensure!(status.success(), "`{}` failed ({status})", process::line(&build));
    Ok(())
}

/// For the file system that is slow on purpose.
fn require_fuse() -> Result<()> {
    let is_there = std::path::Path::new("/dev/fuse").exists();
    ensure!(is_there, "there is no /dev/fuse: the kernel module `fuse` is missing");
    Ok(())
}

fn finish(bench: &mut Command) -> Result<()> {
    let status = bench.status().with_context(|| format!("cannot start `{}`", process::line(bench)))?;
    ensure!(status.success(), "`{}` failed ({status}); it says why above", process::line(bench));
    Ok(())
}

/// Builds what measures; returns the command without its arguments.
///
/// # Errors
/// As [`bench`].
pub fn command(environment: &mut Environment) -> Result<Command> {
    environment.provide(&[Need::Python, Need::Cxx])?;
    eprintln!("{}", environment.summary());
    build(environment, &["--release", "--package", "linktab-bench-host", "--package", "linktab-bench"])?;
    let mut bench = Command::new(workspace::target().join("release/linktab-bench"));
    bench.current_dir(workspace::root()).envs(environment.variables());
    Ok(bench)
}
