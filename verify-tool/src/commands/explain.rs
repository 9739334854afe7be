//! `linktab explain`: what a finding or an error means; alone, which there are.

use std::io::Write;

use super::args::Explain;
use super::streams::Out;
use super::topic::Topic;
use super::{Ended, Exit};

pub fn run(args: &Explain, out: &mut Out<'_>) -> Ended {
    let topics: Vec<Topic> = match args.code {
        _ if args.all => Topic::all().collect(),
        Some(code) => vec![code],
        None => return list(out),
    };
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

fn list(out: &mut Out<'_>) -> Ended {
    for topic in Topic::all() {
        match topic {
            Topic::Finding(code) => {
                writeln!(out, "{code}  {:7}  {}", code.default_level(), code.summary())?;
            }
            Topic::Error(error) => writeln!(out, "{}  {:7}  {}", error.code, "error", error.summary)?,
        }
    }
    out.flush()?;
    Ok(Exit::Clean)
}
