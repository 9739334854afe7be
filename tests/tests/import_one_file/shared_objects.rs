//! Shared extensions in the archive, with the libraries that their wheels brought: loaded from memory, as
//! the stock interpreter loads them from files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use linktab_tests::subinterpreters::INTERPRETERS;
use linktab_tests::{fixture, python_app, python_cc, python_command, run, stock_python, transcript};

use super::{alone, folder, fresh, linktab, packed};

/// A wheel as auditwheel leaves them, with everything that is hard about it: two libraries that need each other,
/// at once and by data; one without a soname, one whose symbols have versions.
pub fn wheel(code: &Path) {
    let (package, libraries) = (code.join("harbour"), code.join("harbour.libs"));
    let quay = package.join("quay"); // A namespace package.
    for folder in [&package, &libraries, &quay] {
        fs::create_dir_all(folder).expect("a folder can be made");
    }
    fs::write(package.join("__init__.py"), "").expect("a file can be written");
    fs::write(quay.join("berth.py"), "").expect("a file can be written");
    let versions = libraries.with_file_name("versions.map");
    fs::write(&versions, "PULLEY_1 { *; };\n").expect("a file can be written");
    let build = |mut cc: Command, source: &str, output: &Path, words: &[&str]| {
        cc.args(["-shared", "-fPIC", "-Wl,-z,now"]).arg(fixture("import").join("vendored").join(source));
        run(cc.arg("-o").arg(output).arg("-L").arg(&libraries).args(words));
    };
    let (pulley, winch) = (libraries.join("libpulley-9f8e7d6c.so.1"), libraries.join("libwinch-00112233.so"));
    let script = format!("-Wl,--version-script={}", versions.display());
    let named = ["-Wl,-soname,libpulley-9f8e7d6c.so.1", "-Wl,-rpath,$ORIGIN", &script];
    build(Command::new("cc"), "pulley.c", &pulley, &named);
    let needs = ["-Wl,-rpath,$ORIGIN", "-l:libpulley-9f8e7d6c.so.1", "-Wl,--allow-shlib-undefined"];
    build(Command::new("cc"), "winch.c", &winch, &needs);
    build(Command::new("cc"), "pulley.c", &pulley, &[&named[..], &["-l:libwinch-00112233.so"]].concat());
    fs::remove_file(versions).expect("a file can be removed");
    let needs = ["-Wl,-rpath,$ORIGIN/../harbour.libs", "-l:libpulley-9f8e7d6c.so.1"];
    build(python_cc(), "crane.c", &package.join("_crane.abi3.so"), &needs);
    build(python_cc(), "crane.c", &package.join("_boat.abi3.so"), &[&needs[..], &["-DSINGLE"]].concat());
    // Names that are taken twice: by a folder of stubs, by a source file; and mypyc's kind of name.
    let dock = package.join("dock");
    for (path, text) in
        [("_crane/lift.pyi", ""), ("dock/__init__.py", "raise ImportError"), ("dock/ramp.py", "")]
    {
        super::write(&package.join(path), text);
    }
    build(python_cc(), "crane.c", &dock.join("__init__.abi3.so"), &[&needs[..], &["-DNAME=dock"]].concat());
    let slip = code.join("slip");
    for (path, text) in OPENS_ITS_OWN {
        super::write(&slip.join(path), text);
    }
    build(python_cc(), "crane.c", &slip.join("slip.abi3.so"), &[&needs[..], &["-DNAME=slip"]].concat());
    let group = code.join("0c1d__mypyc.abi3.so");
    let group_needs = ["-Wl,-rpath,$ORIGIN/harbour.libs", needs[1]];
    build(python_cc(), "crane.c", &group, &[&group_needs[..], &["-DNAME=0c1d__mypyc"]].concat());
}

/// A package that reads Python code as files, and imports an extension by its own name from its folder, as OpenCV's does.
const OPENS_ITS_OWN: [(&str, &str); 4] = [
    (
        "__init__.py",
        "
import importlib, os, sys
HERE = os.path.dirname(__file__)
for name in 'config.py', 'config-{}.py'.format(3), 'templates/kind/env.py':
    with open(os.path.join(HERE, name)) as file:
        exec(file.read())
sys.path.insert(1, HERE)
own = sys.modules.pop(__name__)
native = importlib.import_module(__name__)
sys.modules[__name__] = own
sys.path.remove(HERE)
",
    ),
    ("config.py", "depth = 7\n"),
    ("config-3.py", "width = 8\n"),
    ("templates/kind/env.py", "made = 'from a template'\n"),
];

/// What `code` says in the packed file, held against the stock interpreter with the same wheel. Its argument is where
/// the wheel is.
fn as_stock(app: &Path, code: &str) -> String {
    let said = transcript(alone(app).args(["-c", code]).arg(app), "");
    let mut stock = python_command(&stock_python());
    stock.env("PYTHONPATH", folder("code")).args(["-c", code]).arg(folder("code"));
    assert_eq!(said, transcript(&mut stock, ""), "the packed file, and the stock interpreter");
    said
}

