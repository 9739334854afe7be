//! `linktab pack`: an executable that is a `python` in, the same with Python code behind it out.
//!
//! The work is done by Python code (`pack.py` and those behind it) that the executable itself runs, so that what is
//! compiled fits: once it is known what it is (`input.rs`), and into a file beside the one that is wanted
//! (`output.rs`). Packages of others come from pip (`wheels.rs`). At run time `linktab_finder::main()` finds the archive
//! (finder/src/python/attachment.rs).

mod application;
mod args;
mod compress;
mod input;
mod output;
mod strip;
mod wheels;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::streams::{Notes, Out};
use super::{Ended, Exit, Stop, needs};
use crate::plain;
use crate::texts::{DATA, PACK, SHARED, START};
use application::Application;
pub use args::{Compress, Pack};
use input::Input;
use output::Part;
use wheels::Wheels;

/// What `pack.py` says when it is done.
#[derive(Deserialize)]
struct Packed {
    /// Modules of the user's.
    own: usize,
    /// Modules of the standard library.
    library: usize,
    /// Shared extensions of both.
    shared: usize,
    /// Packages of the standard library that are not there.
    left_out: Vec<String>,
    /// Tests of packages that are not there.
    tests: Tests,
    /// What the user should know of.
    warnings: Vec<String>,
    /// Where in the file that begins which `--compress=all` compresses with the executable.
    tail: u64,
}

#[derive(Deserialize)]
struct Tests {
    packages: Vec<String>,
    bytes: u64,
}

pub fn run(pack: &Pack, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let application = Application::of(pack)?;
    let input = Input::recognise(&pack.executable)?;
    for (option, path) in named(pack) {
        if let Err(error) = path.metadata() {
            return Err(Stop::Usage(format!("{option} {}: {error}", plain::path(path))));
        }
    }
    let mut part = Part::beside(&pack.output, &input.path)?;
    let mark = if pack.strip { strip::strip(&mut part, &input)? } else { input.mark };
    let shown = plain::path(&pack.executable);
    let is_ours = part.goes_on_without(mark).map(|goes_on| !goes_on);
    if !is_ours.map_err(|error| Stop::Usage(format!("{shown}: {error}")))? {
        return Err(Stop::Usage(format!(
            "{shown}: expected an executable whose main function calls `linktab_finder::main()`, found one that has \
             another, and runs without its Python code"
        )));
    }
    let is_compressed = pack.compress == Some(Compress::All);
    if is_compressed {
        compress::check(&part, mark)?;
    }
    let wheels = Wheels::install(pack, &input.path, notes)?;
    let code = pack.code.iter().map(PathBuf::as_path);
    let code = code.chain(wheels.as_ref().map(Wheels::folder)).chain(pack.site.iter().map(PathBuf::as_path));
    let packed = archive(pack, &application, &input, part.path(), &code.collect::<Vec<_>>(), notes)?;
    let archive = part.archive()?;
    let mark = if is_compressed { compress::compress(&mut part, &input, mark, packed.tail)? } else { mark };
    let size = part.finish(mark, &archive, application.options())?;
    for warning in &packed.warnings {
        notes.line(&format!("warning: {warning}"));
    }
    let Packed { own, library, shared, left_out, tests, .. } = packed;
    let (output, size) = (plain::path(&pack.output), size as f64 / 1e6);
    writeln!(
        out,
        "{output}: {own} modules of yours, {library} of the standard library, {shared} shared extensions; \
         {size:.1} MB"
    )?;
    if !left_out.is_empty() {
        let left_out = plain::plain(&left_out.join(", ")).into_owned();
        writeln!(out, "left out of the standard library: {left_out}; `--keep NAME` packs one")?;
    }
    if !tests.packages.is_empty() {
        let packages = plain::plain(&tests.packages.join(", ")).into_owned();
        let size = tests.bytes as f64 / 1e6;
        writeln!(out, "left out of packages: tests of {packages}, {size:.1} MB; `--keep-tests` packs them")?;
    }
    needs::tell(&pack.output, out, notes)?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// Every file and folder that the command line names, with its option.
fn named(pack: &Pack) -> impl Iterator<Item = (&'static str, &PathBuf)> {
    let options = [("--code", &pack.code), ("--site", &pack.site), ("--requirement", &pack.requirement)];
    options.into_iter().flat_map(|(option, paths)| paths.iter().map(move |path| (option, path)))
}

/// Takes away the user's settings for another Python; the home may be where the standard library is.
fn without_settings(python: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PYTHON") && name != "PYTHONHOME" {
            python.env_remove(name);
        }
    }
}

/// Has the executable itself append the archive to a copy of it.
fn archive(
    pack: &Pack,
    application: &Application,
    input: &Input,
    part: &Path,
    folders: &[&Path],
    notes: &mut Notes<'_>,
) -> Result<Packed, Stop> {
    let shown = plain::path(&pack.executable);
    let mut python = Command::new(&input.path);
    without_settings(&mut python);
    // The order in which sets are written decides about bytes of the compiled code.
    python.env("PYTHONHASHSEED", "0").stdin(Stdio::null());
    let code = format!("{}main(sys.argv[1:])\n", PACK.read());
    python.args(["-S", "-B", "-W", "ignore", "-c", &code]).arg(part);
    let shared = format!(
        "{}\nEXTRACT = {}\nAPPLICATION = {}\n",
        SHARED.read(),
        if pack.extract { "True" } else { "False" },
        application.in_python()
    );
    let options = [
        ("source", pack.source),
        ("compress", pack.compress.is_some()),
        ("tail", pack.compress == Some(Compress::All)),
        ("strip", pack.strip),
        ("include-libs", pack.include_libs),
        ("keep-tests", pack.keep_tests),
    ];
    let options = options.into_iter().filter_map(|(name, wanted)| wanted.then_some(name));
    let options = options.collect::<Vec<_>>().join(" ");
    let entry = application.module().unwrap_or_default();
    python.args([
        &START.read(),
        &shared,
        &DATA.read(),
        &options,
        &pack.keep.join(" "),
        &pack.unpack.join(" "),
        entry,
    ]);
    python.arg(pack.code.len().to_string()).args(folders);
    let output = python.output().map_err(|error| Stop::Usage(format!("cannot start {shown}: {error}")))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        if let Some(why) = said.lines().last().and_then(|line| line.strip_prefix("error: ")) {
            return Err(Stop::Usage(why.to_owned()));
        }
        notes.lines(&said);
        return Err(Stop::Usage(format!(
            "{shown} packed nothing ({}): expected it to run Python code as `python -c` does, which an executable \
             does whose main function calls `linktab_finder::main()`",
            output.status
        )));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Stop::Usage(format!("{shown} did not say what it packed: {error}")))
}
