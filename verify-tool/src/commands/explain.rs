//! `linktab explain`: what a finding means.

use std::io::Write;

use super::args::Explain;
use super::{Ended, Exit};
use crate::Code;

pub fn run(args: &Explain, out: &mut dyn Write) -> Ended {
    let codes: Vec<Code> = if args.all { Code::ALL.to_vec() } else { args.code.into_iter().collect() };
    for (index, code) in codes.into_iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "# {code} {} ({}): {}\n", code.slug(), code.default_level(), code.summary())?;
        write!(out, "{}", code.explanation())?;
    }
    out.flush()?;
    Ok(Exit::Clean)
}
