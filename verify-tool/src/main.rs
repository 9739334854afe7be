//! The command `linktab`: arguments, streams and the exit code, and which crate does what. In builds that
//! `linktab adopt` observes, the same program stands for the compiler's driver.

#![forbid(unsafe_code)]

use std::env;
use std::ffi::OsString;
use std::io::{BufWriter, Write, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use linktab_adopt::{Request, driver, usual_python};
use linktab_sdk::Kind;
use linktab_verify::commands::{self, Adopt, Builders, InstallSdk};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().collect();
    if let Some(exit) = driver::run(&arguments) {
        return exit;
    }
    let mut out = BufWriter::new(stdout().lock());
    let builders = Builders { adopt: &adopt, install_sdk: &install_sdk };
    let exit = commands::run(arguments, &builders, &mut out, &mut stderr());
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
        command: this_command()?,
    };
    let outcome = linktab_adopt::adopt(&request, notes).map_err(|error| error.to_string())?;
    Ok((outcome.table(), outcome.is_clean()))
}

fn install_sdk(sdk: &InstallSdk, notes: &mut dyn Write) -> Result<String, String> {
    let python = sdk.python.clone().unwrap_or_else(usual_python);
    let mut request = linktab_sdk::Request::new(sdk.prefix.clone(), python, this_command()?);
    request.checkout.clone_from(&sdk.source);
    request.kind = match (sdk.is_static, sdk.is_shared) {
        (true, _) => Some(Kind::Static),
        (_, true) => Some(Kind::Shared),
        _ => None,
    };
    linktab_sdk::install(&request, notes).map_err(|error| error.to_string())
}

fn this_command() -> Result<PathBuf, String> {
    env::current_exe().map_err(|error| format!("cannot find the command `linktab`: {error}"))
}
