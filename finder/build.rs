//! What pyo3-ffi was configured for in; `cfg`s for that CPython and its libpython in the link out.
//!
//! pyo3-ffi hands its configuration on (cargo's `links` metadata), so that every version of it that
//! `Cargo.toml` allows is asked in one way. Knows neither features nor environment of PyO3's, but for one
//! variable: features of other crates do not show in a build script.

use std::collections::HashMap;
use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    match configuration().and_then(|configuration| configure(&configuration)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("cargo::error={why}");
            ExitCode::FAILURE
        }
    }
}

/// The keys and values of the CPython that is to be linked in; lines of further output are not read.
fn configuration() -> Result<HashMap<String, String>, String> {
    let hex = env::var("DEP_PYTHON_PYO3_CONFIG")
        .map_err(|_| "expected the configuration of pyo3-ffi, found none: this version of it is unknown")?;
    let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.ok_or("expected the configuration of pyo3-ffi in hexadecimal digits")?;
    let bytes = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, &digit| byte << 4 | digit as u8));
    let text = String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    Ok(pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect())
}

fn configure(configuration: &HashMap<String, String>) -> Result<(), String> {
    let value = |key: &str| configuration.get(key).map_or("", String::as_str);
    if value("implementation") != "CPython" {
        return Err(format!(
            "expected CPython, found {}: nothing else can be linked in",
            value("implementation")
        ));
    }
    if value("abi3") == "true" || value("target_abi").contains("-abi3") {
        return Err(
            "expected PyO3's feature `abi3` off in every crate of this build, found it on: it hides PyConfig, \
             with which the finder starts CPython; `cargo tree -e features -i pyo3-ffi` names the crate: there, \
             make it a feature that only the build of the wheel switches on"
                .to_owned(),
        );
    }
    let (library, is_shared) = (value("lib_name"), value("shared") == "true");
    if library.is_empty() {
        return Err(
            "expected the name of a libpython, found none in PyO3's configuration: set PYO3_PYTHON, or \
             PYO3_CONFIG_FILE with lib_name and lib_dir"
                .to_owned(),
        );
    }
    let version = value("version");
    let minor = version.strip_prefix("3.").and_then(|minor| minor.parse().ok()).ok_or_else(|| {
        format!("expected a version such as 3.13, found {version:?}: set PYO3_PYTHON or PYO3_CONFIG_FILE")
    })?;
    versions(minor);
    flag("Py_GIL_DISABLED", value("build_flags").split(',').any(|flag| flag == "Py_GIL_DISABLED"));
    // A static libpython brings its hidden symbols into the link; a shared one keeps them.
    flag("linktab_static_libpython", !is_shared);
    if value("suppress_build_script_link_lines") != "true" {
        link(library, value("lib_dir"), is_shared);
    }
    Ok(())
}

/// `Py_3_9` and so on, as in pyo3-ffi.
fn versions(minor: u32) {
    for known in 9..=minor.max(16) {
        flag(&format!("Py_3_{known}"), known <= minor);
    }
}

fn flag(name: &str, is_set: bool) {
    println!("cargo::rustc-check-cfg=cfg({name})");
    if is_set {
        println!("cargo::rustc-cfg={name}");
    }
}

/// Links libpython, as pyo3-ffi does unless some crate of the build has its feature `extension-module` on.
/// Twice is as good as once: linkers take from an archive what is still undefined.
///
/// The variable is the way to say that a shared object is built, for a `python` that is already there.
fn link(library: &str, folder: &str, is_shared: bool) {
    println!("cargo::rerun-if-env-changed=PYO3_BUILD_EXTENSION_MODULE");
    if env::var_os("PYO3_BUILD_EXTENSION_MODULE").is_some() {
        return;
    }
    if !folder.is_empty() {
        println!("cargo::rustc-link-search=native={folder}");
    }
    // Not bundled: libpython would lie in this crate's own archive a second time.
    println!("cargo::rustc-link-lib={}{library}", if is_shared { "dylib=" } else { "static:-bundle=" });
}
