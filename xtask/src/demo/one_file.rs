//! `cargo xtask demo --one-file`: the demo with the standard library and its Python code behind it, used
//! where there is nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use linktab_cpython::files;

use super::{SCRIPT, build, provide};
use crate::environment::Environment;
use crate::steps::{Step, Steps};
use crate::workspace;

/// What is the system's own: the loader, the C library, locales, time zones.
const SYSTEM: [&str; 7] = ["/lib/", "/lib64/", "/usr/lib/", "/usr/share/", "/etc/", "/proc/", "/dev/"];

/// Runs all steps.
///
/// # Errors
/// The first step that fails, with its last words and what to check.
pub fn one_file(environment: &mut Environment) -> Result<()> {
    let mut steps = Steps::new(6, environment.verbose());
    let target = workspace::target();
    let (demo, linktab) = (target.join("release/demo"), target.join("debug/linktab"));
    let folder = target.join("one-file");
    let program = folder.join("demo");

    provide(&mut steps, environment)?;
    let check = "a compiler's own message is above; --verbose shows all of it";
    steps.run("build the demo in release, and the command `linktab`", check, |step| {
        step.command(&mut build(environment, &["--release", "--package", "linktab-demo"]))?;
        step.command(&mut build(environment, &["--package", "linktab-verify"]))
    })?;
    steps.run(
        "put the standard library and the demo's Python code behind it",
        "it runs the demo itself, which has to find its standard library: `cargo xtask demo`",
        |step| {
            files::empty_dir(&folder)?;
            let mut pack = Command::new(&linktab);
            pack.arg("pack").arg(&demo).arg("--output").arg(&program);
            pack.arg("--code").arg(workspace::root().join(SCRIPT));
            step.show(pack.envs(environment.variables()))
        },
    )?;
    let minor = environment.python().map_or(0, |python| python.interpreter.version.minor);
    // Before 3.11 only this keeps `-m` from looking into the current folder.
    let words = if minor < 11 { &["-I", "-m", "use_all"][..] } else { &["-m", "use_all"] };
    let check = "what is missing in the archive: `unzip -l target/one-file/demo`";
    steps.run("use every extension, in an empty folder and with an empty environment", check, |step| {
        step.show(alone(Command::new(&program), &folder).args(words))
    })?;
    steps.run("list the files that it opens", "strace shows each call", |step| {
        opened(&program, words, step)
    })?;
    println!("\nall of it works, after {} s: target/one-file/demo", steps.elapsed().as_secs());
    Ok(())
}

fn alone(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder).env_clear();
    command
}

/// Says what is opened, and holds it to one file beside the system's own.
fn opened(program: &Path, words: &[&str], step: &Step) -> Result<()> {
    let Some(strace) = which("strace") else {
        step.say("skipped: strace is not installed");
        return Ok(());
    };
    let folder = program.parent().unwrap_or(program);
    let trace = folder.join("strace");
    let mut command = alone(Command::new(strace), folder);
    command.args(["-f", "-e", "trace=open,openat", "-o"]).arg(&trace).arg(program);
    let output = command.args(words).output().context("strace does not start")?;
    ensure!(output.status.success(), "strace: {}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(&trace).context("strace left no file")?;
    let (system, others): (Vec<&str>, Vec<&str>) = opens(&text)
        .partition(|path| SYSTEM.iter().any(|start| path.starts_with(start)) && !path.contains("/python3"));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for path in others {
        *counts.entry(path).or_default() += 1;
    }
    for path in &system {
        step.say(&format!("the system's: {path}"));
    }
    for (path, count) in &counts {
        step.say(&format!("{count} x {path}"));
    }
    let expected = program.display().to_string();
    ensure!(
        counts.into_iter().collect::<Vec<_>>() == [(expected.as_str(), 1)],
        "expected {expected} alone, opened once"
    );
    Ok(())
}

/// The paths that were opened with success, in the order of the calls.
fn opens(trace: &str) -> impl Iterator<Item = &str> {
    trace.lines().filter(|line| !line.contains(" = -1 ")).filter_map(|line| line.split('"').nth(1))
}

fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_were_opened_count() {
        let trace = "1 openat(AT_FDCWD, \"/etc/a\", O_RDONLY) = 3\n1 openat(AT_FDCWD, \"/b\", O_RDONLY) = -1 \
                     ENOENT (No such file or directory)\n1 +++ exited with 0 +++\n";
        assert_eq!(opens(trace).collect::<Vec<_>>(), ["/etc/a"]);
    }
}
