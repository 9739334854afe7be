//! What compilers leave for the linker to compile: its modules are known by their markers, whatever wraps
//! it, and their loss is told; where nothing tells of them the tool says that it could not look.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::alone::alone;
use linktab_tests::verify::account::images;
use linktab_tests::verify::archives::indexed;
use linktab_tests::verify::bitcode::{bitcode, table};
use linktab_tests::verify::native::compile_with;
use linktab_tests::verify::targets::Target;
use linktab_tests::verify::{Ran, fixtures, has, linktab, must, scratch, target};
use linktab_verify::commands::Exit;
use linktab_verify::{Limits, read_bytes};

fn archive(tool: &[&str], archive: PathBuf, members: &[&Path]) -> PathBuf {
    let _ = fs::remove_file(&archive);
    must(Command::new(tool[0]).args(&tool[1..]).arg(&archive).args(members));
    archive
}

/// A program with the runtime that holds other modules.
fn program(folder: &Path) -> PathBuf {
    let (object, program) = (folder.join("main.o"), folder.join("app"));
    compile_with("gcc", "runtime.c", &[], &object);
    must(
        Command::new("gcc")
            .args(["-nostartfiles", "-nostdlib", "-static"])
            .arg(&object)
            .arg("-o")
            .arg(&program),
    );
    program
}

/// Checks a program against inputs, in words without the folder.
fn check(folder: &Path, program: &Path, inputs: &[&Path]) -> Ran {
    let mut arguments = vec!["check", "--no-config", "--allow", "LT014"];
    let text = |path: &Path| path.to_str().expect("an ASCII path").to_owned();
    let inputs: Vec<String> = inputs.iter().map(|input| format!("--inputs={}", text(input))).collect();
    arguments.extend(inputs.iter().map(String::as_str));
    let program = text(program);
    let ran = linktab([&arguments[..], &["--", &program]].concat());
    let plain = |said: String| said.replace(&format!("{}/", text(folder)), "");
    Ran { exit: ran.exit, out: plain(ran.out), err: plain(ran.err) }
}

/// The names that only markers tell, of everything in a file.
fn markers(file: &Path) -> Vec<String> {
    let images = images(file);
    assert!(images.iter().all(|image| image.records.is_empty()), "there is machine code: {images:?}");
    images.into_iter().flat_map(|image| image.markers).collect()
}

#[test]
fn what_gcc_leaves_for_the_linker_is_known_by_its_markers() {
    if !has("gcc") || !has("llvm-ar") {
        return;
    }
    let folder = scratch("lto-gcc");
    let object = folder.join("slim.o");
    compile_with("gcc", "archived.c", &["-flto", "-fno-fat-lto-objects"], &object);
    let joined = folder.join("joined.o");
    must(Command::new("ld").arg("-r").arg(&object).arg("-o").arg(&joined));
    let archives = [
        archive(&["gcc-ar", "crs"], folder.join("libindexed.a"), &[&object]),
        archive(&["llvm-ar", "crS"], folder.join("libunindexed.a"), &[&object]),
        archive(&["ar", "crsT"], folder.join("libthin.a"), &[&object]),
    ];
    let program = program(&folder);
    for input in archives.iter().chain([&object, &joined]) {
        assert_eq!(markers(input), ["acme.archived"], "{}", input.display());
        assert_eq!(check(&folder, &program, &[input]).exit, Exit::Findings, "{}", input.display());
    }
    insta::assert_snapshot!("lost_from_an_archive", check(&folder, &program, &[&archives[0]]).out);
    insta::assert_snapshot!("lost_object", check(&folder, &program, &[&object]).out);

    // GCC compiles it, and it is there.
    let whole = folder.join("whole");
    let mut gcc = Command::new("gcc");
    gcc.args(["-flto", "-nostartfiles", "-nostdlib", "-static"]).arg(folder.join("main.o")).arg(&object);
    must(gcc.arg("-o").arg(&whole));
    let inputs: Vec<&Path> = archives.iter().map(PathBuf::as_path).chain([&*object]).collect();
    let ran = check(&folder, &whole, &inputs);
    assert_eq!((ran.exit, &*ran.out), (Exit::Clean, "whole: 1 module, 0 errors, 0 warnings\n"), "{ran:?}");
}

#[test]
fn an_object_with_both_kinds_of_code_tells_its_records() {
    if !has("gcc") {
        return;
    }
    let folder = scratch("lto-fat");
    let object = folder.join("fat.o");
    compile_with("gcc", "archived.c", &["-flto", "-ffat-lto-objects"], &object);
    let images = images(&object);
    let names: Vec<&String> =
        images.iter().flat_map(|image| image.records.iter().chain(&image.markers)).collect();
    assert!(names.len() == 1 && names[0].starts_with("acme.archived multi"), "{images:?}");
}

