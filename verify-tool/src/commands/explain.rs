//! `linktab explain`: what a finding or an error means.

use std::io::Write;

use super::args::Explain;
use super::streams::Out;
use super::topic::Topic;
use super::{Ended, Exit};
use crate::{Code, ErrorCode};

pub fn run(args: &Explain, out: &mut Out<'_>) -> Ended {
    let findings = Code::ALL.iter().map(|code| Topic::Finding(*code));
    let all = findings.chain(ErrorCode::ALL.iter().map(Topic::Error));
    let topics: Vec<Topic> = if args.all { all.collect() } else { args.code.into_iter().collect() };
    for (index, topic) in topics.into_iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let explanation = match topic {
            Topic::Finding(code) => {
                writeln!(out, "# {code} {} ({}): {}\n", code.slug(), code.default_level(), code.summary())?;
                code.explanation()
            }
            Topic::Error(error) => {
                writeln!(out, "# {} {} (error): {}\n", error.code, error.slug, error.summary)?;
                error.explanation
            }
        };
        write!(out, "{explanation}")?;
    }
    out.flush()?;
    Ok(Exit::Clean)
}
