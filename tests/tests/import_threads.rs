//! Threads that import at once; and on free-threaded builds, who gets the GIL back.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::{
    build_at_hand, c_host, fixture, host_command, python, python_cc, python_command, run, stock_python,
    target_dir, transcript,
};

/// Eight threads import and look up overlapping halves of the table, sound extensions and broken ones,
/// each in another order, one by one and as batches. What each of them got is compared with what a
/// thread alone gets.
const STRESS: &str = "
import importlib.util, linktab, random, sys, threading, warnings
warnings.simplefilter('ignore')
NAMES = [m.name for m in linktab.modules() if m.name != 'linktab']
ROOTS = {name.split('.')[0] for name in NAMES}

def outcome(name, batch):
    try:
        module = linktab.preload([name])[0] if batch else importlib.import_module(name)
    except BaseException as error:
        return type(error).__name__, str(error)
    # Of a single-phase module another thread may see less than it will have: it is in sys.modules before
    # importlib sets its attributes (finish_singlephase_extension, Python/import.c), by any loader.
    return module,

def alike(name, one, other):
    # A failure has words, a module an identity.
    assert one == other, (name, one, other)

def look(module):
    return module.__name__, module.__spec__.name, sorted(vars(module))

def work(seed, results):
    order = random.Random(seed)
    share = len(NAMES) * 3 // 4 if seed % 8 else len(NAMES)
    for name in order.sample(NAMES, share):
        assert importlib.util.find_spec('os') and linktab.find(name).name == name
        assert linktab.finder.find_spec(name).name == name
        results[name] = outcome(name, order.random() < 0.3)

def forget():
    for known in [known for known in sys.modules if known.split('.')[0] in ROOTS]:
        del sys.modules[known]

alone = None
for round in range(ROUNDS):
    results = [{} for _ in range(8)]
    barrier = threading.Barrier(8)
    def run(number):
        barrier.wait()
        work(round * 8 + number, results[number])
    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    together = {}
    for name, found in [pair for result in results for pair in result.items()]:
        alike(name, together.setdefault(name, found), found)
    failed = {name: found for name, found in together.items() if len(found) == 2}
    looks = {name: look(module) for name, (module, *_) in together.items() if name not in failed}
    assert all(sys.modules[name] is together[name][0] for name in looks)
    forget()
    if alone is None:
        alone = {name: outcome(name, False) for name in NAMES}
        alone = {name: found if len(found) == 2 else look(*found) for name, found in alone.items()}
        forget()
    for name, found in (failed | looks).items():
        alike(name, alone[name], found)
print('done')
";

#[test]
fn many_threads_may_import_at_once() {
    // CPython's cache of single-phase modules is empty only once in a process.
    for rounds in [10, 1, 1, 1, 1] {
        assert_eq!(python(&STRESS.replace("ROUNDS", &rounds.to_string())), "done\n");
    }
}

/// The extensions of `fixtures/gil`: in an executable, and as shared objects in a folder.
fn with_and_without_linktab() -> (PathBuf, PathBuf) {
    let source = fixture("gil").join("gil.c");
    let program = c_host("c-host-gil", &[&source]);
    let folder = target_dir("gil").join(program.parent().and_then(Path::file_name).expect("it has a name"));
    let package = folder.join("acme/gil");
    fs::create_dir_all(&package).expect("a folder can be made");
    for leaf in LEAVES {
        let object = package.join(format!("{leaf}.so"));
        run(python_cc().args(["-DSHARED_OBJECT", "-shared", "-fPIC"]).arg(&source).arg("-o").arg(object));
    }
    (program, folder)
}

const LEAVES: [&str; 5] = ["_free", "_needs", "_silent", "_old_free", "_old_silent"];

/// The C host tries that first.
const TOO_EARLY: &str = "linktab: expected an initialised Python and a thread that holds the GIL, found none: \
                         call install() after Py_Initialize, with the GIL held\n";

/// `acme` is implied in the executable, and a namespace package beside it.
const CODE: &str = "
import importlib, sys
enabled = getattr(sys, '_is_gil_enabled', lambda: True)
before = enabled()
try:
    print(importlib.import_module('acme.gil.LEAF').__name__)
except RuntimeWarning as warning:
    print(warning)
print('GIL enabled:', before, enabled(), 'acme.gil.LEAF' in sys.modules)
";

#[test]
fn the_gil_is_enabled_for_the_extensions_for_which_cpython_enables_it() {
    let (program, folder) = with_and_without_linktab();
    let mut outcomes = BTreeSet::new();
    for leaf in LEAVES {
        for (variable, value) in [("PYTHON_GIL", ""), ("PYTHON_GIL", "0"), ("PYTHONWARNINGS", "error")] {
            let say = |command: &mut Command| {
                let free = build_at_hand().free_threaded;
                if free || variable != "PYTHON_GIL" {
                    command.env(variable, value);
                }
                let said = transcript(command, "").replace(TOO_EARLY, "").replace("--- errors\n", "");
                // CPython's loaders go through one more line of importlib, where they are warned.
                let place = said.split("<frozen importlib._bootstrap>:").nth(1);
                let line = place.and_then(|place| place.split(':').next()).unwrap_or("no");
                said.replace(&format!("<frozen importlib._bootstrap>:{line}:"), "<importlib>:")
            };
            let code = CODE.replace("LEAF", leaf);
            let linked = say(host_command(&program).arg(&code));
            let mut stock = python_command(&stock_python());
            stock.arg("-c").arg(format!("import sys; sys.path.insert(0, {folder:?})\n{code}"));
            assert_eq!(linked, say(&mut stock), "{leaf}, {variable}={value}");
            outcomes.insert(linked.contains("RuntimeWarning"));
        }
    }
    // A comparison in which nothing happens shows nothing.
    let both = BTreeSet::from([false, true]);
    assert!(!build_at_hand().free_threaded || outcomes == both, "{outcomes:?}");
}

#[test]
fn linktab_itself_needs_no_gil() {
    let said = python(
        "
import linktab, sys, sysconfig
linktab.modules(), linktab.find('native'), linktab.preload(['linktab'])
print(getattr(sys, '_is_gil_enabled', lambda: True)() == (not sysconfig.get_config_var('Py_GIL_DISABLED')))
",
    );
    assert_eq!(said, "True\n");
}
