//! The command `linktab`: arguments, streams and the exit code, and which crate does what. In builds that
//! `linktab adopt` observes, the same program stands for the compiler's driver.

#![forbid(unsafe_code)]

use std::env;
use std::ffi::OsString;
use std::io::{BufWriter, Write, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use linktab_adopt::{Packing, Project, Request, driver, usual_python};
use linktab_cpython::{Asked, Fetch, Library};
use linktab_sdk::Kind;
use linktab_verify::commands::{self, Adopt, Build, Builders, Built, Cpython, InstallSdk};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().collect();
    if let Some(exit) = driver::run(&arguments) {
        return exit;
    }
    let mut out = BufWriter::new(stdout().lock());
    let builders = Builders { adopt: &adopt, build: &build, install_sdk: &install_sdk, python: &python };
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
        constraints: None,
        keep: adopt.keep.clone(),
        pack: None,
        no_cache: adopt.no_cache,
        command: this_command()?,
    };
    let outcome = linktab_adopt::adopt(&request, notes).map_err(|error| error.to_string())?;
    Ok((outcome.table(), outcome.is_clean()))
}

fn build(build: &Build, notes: &mut dyn Write) -> Result<Built, String> {
    let project = Project {
        folder: build.project.clone(),
        files: build.requirement.clone(),
        entry: build.entry.clone(),
        script: build.script.clone(),
        python: build.python.clone(),
        keep: build.keep.clone(),
        pack: build.pack.clone(),
        output: build.output.clone(),
        packing: Packing {
            compress: build.compress,
            strip: build.strip,
            include_libs: build.include_libs,
            unpack: build.unpack.clone(),
        },
        work: build.work.clone(),
        locked: build.locked,
        no_cache: build.no_cache,
        command: this_command()?,
    };
    let built = linktab_adopt::build(&project, notes).map_err(|error| error.to_string())?;
    Ok(Built {
        executable: built.executable,
        site: built.site,
        manifest: built.manifest,
        entry: built.entry,
        output: built.output,
        compress: built.packing.compress,
        strip: built.packing.strip,
        include_libs: built.packing.include_libs,
        unpack: built.packing.unpack,
        table: built.outcome.table(),
    })
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

fn python(asked: &Cpython, notes: &mut dyn Write) -> Result<(String, bool), String> {
    let version = asked.version.as_deref().map(|version| {
        let known: Vec<String> = linktab_cpython::Build::all().map(|build| build.to_string()).collect();
        linktab_cpython::Build::parse(version)
            .filter(|build| known.contains(&build.to_string()))
            .ok_or_else(|| format!("expected a version of {}, found `{version}`", known.join(", ")))
    });
    let request = linktab_cpython::Request {
        python: asked.python.clone(),
        version: version.transpose()?,
        library: match (asked.is_static, asked.shared) {
            (true, _) => Library::Static,
            (_, true) => Library::Shared,
            _ => Library::Any,
        },
        fetch: match (asked.fetch, asked.offline) {
            (true, _) => Fetch::Only,
            (_, true) => Fetch::Never,
            _ => Fetch::Last,
        },
    };
    let asked = Asked { request, list: asked.list, write: !asked.no_write, verbose: asked.verbose };
    linktab_cpython::command(&asked, notes).map_err(|error| format!("{error:#}"))
}
