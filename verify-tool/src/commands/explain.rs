//! `linktab explain`: what a finding or an error means.

use std::io::Write;
use std::str::FromStr;

use super::args::Explain;
use super::streams::Out;
use super::{Ended, Exit};
use crate::{Code, ErrorCode};

/// What can be explained.
#[derive(Clone, Copy, Debug)]
pub enum Topic {
    Finding(Code),
    Error(&'static ErrorCode),
}

impl FromStr for Topic {
    type Err = <Code as FromStr>::Err;

    fn from_str(text: &str) -> Result<Topic, Self::Err> {
        match ErrorCode::find(text) {
            Some(error) => Ok(Topic::Error(error)),
            None => text.parse().map(Topic::Finding),
        }
    }
}

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
