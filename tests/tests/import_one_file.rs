//! `linktab pack`: one file with the standard library and an application's Python code behind it, moved to
//! where no Python is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use linktab_tests::subinterpreters::INTERPRETERS;
use linktab_tests::verify::NO_BUILDERS;
use linktab_tests::{
    given_home, libpython_is_shared, python_app, python_command, python_minor, run, stock_python, target_dir,
    transcript,
};

#[path = "import_one_file/ahead.rs"]
mod ahead;
#[path = "import_one_file/application.rs"]
mod application;
#[path = "import_one_file/compressed.rs"]
mod compressed;
#[path = "import_one_file/data_files.rs"]
mod data_files;
#[path = "import_one_file/directory.rs"]
mod directory;
#[path = "import_one_file/extracted.rs"]
mod extracted;
#[path = "import_one_file/lost.rs"]
mod lost;
#[path = "import_one_file/needs.rs"]
mod needs;
#[path = "import_one_file/programs.rs"]
mod programs;
#[path = "import_one_file/refused.rs"]
mod refused;
#[path = "import_one_file/shared_objects.rs"]
mod shared_objects;
#[path = "import_one_file/small.rs"]
mod small;
#[path = "import_one_file/tracebacks.rs"]
mod tracebacks;
#[path = "import_one_file/wheels.rs"]
mod wheels;

/// A folder of this test and this CPython.
fn folder(name: &str) -> PathBuf {
    let build = python_app("import-app");
    let key = build.parent().and_then(Path::file_name).expect("it is in a folder");
    target_dir("one-file").join(key).join(name)
}

fn fresh(name: &str) -> PathBuf {
    let folder = folder(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("a folder can be removed");
    }
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

/// What the command says to these arguments: exit code, output, errors.
fn linktab(arguments: &[&Path]) -> (i32, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words = ["linktab".as_ref(), "pack".as_ref()]
        .into_iter()
        .chain(arguments.iter().map(|path| path.as_os_str()));
    let exit = linktab_verify::commands::run(words.map(Into::into), &NO_BUILDERS, &mut out, &mut err);
    out.extend(err);
    (exit as i32, String::from_utf8(out).expect("it prints UTF-8"))
}

/// The executable with every extension, packed with a small application, and moved. None where CPython is not
/// inside the executable: that is refused.
fn packed() -> Option<&'static Path> {
    static PACKED: OnceLock<Option<PathBuf>> = OnceLock::new();
    PACKED.get_or_init(pack).as_deref()
}

fn pack() -> Option<PathBuf> {
    let code = fresh("code");
    write(&code.join("town/__init__.py"), "\"\"\"A package.\"\"\"\nimport acme.geo._core as core\n");
    write(&code.join("town/street.py"), "def fail():\n    raise ValueError('no such street')\n");
    data_files::packages(&code);
    shared_objects::wheel(&code);
    let (made, moved) = (fresh("made").join("app"), fresh("moved").join("app"));
    let app = python_app("import-app");
    let arguments = [&app, Path::new("--output"), &made, Path::new("--code"), &code];
    let (exit, said) = linktab(&arguments);
    if libpython_is_shared() {
        let expected =
            format!("error: {}: CPython is not inside: the loader looks for `libpython3.", app.display());
        assert!(exit == 2 && said.starts_with(&expected) && !made.exists(), "{exit}: {said}");
        return None;
    }
    assert_eq!(exit, 0, "{said}");
    fs::rename(&made, &moved).expect("a file can be moved");
    Some(moved)
}

/// The command to run it with an environment that knows no Python, and no home but one of this test and this CPython.
fn alone(app: &Path) -> Command {
    let mut command = Command::new(app);
    command.env_clear().env("HOME", folder("home")).current_dir(app.parent().expect("it is in a folder"));
    command
}

#[test]
fn everything_comes_from_the_file() {
    let Some(app) = packed() else { return };
    let code = "
import importlib, importlib.resources, json, os, pkgutil, sys
here = os.path.realpath(sys.executable)
import acme.geo._core, acme.old._once, town, town.street
print([path.replace(here, '<file>') for path in sys.path])
print(sys.prefix == os.path.dirname(here), json.__file__.replace(here, '<file>'))
print(town.core is acme.geo._core, town.__loader__.archive == here)
print(pkgutil.get_data('quay', 'data/names.txt').split())
print([module.name for module in pkgutil.iter_modules(town.__path__)])
kinds = {type(module.__loader__).__name__ for module in list(sys.modules.values())
         if getattr(module, '__file__', None) and type(module.__loader__) is not type}  # frozen
print(kinds - {'SharedExtensionLoader'})
try:
    town.street.fail()
except ValueError as error:
    print(error.__traceback__.tb_next.tb_frame.f_code.co_filename.replace(here, '<file>'))
";
    // Set as clusters set them for other Pythons. The archive comes first, and its home is its own.
    let mut command = alone(app);
    command.env("PYTHONHOME", "/nowhere").env("PYTHONPATH", "/nowhere/else");
    let mut arguments = vec!["-c", code];
    if python_minor() < 11 {
        // Before 3.11 nothing keeps `-c` from putting the current folder first, but `-I`, which is more.
        arguments = vec!["-c", "import sys; sys.path.remove('')\nexec(sys.argv[1])", code];
    }
    insta::assert_snapshot!(transcript(command.args(arguments), ""));
}

