//! What went into a link and is not in its output, although another record of the same name is: a record
//! is the same when its name, its origin and its phase are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::native::compile_with;
use linktab_tests::verify::{has, linktab, must, scratch};
use linktab_verify::commands::Exit;

/// The record of one object, in an archive of its own.
fn archive(folder: &Path, name: &str, compiler: &str, flags: &[&str]) -> PathBuf {
    let (object, archive) = (folder.join(format!("{name}.o")), folder.join(format!("lib{name}.a")));
    compile_with(compiler, "archived.c", flags, &object);
    let _ = fs::remove_file(&archive);
    must(Command::new("ar").arg("crs").arg(&archive).arg(&object));
    archive
}

/// A program with one record, and its object.
fn program(folder: &Path) -> PathBuf {
    compile_with("gcc", "runtime.c", &[], &folder.join("runtime.o"));
    compile_with("gcc", "archived.c", &[], &folder.join("kept.o"));
    let program = folder.join("app");
    let mut gcc = Command::new("gcc");
    gcc.current_dir(folder).args(["-nostartfiles", "-nostdlib", "-static", "runtime.o", "kept.o", "-o"]);
    must(gcc.arg(&program));
    program
}

/// How the check ends, and what it says without the folder.
fn check(folder: &Path, program: &Path, inputs: &[&Path]) -> (Exit, String) {
    let text = |path: &Path| path.to_str().expect("an ASCII path").to_owned();
    let mut arguments = vec!["check".to_owned(), "--no-config".to_owned()];
    arguments.extend(inputs.iter().map(|input| format!("--inputs={}", text(input))));
    let ran = linktab(arguments.into_iter().chain([text(program)]));
    assert_eq!(ran.err, "");
    (ran.exit, ran.out.replace(&format!("{}/", text(folder)), ""))
}

#[test]
fn another_record_of_the_name_is_not_the_lost_one() {
    if !has("gcc") || !has("ar") {
        return;
    }
    let folder = scratch("lost");
    let program = program(&folder);
    let kept = folder.join("kept.o");
    let clean = (Exit::Clean, "app: 1 module, 0 errors, 0 warnings\n".to_owned());
    // As an object and in an archive, and compiled twice: it is one record.
    let twin = archive(&folder, "twin", "gcc", &["-g"]);
    assert_eq!(check(&folder, &program, &[&kept, &twin]), clean);

    let lost: [(&str, &str, &[&str]); 4] = [
        ("package", "gcc", &["-DLINKTAB_ORIGIN_PACKAGE=\"rival\"", "-DLINKTAB_ORIGIN_VERSION=\"1.0\""]),
        ("phase", "gcc", &["-DPHASE=LINKTAB_SINGLE"]),
        ("flags", "gcc", &["-DPHASE=LINKTAB_MULTI|LINKTAB_PACKAGE"]),
        ("slim", "gcc", &["-flto", "-fno-fat-lto-objects"]),
    ];
    let mut told = Vec::new();
    for (name, compiler, flags) in lost {
        let (exit, out) = check(&folder, &program, &[&kept, &archive(&folder, name, compiler, flags)]);
        assert_eq!(exit, Exit::Findings, "{out}");
        told.push(out);
    }
    insta::assert_snapshot!(told.join("\n"));
    // Of a record that the linker compiles only the name is known.
    assert_eq!(check(&folder, &program, &[&folder.join("slim.o")]), clean);
}

/// What a thin archive names is a member like any other: a linker pulls it when something refers to it.
#[test]
fn a_member_of_a_thin_archive_was_never_pulled() {
    if !has("gcc") || !has("ar") {
        return;
    }
    let folder = scratch("lost-thin");
    let program = program(&folder);
    fs::create_dir_all(folder.join("objects")).expect("the scratch folder is writable");
    compile_with("gcc", "archived.c", &["-DPHASE=LINKTAB_SINGLE"], &folder.join("objects/lost.o"));
    let archive = folder.join("libthin.a");
    let _ = fs::remove_file(&archive);
    must(Command::new("ar").current_dir(&folder).args(["crsT", "libthin.a", "objects/lost.o"]));
    insta::assert_snapshot!(check(&folder, &program, &[&archive]).1);
}
