//! What is handed out: the wheel of the command, built, installed and started; how big its programs are; the
//! packages of the crates; the action, whose steps are run as a workflow would.
//!
//! Knows what `pyproject.toml`, `action.yml` and the profile `dist` promise; what the command does is tested elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use linktab_cpython::files::{empty_dir, names_in};
use linktab_cpython::process;

use super::run::Run;
use crate::needs::Tools;
use crate::tools;
use crate::workspace;

/// The programs of the wheel.
const PROGRAMS: [&str; 2] = ["linktab", "cargo-linktab"];

/// How many bytes each may have.
const LARGEST: u64 = 4_000_000;

/// What [`super::parts::PARTS`] runs.
pub fn check(run: &mut Run) -> Result<()> {
    packages(run)?;
    let folder = workspace::target().join("dist-part");
    let (wheels, site) = (folder.join("wheels"), folder.join("site"));
    for folder in [&folder, &wheels, &site] {
        empty_dir(folder)?;
    }
    let python = python_with_pip(run, &folder)?;
    wheel(run, &wheels)?;
    let mut install = Command::new(&python);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-index",
        "--target",
    ]);
    run.check(install.arg(&site).arg(one_in(&wheels)?))?;
    for program in PROGRAMS {
        starts_and_is_small(run, program, &site)?;
    }
    action(run, &folder, &wheels)
}

