//! `linktab.preload`: a batch comes out as importing one by one does.
//!
//! Long because every case goes through one comparison of both ways, and shows Python code of its own.

use linktab_tests::{python, python_minor};

/// Imports `names` in both ways, each in a fresh process, and returns what both then show.
fn in_both_ways(names: &str, before: &str) -> String {
    let show = |import: &str| {
        python(&format!(
            "
import importlib.machinery, linktab, sys, traceback, warnings
sys.stdout.reconfigure(encoding='utf-8')
events = []
sys.addaudithook(lambda event, args: events.append(args[0]) if event == 'import' else None)
warnings.simplefilter('always')
warnings.showwarning = lambda message, category, *_: print(category.__name__, message)
# Some installations put a finder of setuptools' in front, and others none.
while sys.meta_path[0] is not linktab.finder:
    sys.meta_path.pop(0)
names = {names}
{before}
old = set(sys.modules)
events.clear()
def one_by_one(names):
    modules = []
    for name in names:
        __import__(name)
        modules.append(sys.modules[name])
    return modules
try:
    modules = {import}(names)
    print(*modules, sep='\\n')
except BaseException as error:
    frames = [frame.name for frame in traceback.extract_tb(error.__traceback__) if frame.name != 'one_by_one']
    said = f'{{type(error).__name__}}({{str(error)!r}})'
    print(f'{{said}}, caused by {{error.__cause__!r}}, in {{error.__context__!r}}, through {{frames}}')
    print('   [', repr(error))
print('looked for:', [name for name in events if sys.modules.get(name, name) is not None])
print('   [', events)
for name in [name for name in sys.modules if name not in old]:
    module = sys.modules[name]
    spec = getattr(module, '__spec__', None) or importlib.machinery.ModuleSpec('none at all', None)
    print(name, module.__name__, getattr(module, '__package__', None), getattr(module, '__loader__', None), getattr(module, '__path__', None))
    print('  ', spec, spec.parent, spec.loader_state, spec.cached, getattr(spec, '_initializing', None))
    print('  ', list(vars(spec)), list(vars(module)))
    parent, _, child = name.rpartition('.')
    print('  ', parent and getattr(sys.modules[parent], child, None) is module)
    assert not getattr(spec, '_uninitialized_submodules', None)
print('locks:', [name for name in sys.modules['_frozen_importlib']._module_locks if name in names])
"
        ))
    };
    let one_by_one = show("one_by_one").replace("'<module>'", "");
    let batch = show("linktab.preload").replace("'<module>'", "");
    assert!(!batch.contains("exit code"), "{batch}");
    assert_eq!(batch, one_by_one, "the batch comes out in another way than one by one");
    // What differs between versions of CPython is compared above, and not shown.
    let shown = batch.lines().filter(|line| !line.starts_with("   ["));
    shown.map(without_count).collect::<Vec<_>>().join("\n")
}

/// How many extensions the fixture has is shown elsewhere.
fn without_count(line: &str) -> String {
    let (before, rest) = line.split_once("StaticExtensionFinder of ").unwrap_or((line, ""));
    match rest.split_once(' ') {
        Some((_, after)) => format!("{before}StaticExtensionFinder of N {}", without_count(after)),
        None => line.to_owned(),
    }
}

#[test]
fn every_kind_of_extension_comes_out_as_by_import() {
    insta::assert_snapshot!(in_both_ways(
        "['acme.geo._core', 'acme.fast._core', 'native', 'native.child', 'acme.été', 'acme.old._once', \
          'acme.old._again', 'acme.old._nested', 'acme.old._inner']",
        "import acme.geo, acme.fast, acme.old"
    ));
}

#[test]
fn packages_are_imported_first() {
    insta::assert_snapshot!(in_both_ways("('acme.geo._core', 'acme.geo', 'native.child')", ""));
}

#[test]
fn other_modules_are_imported_too() {
    insta::assert_snapshot!(in_both_ways(
        "iter(['this_is_no', 'sys'][1:] + ['acme.geo._core', 'acme.geo._core'])",
        ""
    ));
}

#[test]
fn an_unknown_name_ends_the_batch_with_what_import_raises() {
    for (case, names) in [
        ("unknown", "['acme.geo._core', 'nobody.knows.me', 'native']"),
        ("in_no_package", "['acme.geo._core', 'acme.geo._core.x']"),
    ] {
        insta::assert_snapshot!(case, in_both_ways(names, "import acme.geo"));
    }
}

