//! The command `linktab`: arguments, streams and the exit code, and which crate does what. In builds that
//! `linktab adopt` observes, the same program stands for the compiler's driver.

#![forbid(unsafe_code)]

use std::env;
use std::ffi::OsString;
use std::io::{BufWriter, Write, stderr, stdout};
use std::process::ExitCode;

use linktab_adopt::{Request, driver, usual_python};
use linktab_verify::commands::{self, Adopt};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().collect();
    if let Some(exit) = driver::run(&arguments) {
        return exit;
    }
    let mut out = BufWriter::new(stdout().lock());
    let exit = commands::run(arguments, &adopt, &mut out, &mut stderr());
    ExitCode::from(exit as u8)
}

fn adopt(adopt: &Adopt, notes: &mut dyn Write) -> Result<(String, bool), String> {
    let request = Request {
        requirements: adopt.requirements.clone(),
        files: adopt.requirement.clone(),
        projects: adopt.project.clone(),
        objects: adopt.objects(),
        python: adopt.python.clone().unwrap_or_else(usual_python),
        output: adopt.output.clone(),
        keep: adopt.keep.clone(),
        no_cache: adopt.no_cache,
        command: env::current_exe().map_err(|error| format!("cannot find the command `linktab`: {error}"))?,
    };
    let outcome = linktab_adopt::adopt(&request, notes).map_err(|error| error.to_string())?;
    Ok((outcome.table(), outcome.is_clean()))
}
