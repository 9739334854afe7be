//! A binary with many mistakes, for tests of what is said about it, and how.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_verify::commands::Exit;

use super::targets::{ALL, Target};
use super::{linktab, must, scratch};

/// A binary with findings of several levels and codes. lld places things where it always does, and
/// the tests do not show addresses.
pub fn faulty(name: &str) -> PathBuf {
    let folder = scratch("reports").join(name);
    fs::create_dir_all(&folder).expect("the scratch folder is writable");
    let target = rust_lld();
    let mut objects = vec![folder.join("runtime.o")];
    target.compile("runtime.c", &[], &objects[0]);
    for fault in [5, 12, 18] {
        let object = folder.join(format!("{fault}.o"));
        // Only the fault itself is wanted from each.
        let rename = [
            format!("-DFAULT={fault}"),
            format!("-DPyInit_alpha=alpha_{fault}"),
            format!("-DPyInit_gamma=gamma_{fault}"),
        ];
        let flags: Vec<&str> = rename.iter().map(String::as_str).collect();
        target.compile("modules.c", &flags, &object);
        must(
            Command::new("llvm-objcopy")
                .args(["--wildcard", "--localize-symbol", "__linktab_mod*"])
                .arg(&object),
        );
        objects.push(object);
    }
    let program = folder.join("app");
    let inputs: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
    target.link(&inputs, &[], &program);
    program
}

/// The target whose linker comes with Rust, so that it is always there.
pub fn rust_lld() -> Target {
    *ALL.iter().find(|target| target.name == "elf x86-64 pie rust-lld").expect("a known target")
}

/// The report in a format, with the program's path and its addresses replaced.
pub fn report(program: &Path, format: &str) -> String {
    let path = program.to_str().expect("an ASCII path");
    let ran = linktab(["check", "--no-config", "--output-format", format, path]);
    assert_eq!((ran.exit, &*ran.err), (Exit::Findings, ""));
    without_addresses(&ran.out.replace(path, "app").replace(&path[1..], "app"))
}

/// The text with its addresses replaced.
pub fn without_addresses(mut text: &str) -> String {
    let mut out = String::new();
    while let Some((before, after)) = text.split_once("0x") {
        out.push_str(before);
        out.push_str("0x…");
        text = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    out + text
}
