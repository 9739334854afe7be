//! Nothing in, a C++ compiler that can compile and link out.
//!
//! Rust needs a C compiler's driver to link, so that one is there; the C++ half is a package of its
//! own, which a machine prepared for Rust alone does not have. On Debian and Ubuntu it is unpacked
//! below `target/`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, iter};

use anyhow::{Context, Result, ensure};
use linktab_cpython::apt::{self, Apt};
use linktab_cpython::files;
use linktab_cpython::process::{self, Start, Variable, variable};

const PROGRAM: &str = "#include <string>\nint main() { return std::string(\"no\").size() == 2 ? 0 : 1; }\n";

/// Finds one, or unpacks one. Returns the variables that make cargo's build scripts and linkers use
/// it: none where they find it by themselves.
///
/// # Errors
/// None compiles and none can be had: the message says what to install.
pub fn provide(target: &Path) -> Result<Vec<Variable>> {
    let dir = target.join("cxx");
    files::create_dir(&dir)?;
    // The crate cc takes what CXX says, else `c++`.
    if let Some(named) = env::var_os("CXX") {
        let works = works(Path::new(&named), &[], &dir);
        ensure!(works, "CXX is `{}`, which makes no program of a C++ file", named.display());
        return Ok(Vec::new());
    }
    for name in ["c++", "g++", "clang++"] {
        if works(Path::new(name), &[], &dir) {
            return Ok(if name == "c++" { Vec::new() } else { vec![variable("CXX", name)] });
        }
    }
    let variables = unpack(target, &dir).with_context(|| {
        "no C++ compiler works here; install one: apt-get install g++, dnf install gcc-c++, \
         or xcode-select --install"
    })?;
    let compiler = dir.join("c++");
    ensure!(
        works(&compiler, &variables, &dir),
        "{} was unpacked, but makes no program of a C++ file; \
         install a compiler: apt-get install g++",
        compiler.display()
    );
    Ok(variables)
}

/// Compiles with `compiler`, links with `cc` as rustc does, and runs what comes out.
fn works(compiler: &Path, variables: &[Variable], dir: &Path) -> bool {
    let (source, object, program) = (dir.join("probe.cpp"), dir.join("probe.o"), dir.join("probe"));
    if fs::write(&source, PROGRAM).is_err() {
        return false;
    }
    let run = |program: &Path, args: &[&OsStr]| {
        let mut command = Command::new(program);
        command.args(args).envs(variables.iter().cloned());
        command.output().is_ok_and(|output| output.status.success())
    };
    let library = if cfg!(target_os = "macos") { "-lc++" } else { "-lstdc++" };
    run(compiler, &["-c".as_ref(), source.as_ref(), "-o".as_ref(), object.as_ref()])
        && run(Path::new("cc"), &[object.as_ref(), library.as_ref(), "-o".as_ref(), program.as_ref()])
        && run(&program, &[])
}

fn unpack(target: &Path, dir: &Path) -> Result<Vec<Variable>> {
    let complete = dir.join("complete");
    if !complete.is_file() {
        let apt = Apt::open(target)?;
        // `g++-12`: what the package `g++` depends on.
        let is_versioned = |name: &String| name.starts_with("g++-") && !name.contains("linux");
        let compiler = apt.depends(["g++"])?.into_iter().find(is_versioned);
        let compiler = compiler.context("the package g++ names no version")?;
        let version = compiler.trim_start_matches("g++-").to_owned();
        let packages = [compiler, format!("cpp-{version}"), format!("libstdc++-{version}-dev")];
        apt.unpack(&apt.with_direct_needs(&packages)?, dir)?;
        fs::write(&complete, version).with_context(|| format!("cannot write {}", complete.display()))?;
    }
    let version = fs::read_to_string(&complete).context("cannot read back the version")?;

    let root = dir.join("root");
    let libraries = apt::library_dirs(&root)?;
    let multiarch = libraries[0].file_name().context("a folder has a name")?;
    let own = root.join("usr/lib/gcc").join(multiarch).join(&version);
    let program = program_in(&root.join("usr/bin"), &version)?;
    let script = dir.join("c++");
    let start = Start::new(&program).path("LD_LIBRARY_PATH", &libraries);
    process::write_script(&script, &start, &format!("g++ {version} with its libraries"))?;
    // gcc's driver looks there for `-lstdc++` (GCC manual, "Environment Variables").
    let before = env::var_os("LIBRARY_PATH").unwrap_or_default();
    // An empty entry would stand for the current folder.
    let before = env::split_paths(&before).filter(|dir| !dir.as_os_str().is_empty());
    let search = env::join_paths(iter::once(own).chain(before))?;
    Ok(vec![variable("CXX", script), variable("LIBRARY_PATH", search)])
}

/// `x86_64-linux-gnu-g++-12`, or `g++-12` where it is no link to that.
fn program_in(bin: &Path, version: &str) -> Result<PathBuf> {
    let suffix = format!("g++-{version}");
    let names = files::names_in(bin);
    let name = names.iter().filter(|name| name.ends_with(&suffix)).max_by_key(|name| name.len());
    let name = name.with_context(|| format!("{} has no {suffix}", bin.display()))?;
    Ok(bin.join(name))
}
