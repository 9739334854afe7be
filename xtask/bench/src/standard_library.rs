//! A prefix in, a copy of the standard library below it out, which any file system can show.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run;

const COPY: &str = "
import os, shutil, sys, sysconfig
left_out = ('test', 'tests', 'idlelib', 'lib2to3', 'tkinter', 'turtledemo', 'ensurepip', '__pycache__',
            'site-packages', 'dist-packages', 'config-*')
to = os.path.join(sys.argv[1], 'lib', f'python3.{sys.version_info[1]}')
shutil.copytree(sysconfig.get_path('stdlib'), to, symlinks=False, ignore=shutil.ignore_patterns(*left_out),
                ignore_dangling_symlinks=True)
print(to)
";

/// Copies it without its tests, where `PYTHONHOME` leads; returns the folder.
///
/// # Errors
/// `LINKTAB_PYTHON` is not set, or something cannot be copied.
pub fn copy(prefix: &Path) -> Result<PathBuf> {
    let python = std::env::var_os("LINKTAB_PYTHON").context("LINKTAB_PYTHON is not set")?;
    let said = run::output(Command::new(python).args(["-c", COPY]).arg(prefix))?;
    Ok(PathBuf::from(said.trim()))
}
