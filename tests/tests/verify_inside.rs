//! LT019 in every format: what the loader is asked for stands elsewhere in each.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use linktab_tests::verify::targets::Target;
use linktab_tests::verify::{linktab, must, scratch};
use linktab_verify::commands::Exit;
use linktab_verify::{Limits, needs as needs_of};

const PROGRAM: &str = "#include <linktab.h>
int Py_BytesMain(int, char **);
void *volatile __linktab_anchor = 0;
void __main(void) {}
static void *init_core(void) { return (void *)1; }
LINKTAB_MODULE(\"acme._core\", init_core, LINKTAB_MULTI)
int main(int argc, char **argv) { return __linktab_anchor ? 1 : Py_BytesMain(argc, argv); }
int _start(void) { return main(0, 0); }
";

const LIBRARY: &str = "#ifdef _WIN32
__declspec(dllexport)
#endif
int Py_BytesMain(int argc, char **argv) { (void)argv; return argc; }
";

/// What a program needs.
fn needs(program: &Path) -> String {
    let path = program.to_str().expect("an ASCII path");
    let ran = linktab(["needs", path]);
    assert!(ran.exit == Exit::Clean && ran.err.is_empty(), "{ran:?}");
    ran.out.replace(path, "program").replace('\n', "\n  ").trim_end().to_owned()
}

/// The first line of a check.
fn first(program: &Path) -> String {
    let path = program.to_str().expect("an ASCII path");
    let ran = linktab(["check", "--no-config", path]);
    ran.out.lines().next().unwrap_or_default().replace(path, "program")
}

#[test]
fn a_libpython_of_the_machine_is_told_in_every_format() {
    let targets = Target::installed();
    if targets.is_empty() {
        println!("skipped: clang is not installed");
        return;
    }
    let folder = scratch("inside");
    let source = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).expect("the scratch folder is writable");
        path.to_str().expect("an ASCII path").to_owned()
    };
    let (program, library) = (source("program.c", PROGRAM), source("library.c", LIBRARY));
    let mut told = String::new();
    for target in targets.iter().filter(|target| !target.name.contains(" static ")) {
        let at = |end: &str| folder.join(format!("{}-{end}", target.slug()));
        // Windows imports through a library that only the linker sees.
        let implib = at("implib.a");
        let out_implib = format!("--out-implib={}", implib.display());
        let (name, flags): (&str, Vec<&str>) = match target.format {
            "elf" => ("libpython3.13.so.1.0", vec!["-no-pie", "-shared", "-soname", "libpython3.13.so.1.0"]),
            "mach-o" => {
                ("libpython3.13.dylib", vec!["-dylib", "-install_name", "@rpath/libpython3.13.dylib"])
            }
            _ => ("python313.dll", vec!["-shared", "--entry", "Py_BytesMain", &out_implib]),
        };
        let objects = [at("program.o"), at("library.o")];
        target.compile(&program, &[], &objects[0]);
        target.compile(&library, &[], &objects[1]);
        let needing = at("needing");
        let shared = folder.join(target.slug());
        fs::create_dir_all(&shared).expect("the scratch folder is writable");
        let shared = shared.join(name);
        target.link(&[&objects[1]], &flags, &shared);
        let linked = if target.format == "pe" { &implib } else { &shared };
        target.link(&[&objects[0], linked], &[], &needing);
        let inside = at("inside");
        target.link(&[&objects[0], &objects[1]], &[], &inside);
        let _ = writeln!(told, "{}\n  {}\n  {}", target.name, first(&needing), first(&inside));
        let _ = writeln!(told, "  {}", needs(&needing));
        if target.format == "mach-o" {
            for name in ["Python", "Python3", "PythonT"] {
                let install = format!("@rpath/{name}.framework/Versions/3.13/{name}");
                target.link(&[&objects[1]], &["-dylib", "-install_name", &install], &shared);
                target.link(&[&objects[0], &shared], &[], &needing);
                let _ = writeln!(told, "  {}", first(&needing));
            }
        }
    }
    insta::assert_snapshot!(told);
}

/// A program of this machine, with a loader and versions of symbols.
fn native() -> Vec<u8> {
    let (source, program) = (scratch("needs").join("hello.c"), scratch("needs").join("hello"));
    fs::write(&source, "#include <stdio.h>\nint main(void) { return puts(\"hello\") < 0; }\n")
        .expect("it is writable");
    must(Command::new("cc").arg(&source).arg("-s").arg("-o").arg(&program));
    fs::read(program).expect("it was just built")
}

#[test]
fn whatever_bytes_say_the_answer_ends_and_is_no_shorter_list_in_silence() {
    let bytes = native();
    let read = |bytes: Vec<u8>| needs_of::read_bytes("hello", bytes, &Limits::default());
    let (right, errors) = read(bytes.clone());
    let [hello] = right.as_slice() else { panic!("{errors:?}") };
    assert!(hello.loader.is_some() && hello.glibc().is_some() && !hello.libraries.is_empty(), "{hello:?}");
    // Headers, dynamic section and versions of so small a program are at its beginning.
    for at in (0..0x800).chain((0x800..bytes.len()).step_by(11)) {
        for value in [0, 0x7f, 0xff] {
            let mut mutant = bytes.clone();
            mutant[at] = value;
            // What it says may be wrong then, as the loader would be; it ends.
            let _ = read(mutant);
        }
    }
    for len in (0..bytes.len()).step_by(7) {
        let (found, errors) = read(bytes[..len].to_vec());
        let same = |needs: &needs_of::Needs| needs.libraries.len() == hello.libraries.len();
        assert!(
            !errors.is_empty() || found.iter().all(same) && !found.is_empty(),
            "cut off at {len}: {found:?}"
        );
    }
}

#[test]
fn what_is_no_linked_file_is_told() {
    let folder = scratch("needs");
    let (source, object, text) = (folder.join("one.c"), folder.join("one.o"), folder.join("one.txt"));
    fs::write(&source, "int one;\n").expect("it is writable");
    fs::write(&text, "no binary\n").expect("it is writable");
    must(Command::new("cc").arg("-c").arg(&source).arg("-o").arg(&object));
    let said = [&object, &text, &folder.join("absent")].map(|path| {
        let ran = linktab(["needs", path.to_str().expect("an ASCII path")]);
        format!("{}{}exit {}\n", ran.out, ran.err, ran.exit as u8)
            .replace(&folder.display().to_string(), "<folder>")
    });
    insta::assert_snapshot!(said.concat());
}
