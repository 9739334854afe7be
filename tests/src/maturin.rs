//! maturin, which makes wheels, and the Python that has it.

use std::env;
use std::process::Command;

use crate::run;

/// A Python with maturin, which `cargo xtask test` provides.
#[must_use]
pub fn python() -> Command {
    let tools = env::var_os("LINKTAB_TOOLS_PYTHON").unwrap_or_else(|| "python3".into());
    let mut python = Command::new(tools);
    // Wheels are for an ordinary CPython: maturin finds its configuration by itself.
    python.env_remove("PYO3_CONFIG_FILE").env_remove("PYTHONHOME");
    python
}

/// maturin's program: beside the package where pip was given a folder, with the other programs elsewhere.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn maturin() -> Command {
    let where_is_it = "\
import maturin, os, sysconfig
site = os.path.dirname(os.path.dirname(maturin.__file__))
folders = [os.path.join(site, 'bin'), sysconfig.get_path('scripts')]
print(next(p for f in folders if os.path.exists(p := os.path.join(f, 'maturin'))), end='')
";
    let mut maturin = Command::new(run(python().args(["-c", where_is_it])));
    maturin.env_remove("PYO3_CONFIG_FILE").env_remove("PYTHONHOME");
    maturin
}