#[test]
fn the_extensions_own_exception_is_untouched() {
    for name in ["raises", "raises_single", "exec", "silent", "both", "uninitialized", "no_module"] {
        let names = format!("['acme.geo._core', 'broken.{name}', 'native']");
        insta::assert_snapshot!(name, in_both_ways(&names, "import acme.geo, broken"));
    }
}

#[test]
fn a_wrong_phase_warns_as_by_import() {
    let names = "['acme.odd.multi_as_single', 'acme.odd.single_as_multi']";
    insta::assert_snapshot!(in_both_ways(names, "import acme.odd"));
}

#[test]
fn what_import_lets_come_first_comes_first() {
    let finder = "
import acme.geo, types
from importlib.machinery import ModuleSpec
class First:
    find_spec = staticmethod(lambda name, path, target=None: ModuleSpec(name, First) if name == 'native' else None)
    create_module = staticmethod(lambda spec: types.ModuleType('mine'))
    exec_module = staticmethod(lambda module: None)
sys.meta_path.insert(0, First)
";
    insta::assert_snapshot!("a_finder", in_both_ways("['acme.geo._core', 'native']", finder));
    let halted = "
import acme.geo
sys.modules['native'] = None
";
    insta::assert_snapshot!("none", in_both_ways("['acme.geo._core', 'native']", halted));
    let no_package = "
import types
sys.modules['acme'] = types.ModuleType('acme')
sys.modules['acme.geo'] = types.ModuleType('acme.geo')
";
    insta::assert_snapshot!("no_package", in_both_ways("['native', 'acme.geo._core']", no_package));
}

#[test]
fn finders_in_front_are_asked_as_by_import() {
    let cases = [
        // Which arguments, under which lock, how often.
        ("asked", "print('asked', name, path, target, _imp.lock_held(), name in sys.modules)"),
        ("raises", "if name == 'native': raise ImportError('mine', name=name)"),
        (
            "imports",
            "if name == 'native': sys.meta_path.remove(First); import native; sys.meta_path.insert(0, First)",
        ),
        ("puts", "if name == 'native': sys.modules[name] = types.ModuleType('put')"),
        ("stands_behind", "if name == 'native': sys.meta_path.insert(1, Second)"),
    ];
    // Since gh-130094 importlib asks the finders that were there when it began.
    let finders_are_copied = python_minor() >= 14;
    for (case, does) in cases {
        let finder = format!(
            "
import _imp, acme.geo, types
from importlib.machinery import ModuleSpec
class Second:
    @staticmethod
    def find_spec(name, path, target=None):
        return ModuleSpec(name, Second) if name == 'native' else None
    create_module = staticmethod(lambda spec: types.ModuleType('mine'))
    exec_module = staticmethod(lambda module: None)
class First:
    @staticmethod
    def find_spec(name, path, target=None):
        {does}
sys.meta_path.insert(0, First)
"
        );
        let names = "['acme.geo._core', 'native', 'acme.geo._core']";
        let from = if case == "stands_behind" && finders_are_copied { "_from_3_14" } else { "" };
        insta::assert_snapshot!(format!("in_front_{case}{from}"), in_both_ways(names, &finder));
    }
    // It takes linktab's away, so that the import system has the last word; on a copy it is still there.
    let said = python(
        "
import acme.geo, linktab, sys
class First:
    @staticmethod
    def find_spec(name, path, target=None):
        if linktab.finder in sys.meta_path: sys.meta_path.remove(linktab.finder)
sys.meta_path.insert(0, First)
try:
    linktab.preload(['native'])
except ModuleNotFoundError as error:
    print(str(error).partition(' of ')[0])
",
    );
    let lost = "No module named 'native'; it is in this executable's table";
    assert_eq!(said.trim(), if finders_are_copied { "" } else { lost });
    // Passed over by some versions of CPython, and asked in another way by others.
    let silent = "import acme.geo; sys.meta_path.insert(0, type('Silent', (), {}))";
    in_both_ways("['acme.geo._core', 'native']", silent);
}

#[test]
fn what_an_audit_hook_does_is_seen() {
    let imports_it = "
import acme.geo
def hook(event, args):
    if event == 'import' and args[0] == 'native' and 'native' not in sys.modules and not nested:
        nested.append(args)
        import native
nested = []
sys.addaudithook(hook)
";
    insta::assert_snapshot!("a_hook_that_imports", in_both_ways("['acme.geo._core', 'native']", imports_it));
    let finds_it = "
import acme.geo, types
from importlib.machinery import ModuleSpec
class First:
    find_spec = staticmethod(lambda name, path, target=None: ModuleSpec(name, First) if name == 'native' else None)
    create_module = staticmethod(lambda spec: types.ModuleType('mine'))
    exec_module = staticmethod(lambda module: None)
def hook(event, args):
    if event == 'import' and args[0] == 'native':
        assert args[2:] == (sys.path, sys.meta_path, sys.path_hooks), args
        sys.meta_path.insert(0, First)
sys.addaudithook(hook)
";
    insta::assert_snapshot!("a_hook_with_a_finder", in_both_ways("['acme.geo._core', 'native']", finds_it));
}

