//! An interpreter and a way to link it in, the text of a `PYO3_CONFIG_FILE` out.
//!
//! The keys are those that `InterpreterConfig::from_reader` of pyo3-build-config 0.30 reads.

use std::fmt::Write as _;

use crate::interpreter::Interpreter;
use crate::link::{Kind, Link};

/// The text of the file.
pub fn text(interpreter: &Interpreter, link: &Link) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: &dyn std::fmt::Display| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{key}={value}");
    };
    line("implementation", &"CPython");
    let version = interpreter.version;
    line("version", &format_args!("{}.{}", version.major, version.minor));
    line("shared", &(link.kind == Kind::Shared));
    line("lib_name", &link.lib_name);
    line("lib_dir", &link.lib_dir.display());
    line("executable", &interpreter.executable.display());
    line("pointer_width", &interpreter.pointer_width);
    let flags: Vec<&str> = [
        interpreter.free_threaded.then_some("Py_GIL_DISABLED"),
        // Reference counting macros differ in a debug build.
        interpreter.debug.then_some("Py_REF_DEBUG"),
        interpreter.debug.then_some("Py_DEBUG"),
    ]
    .into_iter()
    .flatten()
    .collect();
    line("build_flags", &flags.join(","));
    for dir in &link.search {
        line("extra_build_script_line", &format_args!("cargo:rustc-link-search=native={}", dir.display()));
    }
    for need in &link.needs {
        line("extra_build_script_line", &format_args!("cargo:rustc-link-lib={need}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::DEBIAN;

    #[test]
    fn a_static_library_brings_what_it_needs() {
        let interpreter = Interpreter::parse(DEBIAN).unwrap();
        let link = Link {
            kind: Kind::StaticPic,
            lib_name: "python3.11-pic".into(),
            lib_dir: "/usr/lib/python3.11/config-3.11-x86_64-linux-gnu".into(),
            search: vec!["unpacked/lib".into()],
            needs: vec!["m".into(), "static=expat".into()],
            words: crate::driver::Words::default(),
        };
        insta::assert_snapshot!(text(&interpreter, &link));
    }

    #[test]
    fn a_free_threaded_debug_build_is_told_as_such() {
        let answer = DEBIAN
            .replace("3.11", "3.14")
            .replace("Py_GIL_DISABLED=", "Py_GIL_DISABLED=1")
            .replace("Py_DEBUG=0", "Py_DEBUG=1")
            .replace("LDVERSION=3.14", "LDVERSION=3.14td");
        let interpreter = Interpreter::parse(&answer).unwrap();
        let list = |_: &std::path::Path| vec!["libpython3.14td.so".to_owned(), "libpython3.14.so".to_owned()];
        let link = crate::link::shared_link(&interpreter, list).unwrap();
        insta::assert_snapshot!(text(&interpreter, &link));
    }
}
