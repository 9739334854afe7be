//! The crates of this workspace, compiled and linked for macOS. Nothing is run: no machine here could.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::build_std::{BuildStd, MACOS_LINKER, built};
use linktab_tests::is_thorough;
use linktab_tests::verify::account::images;
use linktab_tests::verify::cross_check::cross_check;
use linktab_tests::verify::{linktab, must, scratch};
use linktab_verify::commands::Exit;

/// The second, for which the standard library is compiled once more, in a thorough run: what C makes for it is read in every
/// run (`verify_*`).
fn targets() -> &'static [&'static str] {
    const ALL: [&str; 2] = ["aarch64-apple-darwin", "x86_64-apple-darwin"];
    &ALL[..if is_thorough() { 2 } else { 1 }]
}

/// Builds the fixture application with one encoding of pointers.
fn build(build_std: &BuildStd, target: &str, encoding: &str) -> PathBuf {
    let mut cargo = build_std.cargo("rustc", "verify/app", target);
    cargo.args(["--bin", "verify-app", "--"]);
    must(cargo.args(MACOS_LINKER).arg(format!("-Clink-arg={encoding}")));
    let program = scratch("macos").join(format!("{target}{encoding}"));
    let from = built(target).join("verify-app");
    fs::copy(from, &program).expect("cargo built the application");
    program
}

/// What the tool tells people about a program; addresses are the linker's business.
fn told(program: &Path) -> String {
    let images = images(program);
    assert_eq!(images.len(), 1, "{}", program.display());
    let lines = images[0]
        .records
        .iter()
        .map(|line| line.split(' ').filter(|word| !word.starts_with("0x")).collect::<Vec<_>>().join(" "));
    format!("{}\n{}\n", images[0].arch, lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn the_crates_register_on_macos() {
    let Some(build_std) = BuildStd::installed() else { return };
    let mut programs = Vec::new();
    for target in targets() {
        let mut accounts = Vec::new();
        for encoding in ["-fixup_chains", "-no_fixup_chains"] {
            let program = build(&build_std, target, encoding);
            let path = program.to_str().expect("an ASCII path");
            let check = linktab(["check", "--no-config", path]);
            assert_eq!(check.exit, Exit::Clean, "{}", check.out);
            accounts.push(told(&program));
            let stripped = program.with_extension("stripped");
            must(Command::new("llvm-strip").arg(&program).arg("-o").arg(&stripped));
            accounts.push(told(&stripped));
            programs.extend([program, stripped]);
        }
        accounts.dedup();
        insta::assert_snapshot!(format!("macos_{target}"), accounts.join("---\n"));
    }
    println!("Rust for macOS: {} programs, five records in each", programs.len());
    cross_check(&programs);
}

/// A config file as PyO3 reads it in place of an interpreter's answers.
fn config(version: &str, flags: &str) -> PathBuf {
    let file = scratch("macos").join(format!("python-{version}{flags}.txt"));
    let text = format!(
        "implementation=CPython\nversion={version}\nshared=true\nlib_name=python{version}\nlib_dir=/nonexistent\n\
         pointer_width=64\nbuild_flags={flags}\n"
    );
    fs::write(&file, text).expect("the scratch folder is writable");
    file
}

#[test]
fn the_finder_compiles_for_macos() {
    let Some(build_std) = BuildStd::installed() else { return };
    let pythons = [("3.9", ""), ("3.13", ""), ("3.14", "Py_GIL_DISABLED")];
    // The other way round than the test above, which holds the folder of its target locked.
    for target in targets().iter().rev() {
        for (version, flags) in pythons {
            let mut cargo = build_std.cargo("check", "import", target);
            cargo.args(["-p", "linktab-finder", "-p", "fixture-import-app"]);
            let output = must(cargo.env("PYO3_CONFIG_FILE", config(version, flags)));
            assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{target} {version}{flags}: warnings");
        }
    }
    println!("the finder compiles for {} targets and {} kinds of CPython", targets().len(), pythons.len());
}
