//! A folder of adopted packages and a CPython in, an executable with both inside out, made by cargo from a crate of
//! three lines that nobody has to see.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use linktab_cpython::Python;

use crate::error::Error;
use crate::process;

const MAIN: &str = "//! Made by `linktab build`, and made anew each time.

fn main() -> std::process::ExitCode {
    linktab_finder::main()
}
";

const BUILD: &str = "//! Made by `linktab build`, and made anew each time.

fn main() {
    linktab_build::link_adopted(\"../adopted\");
}
";

/// Whether it can be built at all: of this there is no prebuilt form.
///
/// # Errors
/// There is no cargo.
pub fn can_be_built() -> Result<(), Error> {
    match process::on_path("cargo") {
        Some(_) => Ok(()),
        None => Err(Error::new(concat!(
            "expected cargo on PATH, which links the executable, found none: install Rust ",
            env!("CARGO_PKG_RUST_VERSION"),
            " or later, see rustup.rs"
        ))),
    }
}

/// Builds it beside the folder `adopted`, and returns its path and cargo's lock file. `locked` is such a file of another time.
///
/// # Errors
/// Cargo fails: in its last words.
pub fn build(
    work: &Path,
    python: &Python,
    locked: Option<&str>,
    notes: &mut dyn Write,
) -> Result<(PathBuf, String), Error> {
    let host = work.join("host");
    fs::create_dir_all(host.join("src")).map_err(|error| Error::at(&host, "make", error))?;
    write(&host.join("Cargo.toml"), &manifest())?;
    write(&host.join("src/main.rs"), MAIN)?;
    write(&host.join("build.rs"), BUILD)?;
    let lock = host.join("Cargo.lock");
    let usual = || fs::read_to_string(sources()?.join("Cargo.lock")).ok();
    if let Some(text) = locked.map(str::to_owned).or_else(|| if lock.is_file() { None } else { usual() }) {
        write(&lock, &text)?;
    }
    let start = Instant::now();
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--quiet"]).args(locked.map(|_| "--locked")).current_dir(&host);
    cargo.env("CARGO_TARGET_DIR", work.join("target")).env_remove("CARGO_BUILD_TARGET");
    cargo.envs(python.variables());
    let _ = writeln!(notes, "linking the executable").and_then(|()| notes.flush());
    process::logged(&mut cargo, &work.join("host.log"))
        .map_err(|why| Error::new(format!("the executable cannot be linked: {why}")))?;
    let _ = writeln!(notes, "linked the executable in {:.1} s", start.elapsed().as_secs_f64());
    let text = fs::read_to_string(&lock).map_err(|error| Error::at(&lock, "read", error))?;
    Ok((work.join("target").join("release").join("application"), text))
}

/// The sources that this command was compiled from, where they still are, and else the same version from an index:
/// so what is linked is what this command knows.
fn manifest() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let from = |name: &str, folder: &str| match sources() {
        Some(root) => format!("{name} = {{ path = {:?} }}", root.join(folder)),
        None => format!("{name} = \"={version}\""),
    };
    format!(
        "[workspace]\n\n[package]\nname = \"application\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{}\n\n[build-dependencies]\n{}\n\n[profile.release]\nstrip = \"debuginfo\"\n",
        from("linktab-finder", "finder"),
        from("linktab-build", "build"),
    )
}

fn sources() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    ["finder", "build"]
        .iter()
        .all(|name| root.join(name).join("Cargo.toml").is_file())
        .then(|| root.to_owned())
}

/// Writes what is different: an untouched file keeps cargo from building again.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| Error::at(path, "write", error))
}
