//! A program with a real CPython inside: its built-in modules, its version and its own init functions
//! are known for what they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::{fixtures, linktab, must, scratch};
use linktab_verify::commands::Exit;

/// The static library of an installed CPython, 3.11 or later, and its minor version.
fn libpython() -> Option<(PathBuf, String)> {
    let script = "import sys, sysconfig as s; v = s.get_config_var; \
                  print(v('LIBPL') + '/' + v('LIBRARY'), sys.version_info[1])";
    ["/usr/bin/python3", "python3"].iter().find_map(|python| {
        let output = Command::new(python).args(["-c", script]).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let (library, minor) = text.trim().rsplit_once(' ')?;
        let is_known = minor.parse::<u32>().is_ok_and(|minor| minor >= 11);
        (is_known && Path::new(library).is_file()).then(|| (PathBuf::from(library), minor.to_owned()))
    })
}

/// Links records to CPython. Nobody runs it: what CPython needs of other libraries stays open.
fn link(name: &str, source: &str, library: &Path) -> PathBuf {
    link_with(name, source, library, &[])
}

/// [`link`], with more arguments for the linker.
fn link_with(name: &str, source: &str, library: &Path, arguments: &[&str]) -> PathBuf {
    let folder = scratch("static-python");
    let (file, program) = (folder.join(format!("{name}.c")), folder.join(name));
    let head = "#include <linktab.h>\nextern int Py_BytesMain(int, char **);\n\
                int main(int argc, char **argv) { return Py_BytesMain(argc, argv); }\n";
    fs::write(&file, format!("{head}{source}")).expect("the scratch folder is writable");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry/include");
    let mut cc = Command::new("cc");
    cc.current_dir(&folder).args(["-no-pie", "-fno-pie", "-Wl,--unresolved-symbols=ignore-all"]);
    cc.arg("-I").arg(include).arg("-I").arg(fixtures().join("c"));
    cc.arg(file.file_name().expect("a file")).arg(library).args(arguments).arg("-o").arg(&program);
    must(&mut cc);
    program
}

#[test]
fn the_python_inside_is_known() {
    let Some((library, minor)) = libpython() else {
        println!("skipped: a static libpython is not installed (Debian: python3-dev)");
        return;
    };
    let clean = "static void *init_core(void) { return (void *)1; }\n\
                 LINKTAB_MODULE(\"acme._core\", init_core, LINKTAB_MULTI)\n";
    // `_ast` is built into every CPython. The table's name decides, whatever the list of names says.
    let shadowing = format!(
        "{clean}static void *init_ast(void) {{ return (void *)2; }}\n\
         LINKTAB_MODULE(\"_ast\", init_ast, LINKTAB_MULTI)\n"
    );
    let foreign = format!("{clean}void *PyInit_foreign(void) {{ return (void *)3; }}\n");
    let check = |name: &str, source: &str, arguments: &[&str]| {
        let program = link(name, source, &library);
        let path = program.to_str().expect("an ASCII path");
        // The program has no runtime: it is Python with a table of records.
        let all = ["check", "--no-config", "-v", "-A", "LT014"];
        let ran = linktab(all.iter().chain(arguments).chain([&path]));
        let folder = format!("{}/", program.parent().expect("a folder").display());
        let (out, err) = (ran.out.replace(&folder, ""), ran.err.replace(&folder, ""));
        (ran.exit, out, err)
    };
    let (exit, out, err) = check("clean", clean, &[]);
    assert_eq!(
        (exit, &*out),
        (Exit::Clean, "clean: 1 module, 0 errors, 0 warnings\n"),
        "PyInit_* of CPython's own"
    );
    assert_eq!(err, format!("read clean: elf x86-64 executable, Python 3.{minor}, 1 record\n"));

    let (exit, out, _) = check("shadowing", &shadowing, &[]);
    assert_eq!(exit, Exit::Findings);
    let first =
        "error[LT005]: module `_ast` shadows a module that is built into the Python that is linked in";
    assert_eq!(out.lines().next(), Some(first), "{out}");

    let (_, out, _) = check("foreign", &foreign, &[]);
    let first = "warning[LT018]: `PyInit_foreign` is linked in, and no record points at it";
    assert_eq!(out.lines().next(), Some(first), "{out}");

    let (exit, out, _) = check("other", clean, &["--python", "3.9"]);
    assert_eq!(exit, Exit::Findings);
    let first = format!("error[LT003]: expected Python 3.9 in the image, found Python 3.{minor}");
    assert_eq!(out.lines().next(), Some(&*first), "{out}");
}

