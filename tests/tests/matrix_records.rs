//! Every record is in the executable, whatever the profile, the linker and the kind of executable.

use std::fs;
use std::process::Command;

use linktab_tests::{Linker, fixture, linkers, run, target_dir};

/// What the fixture's application prints wherever nothing was lost.
const TABLE: &str = "\
acme.native single package 33 | matrix-native 1.2.3, src/native.c:14
acme.native._c multi - 31 | matrix-native 1.2.3, src/native.c:13
acme.native._cpp multi - 32 | matrix-native 1.2.3, src/native.cpp:10
acme.one single package 12 | matrix-one 1.2.3, one/src/lib.rs:13
acme.one._native multi - 11 | matrix-one 1.2.3, one/src/lib.rs:8
acme.one.größe multi - 13 | matrix-one 1.2.3, one/src/lib.rs:21
acme.two._foreign export - 22 | matrix-two 1.2.3, two/src/lib.rs:17
acme.two._native multi - 21 | matrix-two 1.2.3, two/src/lib.rs:6
";

/// cargo's profiles; `fixtures/matrix/Cargo.toml` defines those that cargo has not.
const PROFILES: [&str; 7] =
    ["dev", "release", "thin-lto", "fat-lto", "one-codegen-unit", "abort", "stripped"];

fn application(profile: &str, linker: &Linker, position_independent: bool) -> String {
    let kind = if position_independent { "pie" } else { "fixed" };
    let target_dir = target_dir("matrix").join(kind);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(fixture("matrix")).env("CARGO_TARGET_DIR", &target_dir);
    // With a target, the flags below are for the application and its crates, not for their macros.
    let target = run(Command::new("rustc").args(["--print", "host-tuple"]));
    cargo.args(["rustc", "--quiet", "--locked", "--package", "matrix-app", "--profile", profile]);
    cargo.args(["--target", target.trim()]);
    if !position_independent {
        cargo.args(["--config", "build.rustflags=[\"-Crelocation-model=static\"]"]);
    }
    run(cargo.arg("--").args(linker.rustc));
    let folder = if profile == "dev" { "debug" } else { profile };
    let program = target_dir.join(target.trim()).join(folder).join("matrix-app");
    let bytes = fs::read(&program).expect("cargo built it");
    assert!(linker.signed(&bytes), "{profile}: linked by another linker than {}", linker.name);
    // e_type (gABI, "ELF Header"): 2 is ET_EXEC, 3 is ET_DYN.
    assert_eq!(bytes[16], if position_independent { 3 } else { 2 }, "{profile}, {}", linker.name);
    run(&mut Command::new(program))
}

fn every_cell(position_independent: bool) {
    for profile in PROFILES {
        for linker in linkers() {
            let table = application(profile, &linker, position_independent);
            assert_eq!(table, TABLE, "{profile}, {}", linker.name);
        }
    }
}

#[test]
fn position_independent_executables_have_every_record() {
    every_cell(true);
}

#[test]
fn executables_at_a_fixed_address_have_every_record() {
    every_cell(false);
}
