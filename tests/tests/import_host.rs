//! Programs that initialise Python by themselves, in Rust and in C.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::{
    build_at_hand, c_host, c_host_with, embedding_recipe, fixture, host_command, python_app, python_cc, run,
    stock_python, target_dir, transcript,
};

fn host(mode: &str, code: &str) -> String {
    transcript(host_command(&python_app("fixture-import-host")).args([mode, code]), "")
}

const USE_BOTH_PHASES: &str = "
import acme.geo._core as core, acme.old._once as once
print(core, once, core.Point.__module__, once.Point.__module__, once.find() is once)
";

#[test]
fn a_rust_host_installs_into_its_interpreter() {
    insta::assert_snapshot!(host("prepared", USE_BOTH_PHASES));
}

#[test]
fn installing_needs_an_interpreter() {
    insta::assert_snapshot!(host("uninitialised", ""));
}

#[test]
fn a_host_that_did_not_prepare_can_import_all_the_same() {
    let said = host(
        "late",
        "
import sys, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    import acme.geo._core as core, acme.old._once as once
print(core, once, once.Point.__module__)
needs_slot = (3, 12) <= sys.version_info < (3, 15)
print(len(caught) == needs_slot and (once.find() is once) != needs_slot)
if caught:
    print(caught[0].message, file=sys.stderr)
",
    );
    let (output, warning) = said.split_once("--- errors\n").unwrap_or((&said, ""));
    insta::assert_snapshot!(output);
    if !warning.is_empty() {
        insta::assert_snapshot!("a_host_that_did_not_prepare_is_told", warning);
    }
}

#[test]
fn python_may_be_initialised_and_finalised_again_and_again() {
    insta::assert_snapshot!(host(
        "again",
        "
import acme.geo._core as core, acme.old._once as once, linktab, sys
print(core, once, once.find() is once, once.__name__, sys.meta_path[0] is linktab.finder)
"
    ));
}

/// CPython's caches fill up for some twenty cycles and fluctuate then, and a program that adds to the table
/// of built-in modules leaves that behind: the least that a later cycle adds, in which a leak would be, is
/// compared with a program without linktab.
#[test]
fn a_cycle_leaves_nothing_of_linktab_behind() {
    let growth = |mode: &str, code: &str| {
        let mut host = host_command(&python_app("fixture-import-host"));
        // Every block by malloc, and the same dictionaries in each run. Free-threaded builds have an
        // allocator of their own: there only what Rust takes is counted.
        if !build_at_hand().free_threaded {
            host.env("PYTHONMALLOC", "malloc");
        }
        let said = run(host.env("PYTHONHASHSEED", "0").args([mode, code]));
        let lent: Vec<i64> = said.lines().map(|line| line.parse().expect("it prints bytes")).collect();
        lent.windows(2).map(|pair| pair[1] - pair[0]).skip(16).min()
    };
    let with =
        "import acme.geo._core, acme.old._once, native, linktab; linktab.modules(), linktab.find('os')";
    let (Some(with), Some(without)) =
        (growth("cycles", with), growth("bare-cycles", "import _core, _once, native"))
    else {
        println!("skipped: glibc, which tells what malloc has lent, is not installed");
        return;
    };
    // 3.12.1, 3.13.0 and debug builds leave 130 to 190 kB of their own behind, which grow with the names in
    // a program: linktab's are 1.2 to 2.2 % more. Others leave nothing, and there nothing more is allowed;
    // a cycle may give back more than it takes.
    let usual = without.max(0);
    assert!(with <= usual + usual / 33, "{with} bytes a cycle, without linktab {without}");
}

#[test]
fn a_c_host_links_the_static_library_with_gnu_ld() {
    insta::assert_snapshot!(transcript(host_command(&c_host("c-host", &[])).arg(USE_BOTH_PHASES), ""));
}

/// `c_host` links by the command in the header, and the crate in its static library names what it says.
#[test]
fn the_header_for_c_hosts_says_what_the_static_library_names() {
    let lib = fs::read_to_string(fixture("import").join("staticlib/src/lib.rs")).expect("it can be read");
    let named: Vec<&str> = lib.lines().filter(|line| line.starts_with("use ")).collect();
    let told: Vec<String> = embedding_recipe()
        .0
        .iter()
        .map(|line| line.replace("ext_geo", "fixture_import_extensions"))
        .collect();
    assert_eq!(told, named);
}

/// An extension in C whose leaf name is that of others.
fn native(folder: &str, package: &str) -> PathBuf {
    let folder = target_dir("two-natives").join(folder);
    fs::create_dir_all(&folder).expect("target/ can be written");
    let file = folder.join(format!("{package}.c"));
    let source = "\
#include <Python.h>
#include <linktab.h>
static PyObject *who(PyObject *module, PyObject *unused) { return PyUnicode_FromString(\"PACKAGE\"); }
static PyMethodDef methods[] = {{\"who\", who, METH_NOARGS, 0}, {0}};
static PyModuleDef native = {PyModuleDef_HEAD_INIT, .m_name = \"_native\", .m_methods = methods};
LINKTAB_INIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&native); }
LINKTAB_MODULE(\"PACKAGE._native\", PyInit__native, LINKTAB_MULTI)
LINKTAB_MODULE(\"PACKAGE.3d\", PyInit__native, LINKTAB_MULTI)
";
    fs::write(&file, source.replace("PACKAGE", package)).expect("target/ can be written");
    file
}

const USE_BOTH_NATIVES: &str = "
import red._native as red, blue._native as blue
print(red.__name__, red.who(), blue.__name__, blue.who())
";

/// GNU ld then leaves a section for each object, and `__start_` names the first of them.
#[test]
fn a_linker_that_splits_the_section_is_told() {
    let first = native("split", "first");
    let host = c_host_with("c-host-split", &[&first], &["-Wl,--unique=linkme_LINKTAB"]);
    insta::assert_snapshot!(transcript(host_command(&host).arg("pass"), ""));
}

#[test]
fn two_c_packages_of_one_leaf_name_are_linked_into_one_program() {
    let (red, blue) = (native("program", "red"), native("program", "blue"));
    let program = c_host("c-host-natives", &[&red, &blue]);
    // No `import` statement can name the other ones.
    let others = "import importlib\nprint(*map(importlib.import_module, ('red.3d', 'blue.3d')))\n";
    let code = format!("{USE_BOTH_NATIVES}{others}");
    insta::assert_snapshot!(transcript(host_command(&program).arg(code), ""));
}

/// The same sources, compiled as `LINKTAB_WHEEL` says.
#[test]
fn the_same_c_packages_are_imported_by_an_ordinary_python() {
    let site = target_dir("two-natives/site");
    let wheel = |package: &str, flags: &[&str]| {
        fs::create_dir_all(site.join(package)).expect("target/ can be written");
        let library: &Path = &site.join(package).join("_native.so");
        run(python_cc()
            .args(["-shared", "-fPIC"])
            .args(flags)
            .arg(native("wheel", package))
            .arg("-o")
            .arg(library));
    };
    let ask = || {
        transcript(Command::new(stock_python()).args(["-c", USE_BOTH_NATIVES]).env("PYTHONPATH", &site), "")
    };
    wheel("red", &["-DLINKTAB_WHEEL"]);
    wheel("blue", &["-DLINKTAB_WHEEL"]);
    assert_eq!(ask(), "red._native red blue._native blue\n");
    wheel("blue", &[]);
    assert!(ask().contains("does not define module export function"), "{}", ask());
}
