//! The crates of this workspace, compiled and linked for Windows, with GNU ld. Nothing is run.

use std::fs;
use std::path::PathBuf;

use linktab_tests::build_std::{BuildStd, built};
use linktab_tests::verify::account::decoded;
use linktab_tests::verify::cross_check::cross_check;
use linktab_tests::verify::native::compile_with;
use linktab_tests::verify::{has, linktab, must, scratch};
use linktab_verify::commands::Exit;

const TARGET: &str = "x86_64-pc-windows-gnu";

fn build(build_std: &BuildStd, name: &str, flags: &[&str]) -> PathBuf {
    let mut cargo = build_std.cargo("rustc", "verify/app", TARGET);
    cargo.args(["--bin", "verify-app", "--"]);
    must(cargo.arg("-Clinker=x86_64-w64-mingw32-gcc").args(flags));
    let program = scratch("windows").join(name);
    let from = built(TARGET).join("verify-app.exe");
    fs::copy(from, &program).expect("cargo built the application");
    program
}

/// Its GCC knows no visibility, and says so of what asks for it.
#[test]
fn the_header_compiles_without_a_warning_for_windows() {
    if !has("x86_64-w64-mingw32-gcc") {
        return;
    }
    let object = scratch("windows").join("modules.o");
    compile_with("x86_64-w64-mingw32-gcc", "archived.c", &["-Wall", "-Wextra", "-Werror"], &object);
}

#[test]
fn the_crates_register_on_windows() {
    if !has("x86_64-w64-mingw32-gcc") {
        return;
    }
    let Some(build_std) = BuildStd::installed() else { return };
    // GNU ld knows nothing that keeps a record from being collected in PE (linkme, issue 25).
    let kept = build(&build_std, "kept.exe", &["-Clink-arg=-Wl,--no-gc-sections"]);
    let path = kept.to_str().expect("an ASCII path");
    let records = decoded(&kept);
    let records: Vec<&str> = records.iter().map(|line| line.split(" 0x").next().unwrap_or(line)).collect();
    insta::assert_snapshot!(records.join("\n"));
    let check = linktab(["check", "--no-config", path]);
    assert_eq!(check.exit, Exit::Clean, "{}", check.out);

    // The records are gone without a word of the linker's. The program that walks them is not.
    let lost = build(&build_std, "lost.exe", &[]);
    let path = lost.to_str().expect("an ASCII path");
    let check = linktab(["check", "--no-config", path]);
    assert_eq!(check.exit, Exit::Findings, "{}", check.out);
    insta::assert_snapshot!("windows_lost", check.out.replace(path, "lost.exe"));

    // What went in is known too.
    let geo = rlib("libverify_geo-");
    let check = linktab(["check", "--no-config", "--inputs", &geo, "--", path]);
    assert_eq!(check.exit, Exit::Findings, "{}", check.out);
    let text = check.out.replace(path, "lost.exe").replace(&geo, "libverify_geo.rlib");
    insta::assert_snapshot!("windows_dropped", text);

    cross_check(&[kept]);
}

#[test]
fn the_index_and_the_command_compile_for_windows() {
    let Some(build_std) = BuildStd::installed() else { return };
    let mut cargo = build_std.cargo_in_repository("check", TARGET);
    let output = must(cargo.args(["-p", "linktab", "-p", "linktab-verify", "--lib", "--bins"]));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "warnings");
}

/// The path of a library that went into the program.
fn rlib(start: &str) -> String {
    let folder = built(TARGET).join("deps");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("cargo built there")
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            name.starts_with(start) && name.ends_with(".rlib")
        })
        .collect();
    // The one of the last build, where sources changed between two.
    files.sort_by_key(|file| fs::metadata(file).and_then(|data| data.modified()).expect("a file has a time"));
    files.pop().expect("cargo built it").to_str().expect("an ASCII path").to_owned()
}