/// Python code makes one, and says nothing of linktab there.
#[test]
fn a_subinterpreter_imports_from_the_file() {
    let Some(app) = packed() else { return };
    let code = "
failure = interpreters.run_string(interpreter, '''
import acme.geo._core, town.street, sys
kinds = {getattr(finder, '__name__', type(finder).__name__) for finder in sys.meta_path}
print(town.core is acme.geo._core, sorted(kind for kind in kinds if 'Extension' in kind or 'Implied' in kind), flush=True)
''')
print(failure)
interpreters.destroy(interpreter)
";
    let code = format!("{INTERPRETERS}{code}");
    insta::assert_snapshot!(transcript(alone(app).args(["-c", &*code]), ""));
}

#[test]
fn shared_extensions_are_loaded_from_the_file_too() {
    let Some(app) = packed() else { return };
    let code = "
import sys, sysconfig, os
folder = os.path.join(sysconfig.get_path('platstdlib'), 'lib-dynload')
names = sorted({file.split('.')[0] for file in os.listdir(folder) if file.endswith('.so')})
print(*[name for name in names if not name.startswith(('_test', '_xxtest', 'xxlimited', 'xxsubtype', '_ctypes_test'))])
";
    let mut stock = python_command(&stock_python());
    let names = run(stock.args(["-c", code]));
    let code = "
import importlib, sys
for name in sys.argv[1:]:
    try:
        module = importlib.import_module(name)
        assert module.__file__.startswith(('/proc/self/fd/', sys.executable + '/')), module
        print(name, module.__name__, module.__spec__.loader is module.__loader__)
    except ImportError as error:
        print(name, type(error).__name__)
";
    // For which a library of the system is missing, is missing in the stock interpreter too.
    let both = [alone(app), python_command(&stock_python())].map(|mut command| {
        let check = if command.get_program() == app { code.to_owned() } else { code.replace("assert", "#") };
        command.arg("-c").arg(check).args(names.split_whitespace());
        transcript(&mut command, "")
    });
    let [packed, stock] = both;
    assert_eq!(packed, stock, "of {names}");
}

#[test]
fn processes_of_multiprocessing_have_everything_too() {
    let Some(app) = packed() else { return };
    let main = fresh("spawn").join("main.py");
    let text = "
import multiprocessing

def work(number):
    import town, json
    return json.dumps([number, town.core.__name__])

if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    with multiprocessing.Pool(2) as pool:
        print(pool.map(work, [1, 2]))
";
    write(&main, text);
    assert_eq!(
        transcript(alone(app).arg(main), ""),
        "['[1, \"acme.geo._core\"]', '[2, \"acme.geo._core\"]']\n"
    );
}

#[test]
fn threads_may_import_from_it_at_once() {
    let Some(app) = packed() else { return };
    // zipimport of CPython 3.9 has no `exec_module`: whoever imports a module that another thread is
    // importing gets it half made, with the stock interpreter and a zipped library as well.
    let code = "
import contextlib, importlib, sys, threading
alone = threading.Lock() if sys.version_info < (3, 10) else contextlib.nullcontext()
names = ['json', 'argparse', 'csv', 'difflib', 'dis', 'email.message', 'fractions', 'gettext', 'html.parser',
         'optparse', 'pdb', 'pprint', 'tarfile', 'textwrap', 'unittest', 'xml.dom.minidom']
gate, failed = threading.Barrier(len(names)), []
def work(name):
    gate.wait()
    try:
        with alone:
            importlib.import_module(name)
    except BaseException as error:
        failed.append((name, error))
threads = [threading.Thread(target=work, args=(name,)) for name in names]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(failed)
";
    assert_eq!(transcript(alone(app).args(["-c", code]), ""), "[]\n");
}

#[test]
fn one_file_is_opened_once() {
    let Some(app) = packed() else { return };
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        println!("skipped: strace is not installed");
        return;
    }
    let trace = fresh("strace").join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-e", "trace=open,openat", "-o"]).arg(&trace).arg(app);
    // `-I`: before 3.11 nothing else keeps `-m` from listing the current folder.
    strace
        .args(["-I", "-m", "town.street"])
        .env_clear()
        .current_dir(trace.parent().expect("it is in a folder"));
    run(&mut strace);
    let text = fs::read_to_string(trace).expect("strace wrote it");
    let opened =
        text.lines().filter(|line| !line.contains(" = -1 ")).filter_map(|line| line.split('"').nth(1));
    let of_the_system = ["/etc/", "/proc/", "/usr/share/locale/", "/usr/lib/locale/", "/dev/"];
    let others = opened.filter(|path| {
        let library = path.contains(".so") && !path.contains("lib-dynload");
        !library && !path.contains("gconv") && !of_the_system.iter().any(|start| path.starts_with(start))
    });
    assert_eq!(others.collect::<Vec<_>>(), [&*app.to_string_lossy()], "{text}");
}

#[test]
fn an_archive_of_somebody_else_changes_nothing() {
    let app = fresh("foreign").join("app");
    fs::copy(python_app("import-app"), &app).expect("a file can be copied");
    append_foreign_archive(&app);
    let code = "import sys, json; print(sys.executable in sys.path, json.loads('[1]'))";
    let mut command = python_command(&app);
    command.envs(given_home().map(|home| ("PYTHONHOME", home)));
    assert_eq!(transcript(command.args(["-c", code]), ""), "False [1]\n");
}

fn append_foreign_archive(app: &Path) {
    let add = "
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'a') as archive:
    archive.writestr('json.py', 'raise SystemExit(1)')
";
    run(python_command(&stock_python()).args(["-c", add]).arg(app));
}
