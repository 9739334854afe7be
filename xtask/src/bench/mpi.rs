//! `cargo xtask bench mpi`: OpenMPI provided, the file server and the command `linktab` built; what is
//! measured, the package `linktab-bench` knows.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use linktab_cpython::process;

use crate::cli::Options;
use crate::environment::Environment;
use crate::workspace;

/// Measures ranks.
///
/// # Errors
/// mpirun or FUSE are not to be had, something does not build, or a rank fails.
pub fn bench(options: &Options) -> Result<()> {
    provide_mpi()?;
    super::require_fuse()?;
    let mut environment = Environment::new(options);
    let mut bench = super::command(&mut environment)?;
    super::build(&environment, &["--package", "linktab-slow-files", "--package", "linktab-verify"])?;
    let built = workspace::target().join("debug");
    bench.env("LINKTAB_SLOW_FILES", built.join("slow-files")).env("LINKTAB_COMMAND", built.join("linktab"));
    bench.arg("mpi").args(options.small.then_some("small"));
    super::finish(&mut bench)
}

/// Debian's package, which only root can install.
fn provide_mpi() -> Result<()> {
    if has_mpi() {
        return Ok(());
    }
    let mut install = Command::new("apt-get");
    install.args(["install", "--quiet", "--yes", "--no-install-recommends", "openmpi-bin"]);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    let done = process::output(Command::new("apt-get").args(["update", "--quiet"]))
        .and_then(|_| process::output(&mut install));
    done.context("mpirun is missing: install Open MPI as root (Debian: openmpi-bin)")?;
    ensure!(has_mpi(), "openmpi-bin is installed, but mpirun does not run");
    Ok(())
}

fn has_mpi() -> bool {
    Command::new("mpirun").arg("--version").output().is_ok_and(|output| output.status.success())
}