/// Each crate that is published is packaged as it would be uploaded, and cargo has nothing to say.
fn packages(run: &mut Run) -> Result<()> {
    let mut cargo = run.cargo(&["package", "--no-verify", "--allow-dirty", "--locked"]);
    for package in published()? {
        cargo.args(["-p", &package]);
    }
    process::announce(&cargo);
    let output = cargo.output().context("cargo does not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let is_clean = output.status.success() && !said.contains("warning:");
    if !is_clean {
        eprint!("{said}");
    }
    run.judge(is_clean, "every published crate is packaged without a warning");
    Ok(())
}

/// The packages of the workspace's top folders that do not say `publish = false`.
fn published() -> Result<Vec<String>> {
    let root = workspace::root();
    let manifests = names_in(root).into_iter().map(|folder| root.join(folder).join("Cargo.toml"));
    let mut found = Vec::new();
    for manifest in manifests.filter(|manifest| manifest.is_file()) {
        let text = fs::read_to_string(&manifest)?;
        let name = text.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        if !text.contains("publish = false") {
            found.push(name.with_context(|| format!("{} names no package", manifest.display()))?.to_owned());
        }
    }
    ensure!(found.len() > 5, "expected the published crates, found {found:?}");
    Ok(found)
}

/// A script that starts Python with pip.
fn python_with_pip(run: &Run, folder: &Path) -> Result<PathBuf> {
    let python = run.environment.python().context("the part needs a CPython")?;
    let script = folder.join("bin/python3");
    tools::python_with_pip(&python.interpreter, &workspace::target(), &script)?;
    Ok(script)
}

fn wheel(run: &mut Run, wheels: &Path) -> Result<()> {
    let python = run.environment.python().context("the part needs a CPython")?;
    let maturin = Tools::Wheel.folder(&python.interpreter, &workspace::target())?.join("bin/maturin");
    let mut build = Command::new(maturin);
    build.args(["build", "--out"]).arg(wheels).current_dir(workspace::root());
    // Any Linux will do that is as this one: which others, a release decides.
    build.args(["--compatibility", "linux", "--target-dir"]).arg(workspace::target());
    run.check(&mut build)
}

fn one_in(folder: &Path) -> Result<PathBuf> {
    let names = names_in(folder);
    ensure!(names.len() == 1, "expected one file in {}, found {names:?}", folder.display());
    Ok(folder.join(names.concat()))
}

fn starts_and_is_small(run: &mut Run, name: &str, site: &Path) -> Result<()> {
    let program = site.join("bin").join(name);
    let mut version = Command::new(&program);
    // As cargo starts it.
    version.args((name == "cargo-linktab").then_some("linktab")).arg("--version");
    let said = process::output(&mut version)?;
    let expected = format!("linktab {}", env!("CARGO_PKG_VERSION"));
    run.judge(said.trim().ends_with(&expected), &format!("{name} of the wheel says {expected}, not {said}"));
    let size = program.metadata()?.len();
    println!("{name}: {size} bytes of at most {LARGEST}");
    run.judge(size <= LARGEST, &format!("{name} has at most {LARGEST} bytes"));
    Ok(())
}

/// The steps of `action.yml`, with the wheel for what pip downloads: a sound program, and one that is none.
fn action(run: &mut Run, folder: &Path, wheels: &Path) -> Result<()> {
    let text = fs::read_to_string(workspace::root().join("action.yml"))?;
    let steps = steps(&text);
    ensure!(steps.len() == 2, "expected two steps in action.yml, found {steps:?}");
    let sound = folder.join("site/bin/linktab");
    let path = |first: &Path| std::env::join_paths([first.to_owned(), "/usr/bin".into(), "/bin".into()]);
    let added = folder.join("path");
    let step = |script: &str, binaries: &Path, first: &Path| -> Result<Command> {
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(folder);
        bash.env("PATH", path(first)?).env("RUNNER_TEMP", folder).env("GITHUB_PATH", &added);
        bash.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", wheels);
        bash.env("VERSION", env!("CARGO_PKG_VERSION")).env("BINARIES", binaries);
        bash.env("ARGUMENTS", "--quiet --expect acme.geo._core");
        Ok(bash)
    };
    run.check(&mut step(&steps[0], &sound, &folder.join("bin"))?)?;
    let bin = fs::read_to_string(&added).context("the action did not say where the command is")?;
    let mut checked = step(&steps[1], &sound, Path::new(bin.trim()))?;
    let output = checked.output().context("bash does not start")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let is_told =
        output.status.code() == Some(1) && said.contains("::error") && said.contains("acme.geo._core");
    run.judge(is_told, &format!("the action tells a missing module as an annotation, and not: {said}"));
    Ok(())
}

/// The scripts in an action, without their indentation.
fn steps(action: &str) -> Vec<String> {
    let blocks = action.split("      run: |\n").skip(1);
    let script = |block: &str| -> String {
        let lines = block.lines().take_while(|line| line.starts_with("        ") || line.is_empty());
        lines.map(|line| format!("{}\n", line.trim_start())).collect()
    };
    blocks.map(script).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where links lead that a package index shows: it has no file of the repository.
    const FILES: &str = "https://github.com/linktab/linktab/blob/main/";

    /// Each link of a page that leads to no file of the repository, as an index would follow it.
    fn broken(page: &str) -> Vec<&str> {
        let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let leads = |link: &&str| {
            let path = link.strip_prefix(FILES).map(|path| workspace::root().join(path));
            !path.is_some_and(|path| path.is_file())
        };
        links.filter(leads).collect()
    }

    #[test]
    fn the_page_that_an_index_shows_of_the_wheel_leads_to_files_that_are_there() {
        let project = fs::read_to_string(workspace::root().join("pyproject.toml")).unwrap();
        let readme = project.lines().find_map(|line| line.strip_prefix("readme = \"")?.strip_suffix('"'));
        let page = fs::read_to_string(workspace::root().join(readme.unwrap())).unwrap();
        assert!(page.contains(FILES) && page.contains("pipx install linktab"), "{page}");
        assert_eq!(broken(&page), [""; 0]);
        let faulty = format!("[a](docs/start.md) [b]({FILES}docs/none.md) [c]({FILES}docs/start.md)");
        assert_eq!(broken(&faulty), ["docs/start.md", &*format!("{FILES}docs/none.md")]);
    }
}
