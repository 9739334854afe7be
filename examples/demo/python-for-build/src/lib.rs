//! Where build scripts find `Python.h`, `linktab.h`, and the Python packages that they build with.
//!
//! `cargo xtask demo` sets two variables: `LINKTAB_PYTHON_INCLUDE`, the folders of the `Python.h` that
//! belongs to the CPython that is linked (a path list: Debian splits its headers), and `LINKTAB_TOOLS_PYTHON`, a Python that has Cython, pybind11
//! and nanobind. Without them, `python3` is asked.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Whether only the Rust code is looked at, by clippy or rustdoc: `cargo xtask test` says so, and then needs no
/// C++ compiler, no Cython, and no time for them.
pub fn is_only_checked() -> bool {
    println!("cargo::rerun-if-env-changed=LINKTAB_ONLY_CHECKED");
    env::var_os("LINKTAB_ONLY_CHECKED").is_some()
}

/// A C or C++ compilation that sees `Python.h` and `linktab.h` and names this package as the origin of
/// its records.
pub fn extension(cpp: bool) -> cc::Build {
    let mut build = cc::Build::new();
    let package = env::var("CARGO_PKG_NAME").expect("cargo sets CARGO_PKG_NAME");
    let version = env::var("CARGO_PKG_VERSION").expect("cargo sets CARGO_PKG_VERSION");
    build
        .cpp(cpp)
        .includes(python_include())
        // Where linktab.h is: cargo hands on what linktab's own build script says (`links`).
        .include(env::var_os("DEP_LINKTAB_INCLUDE").expect("linktab is a dependency of this package"))
        .define("LINKTAB_ORIGIN_PACKAGE", format!("\"{package}\"").as_str())
        .define("LINKTAB_ORIGIN_VERSION", format!("\"{version}\"").as_str())
        // Nothing in the crate's Rust code names the objects: without this they would not be linked.
        .link_lib_modifier("+whole-archive");
    if cpp {
        build.std("c++17");
    }
    build
}

/// What `LINKTAB_TOOLS_PYTHON -c code` prints, without the line end.
pub fn ask_tools(code: &str) -> String {
    println!("cargo::rerun-if-env-changed=LINKTAB_TOOLS_PYTHON");
    ask(&env::var("LINKTAB_TOOLS_PYTHON").unwrap_or_else(|_| "python3".to_owned()), &["-c", code])
}

/// Runs a module of a package that `LINKTAB_TOOLS_PYTHON` has.
pub fn run_tool(arguments: &[&str]) {
    println!("cargo::rerun-if-env-changed=LINKTAB_TOOLS_PYTHON");
    ask(&env::var("LINKTAB_TOOLS_PYTHON").unwrap_or_else(|_| "python3".to_owned()), arguments);
}

fn python_include() -> Vec<PathBuf> {
    println!("cargo::rerun-if-env-changed=LINKTAB_PYTHON_INCLUDE");
    match env::var_os("LINKTAB_PYTHON_INCLUDE") {
        Some(include) => env::split_paths(&include).collect(),
        None => {
            vec![ask("python3", &["-c", "import sysconfig; print(sysconfig.get_path('include'))"]).into()]
        }
    }
}

fn ask(python: &str, arguments: &[&str]) -> String {
    let output = Command::new(python).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{python} cannot be started: {error}"));
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        panic!(
            "{python} {arguments:?} failed; run `cargo xtask demo`, which sets everything up\n{complaint}"
        );
    }
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}
