//! The command `cargo linktab`: as `main.rs`, for arguments that come through cargo.

#![forbid(unsafe_code)]

use std::env;
use std::io::{BufWriter, stderr, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut out = BufWriter::new(stdout().lock());
    let exit = linktab_verify::commands::run_cargo(env::args_os(), &mut out, &mut stderr());
    ExitCode::from(exit as u8)
}
