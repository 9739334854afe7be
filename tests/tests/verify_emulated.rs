//! Agreement on other machines: a C program whose records come from `linktab.h` walks its own table
//! under qemu, and what it prints equals what the tool reads out of its file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::side_by_side;
use linktab_tests::verify::account::decoded;
use linktab_tests::verify::cross_check::cross_check;
use linktab_tests::verify::machines::{ALL, KINDS, Kind, Machine};
use linktab_tests::verify::{codes, has, must, scratch};
use linktab_verify::commands::Exit;

const ORIGIN: [&str; 2] = ["-DLINKTAB_ORIGIN_PACKAGE=\"emulated\"", "-DLINKTAB_ORIGIN_VERSION=\"1.2.3\""];

/// A program, and the file in it that has the table.
struct Built {
    program: PathBuf,
    table: PathBuf,
}

fn build(machine: &Machine, kind: Kind, linker: &str) -> Built {
    let folder = scratch("emulated").join(format!("{}-{linker}-{kind:?}", machine.name).to_lowercase());
    fs::create_dir_all(&folder).expect("the scratch folder is writable");
    let (modules, walk, call) = (folder.join("modules.o"), folder.join("walk.o"), folder.join("call.o"));
    machine.compile(kind, "modules.c", &ORIGIN, &modules);
    let program = folder.join("app");
    if kind != Kind::Shared {
        machine.compile(kind, "walk.c", &["-DMAIN"], &walk);
        machine.link(kind, linker, &[&walk, &modules], &program);
        return Built { table: program.clone(), program };
    }
    machine.compile(kind, "walk.c", &[], &walk);
    machine.compile(kind, "walk.c", &["-DCALL"], &call);
    let table = folder.join("libtable.so");
    machine.link_shared(linker, &[&walk, &modules], &table);
    machine.link(kind, linker, &[&call, &table], &program);
    Built { program, table }
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// Compares one program, and copies of it without symbols and without section headers. Returns the files.
fn compare(machine: &Machine, kind: Kind, linker: &str) -> [PathBuf; 3] {
    let built = build(machine, kind, linker);
    let what = format!("{} {kind:?} {linker}", machine.name);
    let expected = sorted(machine.run(&built.program));
    assert_eq!(expected.len(), 4, "{what}: the fixture registers four extensions");
    assert_eq!(sorted(decoded(&built.table)), expected, "{what}");

    let copies = ["original", "stripped"].map(|copy| built.table.with_extension(copy));
    let [original, stripped] = &copies;
    fs::copy(&built.table, original).expect("the copy can be written");
    // llvm-strip 14 refuses static programs of GNU ld ("Link field value 27 in section .rel.plt is not a
    // symbol table").
    let strip = match linker.strip_suffix("-ld") {
        Some(own) => format!("{own}-strip"),
        None if linker == "ld.bfd" => "strip".to_owned(),
        None => "llvm-strip".to_owned(),
    };
    must(Command::new(strip).arg("--strip-all").arg(original).arg("-o").arg(stripped));
    fs::copy(stripped, &built.table).expect("the copy can be written");
    assert_eq!(sorted(machine.run(&built.program)), expected, "{what}, stripped");
    assert_eq!(sorted(decoded(&built.table)), expected, "{what}, stripped");
    for file in [original, stripped] {
        assert_eq!(codes(file, &[]), (Exit::Clean, vec![]), "{what}");
    }
    fs::copy(original, &built.table).expect("the copy can be written");
    remove_section_headers(&built.table);
    assert_eq!(sorted(machine.run(&built.program)), expected, "{what}, without section headers");
    assert_eq!(sorted(decoded(&built.table)), expected, "{what}, without section headers");
    assert_eq!(codes(&built.table, &[]), (Exit::Clean, vec![]), "{what}, without section headers");
    let [original, stripped] = copies;
    [original, stripped, built.table]
}

/// Clears `e_shoff`, `e_shentsize`, `e_shnum` and `e_shstrndx` (gABI, "ELF Header").
fn remove_section_headers(program: &Path) {
    let mut bytes = fs::read(program).expect("the program can be read");
    let is_64 = bytes[4] == 2;
    let (offset, numbers) = if is_64 { (0x28..0x30, 0x3a..0x40) } else { (0x20..0x24, 0x2e..0x34) };
    bytes[offset].fill(0);
    bytes[numbers].fill(0);
    fs::write(program, bytes).expect("the program can be written");
}

#[test]
fn programs_of_other_machines_and_their_files_tell_the_same() {
    if !has("clang") || !has("llvm-strip") {
        return;
    }
    let machines = Machine::installed();
    let all = machines.iter().flat_map(|machine| {
        machine.linkers().into_iter().flat_map(move |linker| KINDS.map(|kind| (machine, kind, linker)))
    });
    let (possible, impossible): (Vec<_>, Vec<_>) =
        all.partition(|(machine, kind, linker)| machine.lacks(*kind, linker).is_none());
    for (machine, kind, linker) in impossible {
        let why = machine.lacks(kind, linker).unwrap_or_default();
        println!("impossible: {} {kind:?} {linker}: {why}", machine.name);
    }
    let files = side_by_side(possible, |(machine, kind, linker)| compare(machine, kind, linker));
    let compared: Vec<PathBuf> = files.into_iter().flatten().collect();
    println!("agreement under qemu: {} files of {} machines compared", compared.len(), machines.len());
    // A machine that is not here has said so above.
    let possible = 3 * (ALL.len() * KINDS.len() - 6);
    assert!(machines.len() < ALL.len() || compared.len() >= possible, "{}", compared.len());
    cross_check(&compared);
}
