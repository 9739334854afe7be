//! A program with a real CPython inside: its built-in modules, its version and its own init functions
//! are known for what they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::{linktab, must, scratch};
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
    let folder = scratch("static-python");
    let (file, program) = (folder.join(format!("{name}.c")), folder.join(name));
    let head = "#include <linktab.h>\nextern int Py_BytesMain(int, char **);\n\
                int main(int argc, char **argv) { return Py_BytesMain(argc, argv); }\n";
    fs::write(&file, format!("{head}{source}")).expect("the scratch folder is writable");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry/include");
    let mut cc = Command::new("cc");
    cc.current_dir(&folder)
        .args(["-no-pie", "-fno-pie", "-Wl,--unresolved-symbols=ignore-all", "-I"])
        .arg(include);
    cc.arg(file.file_name().expect("a file")).arg(library).arg("-o").arg(&program);
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
