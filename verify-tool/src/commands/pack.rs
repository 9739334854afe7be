//! `linktab pack`: an executable that is a `python` in, the same with Python code behind it out.
//!
//! The work is done by Python code (`pack.py`) that the executable itself runs, so that what is compiled
//! fits. At run time `linktab_finder::main()` finds the archive (finder/src/python/attachment.rs).

use std::io::Write;
use std::process::Command;

use super::args::Pack;
use super::streams::{Notes, Out};
use super::{Ended, Exit, Stop};
use crate::plain;

const PACK: &str = include_str!("pack.py");
const SHARED: &str = include_str!("pack_shared.py");

pub fn run(pack: &Pack, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    // A name without a slash would be looked for on PATH.
    let shown = plain::path(&pack.executable);
    let executable = pack
        .executable
        .canonicalize()
        .map_err(|error| Stop::Usage(format!("cannot read {shown}: {error}")))?;
    let mut python = Command::new(&executable);
    python.args(["-S", "-c", PACK]).arg(&executable).arg(&pack.output);
    python.args([SHARED, if pack.source { "yes" } else { "no" }]).args(&pack.code);
    let output = python.output().map_err(|error| Stop::Usage(format!("cannot start {shown}: {error}")))?;
    out.write_all(&output.stdout)?;
    notes.raw(&output.stderr);
    out.flush()?;
    if output.status.success() {
        return Ok(Exit::Clean);
    }
    Err(Stop::Usage(format!("{shown} packed nothing ({})", output.status)))
}
