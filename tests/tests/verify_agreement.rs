//! One binary, judged twice: the list that a running program prints of itself equals the list that
//! the tool reads out of its file. Over linkers, encodings of pointers and profiles.

use std::fs;
use std::path::Path;
use std::process::Command;

use linktab_tests::verify::account::decoded;
use linktab_tests::verify::cross_check::cross_check;
use linktab_tests::verify::{build_app, has, must, scratch};
use linktab_tests::{Linker, by_turns, linkers};

/// A way to encode pointers: its name, profile and flags for the last crate.
const VARIANTS: [(&str, &str, &[&str]); 9] = [
    ("pie", "dev", &[]),
    ("release", "release", &[]),
    ("thin-lto", "thin-lto", &[]),
    ("fat-lto", "fat-lto", &[]),
    ("non-pie", "dev", &["-Crelocation-model=static"]),
    ("static-pie", "dev", &["-Ctarget-feature=+crt-static"]),
    ("static", "dev", &["-Ctarget-feature=+crt-static", "-Crelocation-model=static"]),
    ("relr", "dev", &["-Clink-arg=-Wl,-z,pack-relative-relocs"]),
    ("emit-relocs", "dev", &["-Clink-arg=-Wl,--emit-relocs"]),
];

/// What a linker of Debian 12 itself cannot do.
const IMPOSSIBLE: [(&str, &str, &str); 2] = [
    ("mold", "static", "static executables of mold 1.10 crash before main, an empty one too"),
    ("mold", "emit-relocs", "mold 1.10 stops with an assertion in get_output_sym_idx"),
];

/// lld 14 and mold 1.10 know RELR under its older name, and lack the version symbol that glibc's loader asks
/// for ("DT_RELR without GLIBC_ABI_DT_RELR dependency"): a static executable relocates itself.
fn flags(linker: Linker, flags: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = linker.rustc.iter().chain(flags).map(|&flag| flag.to_owned()).collect();
    if matches!(linker.name, "lld" | "mold")
        && flags.iter().any(|flag| flag.ends_with("pack-relative-relocs"))
    {
        all.pop();
        all.extend([
            "-Clink-arg=-Wl,--pack-dyn-relocs=relr".to_owned(),
            "-Ctarget-feature=+crt-static".to_owned(),
        ]);
    }
    all
}

/// The program's own account of itself.
fn printed(program: &Path) -> Vec<String> {
    let output = must(&mut Command::new(program));
    let text = String::from_utf8(output.stdout).expect("the fixture prints UTF-8");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn the_running_program_and_the_file_tell_the_same() {
    let folder = scratch("agreement");
    let (mut compared, mut programs) = (0, Vec::new());
    for (turn, linker) in linkers().into_iter().enumerate() {
        let name = linker.name;
        for (variant, profile, extra) in by_turns(VARIANTS.into_iter(), turn, 2) {
            if let Some((_, _, why)) = IMPOSSIBLE.iter().find(|(l, v, _)| (*l, *v) == (name, variant)) {
                println!("impossible: {name} {variant}: {why}");
                continue;
            }
            let program = folder.join(format!("{name}-{variant}").replace(' ', "-"));
            build_app(profile, &flags(linker, extra), &program);
            let expected = printed(&program);
            assert_eq!(expected.len(), 5, "{name} {variant}: the fixture registers five extensions");
            assert_eq!(decoded(&program), expected, "{name} {variant}");
            compared += 1 + after_the_link(&program, &expected);
            programs.push(program);
        }
    }
    println!("agreement: {compared} binaries compared");
    cross_check(&programs);
}

/// The same once symbols, and section headers, are gone.
fn after_the_link(program: &Path, expected: &[String]) -> usize {
    let stripped = program.with_extension("stripped");
    must(Command::new("strip").arg("--strip-all").arg(program).arg("-o").arg(&stripped));
    let headless = program.with_extension("headless");
    // llvm-objcopy 14 refuses `--strip-sections` for a static executable of GNU ld's ("Link field
    // value 38 in section .rela.plt is not a symbol table"); what it does to others is this.
    fs::copy(program, &headless).expect("the copy can be written");
    remove_section_headers(&headless);
    let mut copies = vec![stripped, headless];
    if has("llvm-objcopy")
        && !program.to_string_lossy().contains("static")
        && !program.to_string_lossy().contains("lld-relr")
    {
        let copy = program.with_extension("objcopy");
        must(Command::new("llvm-objcopy").arg("--strip-sections").arg(program).arg(&copy));
        copies.push(copy);
    }
    for copy in &copies {
        assert_eq!(decoded(copy), expected, "{}", copy.display());
        assert_eq!(printed(copy), expected, "{}", copy.display());
        fs::remove_file(copy).expect("the copy can be removed");
    }
    copies.len()
}

/// Clears `e_shoff`, `e_shentsize`, `e_shnum` and `e_shstrndx` of a 64-bit ELF header.
fn remove_section_headers(program: &Path) {
    let mut bytes = fs::read(program).expect("the program can be read");
    bytes[0x28..0x30].fill(0);
    bytes[0x3a..0x40].fill(0);
    fs::write(program, bytes).expect("the program can be written");
}
