//! LT019 in every format: what the loader is asked for stands elsewhere in each.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use linktab_tests::verify::targets::Target;
use linktab_tests::verify::{linktab, scratch};

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