#[test]
fn what_changes_within_a_batch_is_seen() {
    let another_package = "
import acme.old, types
def hook(event, args):
    if event == 'import' and args[0] == 'acme.old._again':
        another = types.ModuleType('acme.old')
        another.__path__, another.__spec__ = ['another'], acme.old.__spec__
        sys.modules['acme.old'] = another
sys.addaudithook(hook)
";
    let names = "['acme.old._once', 'acme.old._again', 'acme.old._inner']";
    insta::assert_snapshot!("another_package", in_both_ways(names, another_package));
    let another_path = "
import acme.geo, types
from importlib.machinery import ModuleSpec
class First:
    find_spec = staticmethod(lambda name, path, target=None: ModuleSpec(name, First) if name == 'native' else None)
    create_module = staticmethod(lambda spec: types.ModuleType('mine'))
    exec_module = staticmethod(lambda module: None)
def hook(event, args):
    if event == 'import' and args[0] == 'acme.geo._core':
        sys.meta_path = [First, *sys.meta_path]
sys.addaudithook(hook)
";
    insta::assert_snapshot!("another_meta_path", in_both_ways("['acme.geo._core', 'native']", another_path));
}

#[test]
fn a_package_that_takes_no_attribute_warns() {
    let package = "
import acme
class Package:
    __path__, __slots__, __spec__ = [], (), None
sys.modules['acme.geo'] = Package()
";
    insta::assert_snapshot!(in_both_ways("['acme.geo._core']", package));
}

#[test]
fn only_names_are_taken() {
    insta::assert_snapshot!(python(
        "
import linktab
for names in 'acme.geo._core', 3, [3], [''], [None, 'sys'], ['\\udc80']:
    try:
        print(linktab.preload(names))
    except Exception as error:
        print(f'{ascii(names)}: {type(error).__name__}: {ascii(str(error))[:60]}')
print(linktab.preload([]), linktab.preload({'acme.geo._core': 1}))
"
    ));
}

/// The outer extension imports the inner one while it is initialised. By then another thread asks for
/// the outer one, and must be waiting for it.
#[test]
fn another_thread_that_wants_the_same_name_waits() {
    insta::assert_snapshot!(python(
        "
import acme.old, linktab, sys, threading, time
blocking_on = sys.modules['_frozen_importlib']._blocking_on
got = []
other = threading.Thread(target=lambda: (__import__('acme.old._nested'), got.append(sys.modules['acme.old._nested'])))
def hook(event, args):
    if event == 'import' and args[0] == 'acme.old._inner' and not other.ident:
        other.start()
        for _ in range(20000):
            if blocking_on.get(other.ident):
                print('the other thread waits, and has', got)
                return
            time.sleep(0.001)
        print('the other thread does not wait')
sys.addaudithook(hook)
[nested, core] = linktab.preload(['acme.old._nested', 'acme.old._once'])
other.join()
print(got[0] is nested, nested.inner, core)
print('locks:', [name for name in sys.modules['_frozen_importlib']._module_locks if name.startswith('acme')])
"
    ));
}

/// Two threads that wait for each other's extensions: importlib finds the deadlock and lets one go on.
#[test]
fn a_batch_under_way_takes_part_in_the_search_for_deadlocks() {
    insta::assert_snapshot!(python(
        "
import acme.old, linktab, sys, threading
names = ['acme.old._nested', 'acme.old._once', 'acme.geo._core', 'native']
for _ in range(200):
    for name in [name for name in sys.modules if name.startswith(('acme.old._', 'acme.geo', 'native'))]:
        del sys.modules[name]
    def work(start):
        wanted = names[start:] + names[:start]
        modules = linktab.preload(wanted) if start % 2 else [__import__(name) and sys.modules[name] for name in wanted]
        assert [module.__name__ for module in modules] == wanted
    threads = [threading.Thread(target=work, args=(start % 4,)) for start in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
print('done', [name for name in sys.modules['_frozen_importlib']._module_locks if name in names])
"
    ));
}