/// A record, and the runtime as far as the command looks for it.
const WITH_RUNTIME: &str = "void *__linktab_anchor = 0;\n\
    static void *init_core(void) { return (void *)1; }\n\
    LINKTAB_MODULE(\"acme._core\", init_core, LINKTAB_MULTI)\n";

/// What `linktab check` says of a program, without the folder, and how it ends.
fn say(program: &Path, arguments: &[&str]) -> String {
    let path = program.to_str().expect("an ASCII path");
    let ran = linktab(["check", "--no-config"].iter().chain(arguments).chain([&path]));
    let folder = format!("{}/", program.parent().expect("a folder").display());
    format!("{}exit {:?}\n", ran.out.replace(&folder, ""), ran.exit)
}

#[test]
fn a_python_inside_that_shared_extensions_cannot_find_is_told() {
    let Some((library, _)) = libpython() else {
        println!("skipped: a static libpython is not installed (Debian: python3-dev)");
        return;
    };
    let hidden = say(&link("hidden", WITH_RUNTIME, &library), &[]);
    // Which modules are files is the distribution's choice.
    let inside = hidden.lines().position(|line| line.contains("of the standard library is not built in"));
    let others: Vec<&str> =
        hidden.lines().enumerate().filter(|(at, _)| Some(*at) != inside).map(|(_, line)| line).collect();
    insta::assert_snapshot!("hidden", others.join("\n"));
    assert!(inside.is_some(), "{hidden}");

    let exported = say(&link_with("exported", WITH_RUNTIME, &library, &["-rdynamic"]), &["--python-inside"]);
    assert_eq!(exported, "exported: 1 module, 0 errors, 0 warnings\nexit Clean\n");
}

/// A record, the runtime as it is found without symbols, and the mark of `linktab_finder::main()`.
const STRIPPED: &str = "#include \"locator.h\"\n\
    static void *init_core(void) { return (void *)1; }\n\
    LINKTAB_MODULE(\"acme._core\", init_core, LINKTAB_MULTI)\n\
    __attribute__((used)) static struct { char signature[16]; int version, state, rest[4]; } mark =\n\
    {\"\\x89linktab\\r\\n\\x1a\\n\\xf4\\x1d\\x70\\xe9\", 1};\n";

#[test]
fn a_stripped_program_that_exports_nothing_is_noted() {
    let Some((library, _)) = libpython() else {
        println!("skipped: a static libpython is not installed (Debian: python3-dev)");
        return;
    };
    let hidden = say(&link_with("unseen", STRIPPED, &library, &["-s"]), &[]);
    insta::assert_snapshot!("unseen", hidden);
    let exported = say(&link_with("seen", STRIPPED, &library, &["-s", "-rdynamic"]), &[]);
    assert_eq!(exported, "seen: 1 module, 0 errors, 0 warnings\nexit Clean\n");
}

#[test]
fn a_libpython_of_the_machine_is_told() {
    let Some((library, minor)) = libpython() else {
        println!("skipped: a static libpython is not installed (Debian: python3-dev)");
        return;
    };
    // The name alone counts for the loader, and so for the command.
    let folder = scratch("static-python");
    let name = format!("libpython3.{minor}.so.1.0");
    fs::write(folder.join("shared.c"), "int Py_BytesMain(int argc, char **argv) { return argc; }\n")
        .expect("the scratch folder is writable");
    let soname = format!("-Wl,-soname,{name}");
    let mut cc = Command::new("cc");
    must(cc.current_dir(&folder).args(["-shared", "-fPIC", "shared.c", &soname, "-o", &name]));
    let needing = link_with("needing", WITH_RUNTIME, &folder.join(&name), &[]);
    let told =
        [say(&needing, &[]), say(&needing, &["--python-inside"]), say(&needing, &["-A", "LT019"])].concat();
    insta::assert_snapshot!("needing", told.replace(&format!("3.{minor}."), "3.X."));
    // An extension module in a file is loaded by a Python that is there.
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry/include");
    let mut cc = Command::new("cc");
    cc.current_dir(&folder).args(["-shared", "-fPIC", "-I"]).arg(include);
    must(cc.args(["needing.c", &name, "-o", "plugin.so"]));
    assert_eq!(
        say(&folder.join("plugin.so"), &[]),
        "plugin.so: 1 module, 0 errors, 0 warnings\nexit Clean\n"
    );
    drop(library);
}