#[test]
fn an_object_of_gcc_without_a_table_of_symbols_cannot_be_looked_at() {
    if !has("gcc") || !has("objcopy") {
        return;
    }
    let folder = scratch("lto-silent");
    let (object, bare) = (folder.join("slim.o"), folder.join("bare.o"));
    compile_with("gcc", "archived.c", &["-flto", "-fno-fat-lto-objects"], &object);
    must(Command::new("objcopy").args(["-w", "-R", ".gnu.lto_.symtab*"]).arg(&object).arg(&bare));
    let ran = check(&folder, &program(&folder), &[&bare]);
    assert_eq!(ran.exit, Exit::Unreadable);
    insta::assert_snapshot!(ran.out);
}

#[test]
fn bitcode_is_known_by_its_markers_in_every_format() {
    let mut read = 0;
    for target in Target::installed() {
        let folder = scratch("lto-bitcode").join(target.slug());
        fs::create_dir_all(&folder).expect("the scratch folder is writable");
        for kind in ["-flto=full", "-flto=thin", "-emit-llvm"] {
            let object = folder.join(format!("code{kind}.o"));
            target.compile("archived.c", &[kind], &object);
            let unindexed = archive(&["llvm-ar", "crS"], folder.join("unindexed.a"), &[&object]);
            assert_eq!(markers(&object), ["acme.archived"], "{}", object.display());
            assert_eq!(markers(&unindexed), ["acme.archived"], "{}", object.display());
            read += 1;
        }
    }
    println!("bitcode: {read} objects read");
}

/// Whatever of a file is left: the module that was in it, or an error, and never nothing.
#[test]
fn a_file_cut_off_is_never_silent() {
    let symbols = "__linktab_mod$acme.core";
    let file = bitcode(&table(1, symbols.len() as u32), symbols.as_bytes());
    for len in 4..=file.len() {
        let outcome = read_bytes("cut.o", file[..len].to_vec(), &Limits::default());
        let markers: Vec<&String> = outcome.inventories.iter().flat_map(|it| &it.markers).collect();
        let is_told = markers == ["acme.core"] || !outcome.errors.is_empty();
        assert!(is_told, "{len} of {} bytes: {outcome:?}", file.len());
        assert!(len < file.len() || outcome.errors.is_empty(), "{outcome:?}");
    }
}

#[test]
fn a_table_of_symbols_from_the_future_cannot_be_looked_at() {
    let name = "__linktab_mod$acme.core";
    let mut table = table(1, name.len() as u32);
    table[0] = 99;
    let outcome = read_bytes("new.o", bitcode(&table, name.as_bytes()), &Limits::default());
    let errors: Vec<String> = outcome.errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(errors.join("\n"));
}

/// LLVM before 5 wrote no table of symbols; the archive's index names them all the same.
#[test]
fn an_index_names_what_bitcode_does_not() {
    let member = (&b"old.o"[..], &b"BC\xc0\xde"[..]);
    let told = ["__linktab_mod$acme.core", "elsewhere"].map(|symbol| {
        let outcome = read_bytes("libold.a", indexed(member, symbol), &Limits::default());
        let markers = outcome.inventories.into_iter().flat_map(|it| it.markers);
        markers.chain(outcome.errors.iter().map(ToString::to_string)).collect::<Vec<_>>().join("\n")
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_record_without_a_marker_in_bitcode_cannot_be_looked_at() {
    if !has("clang") || !has("gcc") {
        return;
    }
    let folder = scratch("lto-nameless");
    // One of its records is not made by the header's macro.
    let object = folder.join("modules.o");
    compile_with("clang", "modules.c", &["-flto"], &object);
    let ran = check(&folder, &program(&folder), &[&object]);
    assert_eq!(ran.exit, Exit::Unreadable);
    insta::assert_snapshot!(format!("{}{}", ran.out, ran.err));
}

#[test]
fn a_rust_library_that_the_linker_compiles_needs_no_index() {
    if !has("llvm-ar") || !has("gcc") {
        return;
    }
    // Where the application is built: the macros are compiled there already.
    let (_alone, build) = (alone("verify-app"), target().join("verify-app"));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["rustc", "--quiet", "--locked", "--lib", "-p", "verify-geo", "--manifest-path"]);
    cargo.arg(fixtures().join("app/Cargo.toml")).arg("--target-dir").arg(&build).env_remove("RUSTFLAGS");
    must(cargo.args(["--", "-Clinker-plugin-lto"]));
    let folder = scratch("lto-rust");
    let members = folder.join("members");
    let _ = fs::remove_dir_all(&members);
    fs::create_dir_all(&members).expect("the scratch folder is writable");
    must(Command::new("llvm-ar").arg("x").arg(build.join("debug/libverify_geo.rlib")).current_dir(&members));
    let objects: Vec<PathBuf> = fs::read_dir(&members)
        .expect("it was just filled")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|it| it == "o"))
        .collect();
    let objects: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
    let library = archive(&["llvm-ar", "crS"], folder.join("libverify_geo-0123.rlib"), &objects);
    let mut names = markers(&library);
    names.sort();
    assert_eq!(names, ["acme.geo._alt", "acme.geo._core"]);
    let ran = check(&folder, &program(&folder), &[&library]);
    assert_eq!(ran.exit, Exit::Findings);
    insta::assert_snapshot!(ran.out);
}
