//! The command `linktab`: arguments, streams and the exit code; everything else is in the library.

#![forbid(unsafe_code)]

use std::env;
use std::io::{BufWriter, stderr, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut out = BufWriter::new(stdout().lock());
    let exit = linktab_verify::commands::run(env::args_os(), &mut out, &mut stderr());
    ExitCode::from(exit as u8)
}
