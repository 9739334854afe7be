//! Shared objects with tables of their own, from `tests/fixtures/import/plugin`, and a program that loads them.
//!
//! Knows how a plugin is linked; what it is called, and with which options, it is told.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::import_build::build;
use crate::python_app::{self, python_cc};
use crate::{fixture, run, target_dir};

/// A shared object with the finder and the extensions `NAME._multi` and `NAME._single`.
///
/// # Panics
///
/// When no CPython is given, or the build fails.
#[must_use]
pub fn plugin(name: &str, options: &[&str]) -> PathBuf {
    once(&format!("{name}{}.so", options.concat()), |plugin, library| {
        let object = plugin.with_extension("o");
        let mut cc = python_cc();
        cc.args(["-fPIC", "-c"]).arg(format!("-DPLUGIN=\"{name}\"")).arg("-o").arg(&object);
        cc.args(["-DLINKTAB_ORIGIN_PACKAGE=\"plugin\"", "-DLINKTAB_ORIGIN_VERSION=\"1.0\""]);
        run(cc.arg("table.c").current_dir(fixture("import").join("plugin")));
        let mut link = Command::new("cc");
        link.args(["-shared", "-fuse-ld=bfd", "-o"]).arg(plugin).arg(&object).args(options);
        run(link.arg("-Wl,--whole-archive").arg(library).arg("-Wl,--no-whole-archive"));
    })
}

/// The program of `host.c`, which has no table.
///
/// # Panics
///
/// When no CPython is given, or the compiler fails.
#[must_use]
pub fn plugin_host() -> PathBuf {
    once("plugin-host", |program, _| {
        let object = program.with_extension("o");
        run(python_cc().arg("-c").arg(fixture("import").join("plugin/host.c")).arg("-o").arg(&object));
        let mut cc = Command::new(env::var_os("LINKTAB_CC").unwrap_or_else(|| "cc".into()));
        cc.arg("-o").arg(program).arg(object).args(["-fuse-ld=bfd", "-rdynamic"]);
        // All of a static libpython: nobody knows what a plugin calls.
        for argument in python_app::libpython() {
            match argument.starts_with("-lpython") {
                true => cc.args(["-Wl,--whole-archive", &argument, "-Wl,--no-whole-archive"]),
                false => cc.arg(argument),
            };
        }
        run(cc.args(["-ldl", "-lpthread", "-lm"]));
    })
}

/// An executable whose runtime is in a Rust `dylib`, and the folder of that.
///
/// # Panics
///
/// When no CPython is given, or the build fails.
#[must_use]
pub fn python_app_apart() -> (PathBuf, PathBuf) {
    let program = python_app::python_app("import-apart");
    let folder = program.parent().expect("it is in a folder").to_owned();
    (program, folder)
}

/// A file beside the static library, made when it is first asked for: tests run at the same time.
fn once(name: &str, make: impl FnOnce(&Path, &Path)) -> PathBuf {
    static MADE: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || {
        let library = library();
        let file = library.with_file_name(name);
        make(&file, &library);
        file
    };
    made.entry(name.to_owned()).or_insert_with(make).clone()
}

/// The static library that a plugin is made of. It asks for a shared libpython: what a plugin calls is
/// exported, whether by libpython or by a program with one inside.
fn library() -> PathBuf {
    let text = python_app::config().0.replace("shared=false", "shared=true");
    let lines = text.lines().filter(|line| !line.starts_with("extra_build_script_line="));
    let config = target_dir("import").join(format!("plugin-{}.txt", python_app::python_minor()));
    let text = lines.collect::<Vec<_>>().join("\n");
    if !fs::read_to_string(&config).is_ok_and(|before| before == text) {
        fs::create_dir_all(target_dir("import")).expect("a folder can be made");
        fs::write(&config, &text).expect("a file can be written");
    }
    let variables: [(&str, &Path); 1] = [("PYO3_CONFIG_FILE", &config)];
    let results = build("build-plugin", &["--package", "fixture-import-plugin"], &variables);
    results.join("libfixture_import_plugin.a")
}