#[test]
fn libraries_of_a_wheel_are_loaded_from_memory_once_and_leave_nothing_open() {
    let Some(app) = packed() else { return };
    let code = "
import os, sys
before = os.listdir('/proc/self/fd')
import harbour._crane as crane
os.closerange(3, 200)
import harbour._boat as boat, harbour.quay.berth, _decimal
# One pulley for both, and one winch for that.
print(crane.lift(1), boat.lift(1), crane.lift(3))
for module in crane, boat:
    print(module.__name__, os.path.relpath(module.__file__, sys.argv[1]), module.__file__ == module.__spec__.origin)
print(set(os.listdir('/proc/self/fd')) - set(before))
";
    insta::assert_snapshot!(as_stock(app, code));
}

#[test]
fn a_package_finds_its_own_code_as_files_and_its_extension_by_its_own_name() {
    let Some(app) = packed() else { return };
    let code = "
import os, slip, slip.config
print(slip.depth, slip.width, slip.made, slip.native.lift(1), slip.config.depth)
print(slip.native is slip, slip.native.__name__, os.path.relpath(slip.native.__file__, slip.HERE))
try:
    import slip.slip
    print(slip.slip.lift(1))
except ImportError as error:
    print(error)
";
    insta::assert_snapshot!(as_stock(app, code));
}

#[test]
fn an_extension_comes_before_what_has_its_name_and_may_be_a_package() {
    let Some(app) = packed() else { return };
    let code = "
import importlib, os, sys
import harbour._crane, harbour.dock, harbour.dock.ramp, quay
print(harbour._crane.lift(1), harbour.dock.lift(1), harbour.dock.__name__)
print([os.path.relpath(path, sys.argv[1]) for path in harbour.dock.__path__])
# What is in such a group asks it where the packages are.
group = importlib.import_module('0c1d__mypyc')
print(os.path.dirname(group.__file__) == os.path.dirname(quay.__path__[0]))
";
    insta::assert_snapshot!(as_stock(app, code));
}

#[test]
fn a_subinterpreter_shares_what_is_loaded() {
    let Some(app) = packed() else { return };
    let code = "
import harbour._crane as crane
print(crane.lift(1), flush=True)
file = os.path.join(sys.argv[1], 'harbour', '_crane.abi3.so')
code = f'import harbour._crane as crane; print(crane.lift(1), crane.__file__ == {file!r}, flush=True)'
print(interpreters.run_string(interpreter, code))
interpreters.destroy(interpreter)
print(crane.lift(1))
";
    insta::assert_snapshot!(as_stock(app, &format!("{INTERPRETERS}{code}")));
}

#[test]
fn loading_touches_no_file() {
    let Some(app) = packed() else { return };
    if Command::new("strace").arg("-V").stdout(std::process::Stdio::null()).status().is_err() {
        println!("skipped: strace is not installed");
        return;
    }
    let trace = fresh("strace-shared").join("trace");
    // What zipimport asks of a package's folder, it asks once, and of what is no extension too.
    let code = "
import posix, harbour
try:
    import harbour.absent
except ImportError:
    posix.access('begin', 0)
import harbour._crane
posix.access('end', 0)";
    let mut strace = Command::new("strace");
    strace.args(["-f", "-e", "trace=%file", "-o"]).arg(&trace).arg(app).args(["-I", "-c", code]);
    run(strace.env_clear().current_dir(trace.parent().expect("it is in a folder")));
    let text = fs::read_to_string(trace).expect("strace wrote it");
    let between = text.split("\"begin\"").nth(1).and_then(|rest| rest.split("\"end\"").next());
    let paths = between.expect("both are there").lines().filter_map(|line| line.split('"').nth(1));
    // The system's own libraries are none of the archive's.
    let system = |path: &str| path.ends_with("/libc.so.6") || path == "/etc/ld.so.cache";
    let paths: Vec<&str> = paths.filter(|path| !path.is_empty() && !system(path)).collect();
    assert!(paths.iter().all(|path| path.starts_with("/proc/self/fd/")), "{text}");
    // Each file once, under a name of its own.
    assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), 3, "{paths:?}");
}

#[test]
fn a_library_that_is_missing_is_told_with_the_file_that_needs_it() {
    if packed().is_none() {
        return;
    }
    let code = fresh("lost");
    wheel(&code);
    fs::remove_file(code.join("harbour.libs/libwinch-00112233.so")).expect("a file can be removed");
    let app = fresh("lost-made").join("app");
    let build = python_app("import-app");
    let (exit, said) = linktab(&[&build, Path::new("--output"), &app, Path::new("--code"), &code]);
    assert_eq!(exit, 0, "{said}");
    let code = "
try:
    import harbour._crane
except ImportError as error:
    print(error, error.name, error.path)
";
    let said = transcript(alone(&app).args(["-c", code]), "");
    insta::assert_snapshot!(said.replace(&*app.to_string_lossy(), "<executable>"));
}
