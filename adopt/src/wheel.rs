//! A requirement in, a wheel out, made from its sources by its own build system.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;
use crate::python::{Python, REQUIRE_HASHES};
use crate::shims::Shims;

/// pip's option of this name.
const NO_COMPILE: &str = "PIP_NO_COMPILE";

/// What is to be built.
#[derive(Debug, Clone)]
pub struct Wish {
    /// As pip takes it.
    pub text: String,
    /// As it was asked for.
    pub shown: String,
    /// Whether it was asked for, and is not what another requires.
    pub is_asked: bool,
    /// Whether the index has a wheel of it for this machine alone, and so with an extension.
    pub has_binary: bool,
    /// Hashes of the file that the index has for this machine, as pip writes them.
    pub hash: Option<String>,
    /// pip's options of its line in a file of requirements: hashes that its file may have, settings of its build.
    pub options: Vec<String>,
    /// pip's options of those files, such as where indexes are.
    pub of_all: Vec<String>,
    /// Why its wheel is taken as it is, where it is.
    pub packed: Option<String>,
}

/// Makes a wheel in a folder of its own, with the twins of its links: builds it, but for what others require and has no extension.
///
/// # Errors
/// The end of the log.
pub fn build(
    wish: &Wish,
    folder: &Path,
    log: &Path,
    python: &Python,
    shims: &Shims,
) -> Result<PathBuf, String> {
    if !wish.is_asked
        && let Some(wheel) = ready_made(wish, folder, log, python)
    {
        return Ok(wheel);
    }
    let mut pip = python.pip("wheel");
    // A wheel that pip built before and kept was linked while nobody looked.
    pip.args(["--no-deps", "--no-cache-dir", "--no-binary", project(&wish.text), "--wheel-dir"]).arg(folder);
    // An older pip would have `setup.py` alone do it, with what is installed here (PEP 517, "Source trees").
    pip.arg("--use-pep517");
    // Build systems are installed for one build: compiling all of Cython, to use a part of it once, takes longer than
    // that. To pip, 0 is the word for yes here ("Configuration", "Boolean options").
    if env::var_os(NO_COMPILE).is_none() {
        pip.env(NO_COMPILE, "0");
    }
    shims.apply(&mut pip, folder);
    // A folder, which pip builds in its place.
    if wish.hash.is_none() {
        begin_anew(&mut pip, folder)
            .map_err(|error| format!("cannot write into {}: {error}", folder.display()))?;
    }
    process::logged(ask(&mut pip, wish, log)?, log)?;
    wheel_in(folder).ok_or_else(|| "pip made no wheel".to_owned())
}

/// Names what is wished for. What files of requirements say of it is read from a file alone, which is not in the folder that may
/// be kept: places of indexes have passwords.
fn ask<'a>(pip: &'a mut Command, wish: &Wish, log: &Path) -> Result<&'a mut Command, String> {
    if wish.options.is_empty() && wish.of_all.is_empty() {
        return Ok(pip.arg("--").arg(&wish.text));
    }
    let file = log.with_extension("requirements.txt");
    let named = [std::slice::from_ref(&wish.text), &wish.options].concat().join(" ");
    let text = wish.of_all.iter().chain([&named]).flat_map(|line| [line, "\n"]).collect::<String>();
    fs::write(&file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    // Hashes hold for what they are given for. Where pip wants them of all, it does of build systems too, which it installs
    // by a call of its own and which nobody lists.
    if wish.options.iter().any(|option| option.starts_with("--hash=")) {
        pip.env(REQUIRE_HASHES, "0");
    }
    Ok(pip.arg("-r").arg(file))
}

/// Keeps build systems from what an earlier build left in the same place: what is up to date would not be linked again, and
/// its link not be seen. (setuptools, "Configuring setuptools using `setup.cfg` files"; The Cargo Book, "Environment Variables")
fn begin_anew(pip: &mut Command, folder: &Path) -> io::Result<()> {
    let settings = folder.join("distutils.cfg");
    fs::write(&settings, format!("[build]\nbuild_base = {}\n", folder.join("setuptools").display()))?;
    pip.env("DIST_EXTRA_CONFIG", settings).env("CARGO_TARGET_DIR", folder.join("cargo"));
    Ok(())
}

/// The wheel that pip would take, where it is one for every machine.
fn ready_made(wish: &Wish, folder: &Path, log: &Path, python: &Python) -> Option<PathBuf> {
    let wheel = download(wish, folder, log, python).ok()?;
    if is_for_all(&wheel) {
        return Some(wheel);
    }
    fs::remove_file(wheel).ok();
    None
}

/// The wheel that pip would take.
///
/// # Errors
/// The end of the log: there is none.
pub fn download(wish: &Wish, folder: &Path, log: &Path, python: &Python) -> Result<PathBuf, String> {
    let mut pip = python.pip("download");
    pip.args(["--no-deps", "--only-binary", ":all:", "--dest"]).arg(folder);
    process::logged(ask(&mut pip, wish, log)?, log)?;
    wheel_in(folder).ok_or_else(|| "pip found no wheel".to_owned())
}

/// Whether a wheel is one for every machine, and so has no extension.
pub fn is_for_all(wheel: &Path) -> bool {
    wheel.to_string_lossy().ends_with("-none-any.whl")
}

/// That an index has no sources of what was wished for, and of which release it has, by pip's last words about it: of
/// another project they are about what its build requires.
pub fn lack_of_sources(wish: &Wish, said: &str) -> Option<String> {
    let last = said.lines().next_back()?;
    if last.strip_prefix("ERROR: No matching distribution found for ")? != wish.text {
        return None;
    }
    let versions = said.rsplit_once("(from versions: ")?.1.split_once(')')?.0;
    Some(match versions.rsplit(", ").next()? {
        "" | "none" => "the index has wheels of it and no sources".to_owned(),
        newest => {
            format!("the index has no sources of this release, and the last that it has are of {newest}")
        }
    })
}

/// The wheel of a folder.
pub fn wheel_in(folder: &Path) -> Option<PathBuf> {
    let mut files = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    files.find(|path| path.extension().is_some_and(|extension| extension == "whl"))
}

/// The project that a requirement names (PEP 508); of a folder or a file, which is built from its sources
/// anyway, nobody knows it yet.
pub fn project(requirement: &str) -> &str {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.');
    let end = requirement.find(|sign| !is_part(sign)).unwrap_or(requirement.len());
    let is_path = requirement.starts_with('.') || requirement[end..].starts_with(['/', ':']);
    if is_path || end == 0 { ":none:" } else { &requirement[..end] }
}

/// A project's name as indexes compare it (PEP 503).
pub fn canonical(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

#[cfg(test)]
mod tests {
    use super::project;

    #[test]
    fn a_requirement_names_a_project_unless_it_is_a_place() {
        let all = [
            "markupsafe",
            "simplejson==3.19.2",
            "ruamel.yaml.clib>=0.2",
            "cffi[x]>1 ; python_version>'3'",
            "a @ https://example.org/a.tar.gz",
            "./a",
            "/tmp/a",
            "https://example.org/a.tar.gz",
        ];
        let said: Vec<String> = all.iter().map(|text| format!("{:12} {text}", project(text))).collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}
