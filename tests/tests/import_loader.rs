//! The finders beside importlib's own: abstract classes, weak references, and files that lie with an extension.

use linktab_tests::{build_at_hand, python};

/// What both finders are, and whether their registration left a trace.
const SHOW: &str = "
import importlib, importlib.util, sys
# In CPython 3.9 `importlib.util` imports it.
assert ('importlib.abc' in sys.modules) == (sys.version_info < (3, 10))
def show():
    import importlib.abc, linktab
    names = 'MetaPathFinder', 'PathEntryFinder', 'Loader', 'InspectLoader', 'ExecutionLoader', 'ResourceLoader'
    for finder in linktab.finder, linktab.implied_packages, importlib.machinery.BuiltinImporter():
        bases = [getattr(importlib.abc, name) for name in names if hasattr(importlib.abc, name)]
        print(type(finder).__name__, *(base.__name__ for base in bases if isinstance(finder, base)))
        print(all(isinstance(finder, base) == issubclass(type(finder), base) for base in bases))
    loader = importlib.abc.__loader__
    print(loader is importlib.abc.__spec__.loader, type(loader).__name__, 'exec_module' in vars(loader))
";

#[test]
fn abstract_classes_know_the_finders() {
    insta::assert_snapshot!(python(&format!(
        "{SHOW}
# Who merely looks finds what the finder behind has.
spec = importlib.util.find_spec('importlib.abc')
print('exec_module' in vars(spec.loader))
show()
print(importlib.util.find_spec('importlib.abc').loader == importlib.abc.__loader__)
importlib.reload(importlib.abc)
show()
del sys.modules['importlib.abc'], importlib.abc
show()
"
    )));
}

/// One loader has all modules of an archive. That of CPython 3.9 has no `exec_module`, and is left alone.
#[test]
fn abstract_classes_from_an_archive_know_the_finders() {
    let said = python(&format!(
        "{SHOW}
import os, tempfile, zipfile
archive = os.path.join(tempfile.mkdtemp(), 'zip')
with zipfile.ZipFile(archive, 'w') as zip:
    zip.write(os.path.join(importlib.__path__[0], 'abc.py'), 'importlib/abc.py')
    zip.writestr('importlib/neighbour.py', 'x = 1')
for name in 'importlib.abc', 'importlib.resources.abc':
    sys.modules.pop(name, None)
importlib.__path__.insert(0, os.path.join(archive, 'importlib'))
show()
import importlib.neighbour
print(importlib.neighbour.x, importlib.neighbour.__loader__ is importlib.abc.__loader__)
"
    ));
    match build_at_hand().minor {
        9 => insta::assert_snapshot!("abstract_classes_from_an_archive_in_cpython_3_9", said),
        _ => insta::assert_snapshot!(said),
    }
}

#[test]
fn abstract_classes_that_fail_do_so_by_themselves() {
    insta::assert_snapshot!(python(
        "
import importlib, os, sys, tempfile
place = tempfile.mkdtemp()
def write(text):
    with open(os.path.join(place, 'abc.py'), 'w') as file:
        file.write(text)
    sys.path_importer_cache.clear()
importlib.__path__.insert(0, place)
sys.dont_write_bytecode = True
write('raise ValueError(\"not today\")')
try:
    import importlib.abc
except ValueError as error:
    print(repr(error), 'importlib.abc' in sys.modules)
write('somebody = \"has other classes\"')
import importlib.abc
print(importlib.abc.somebody)
"
    ));
}

#[test]
fn the_finders_can_be_referred_to_weakly() {
    insta::assert_snapshot!(python(
        "
import gc, linktab, sys, weakref
references = []
for finder in linktab.finder, linktab.implied_packages:
    seen = weakref.WeakKeyDictionary({finder: 'seen'})
    print(weakref.ref(finder)() is finder, seen[finder], weakref.getweakrefcount(finder))
    gone = lambda reference, kind=type(finder).__name__: print(kind, 'is gone')
    references.append(weakref.ref(finder, gone))
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != 'linktab']
del sys.modules['linktab'], linktab, finder, seen
for _ in range(3):
    gc.collect()
print([reference() for reference in references])
"
    ));
}

/// As in a wheel that holds `native/__init__.….so` and `native/data.txt`.
#[test]
fn files_of_an_extensions_folders_are_resources() {
    insta::assert_snapshot!(python(
        "
import importlib.resources as resources, linktab, pathlib, sys, tempfile
def folder(where, **files):
    place = pathlib.Path(tempfile.mkdtemp(), where)
    place.mkdir(parents=True)
    for name, text in files.items():
        place.joinpath(name).write_text(text)
    return str(place.parents[len(pathlib.PurePath(where).parts) - 1])
def show(name):
    reader = linktab.finder.get_resource_reader(name)
    if reader is None:
        return print(name, reader)
    print(name, [entry for entry in sorted(reader.contents()) if entry[0] != '_'], reader.is_resource('here'))
    with reader.open_resource('here') as file:
        print(file.read())
    try:
        reader.open_resource('nowhere')
    except FileNotFoundError as error:
        print(type(error).__name__)
def forget():
    for name in [name for name in sys.modules if name.startswith(('native', 'acme'))]:
        del sys.modules[name]
before = sys.path[:]
for name in 'native', 'acme.geo._core':
    show(name)
    package = name.rpartition('.')[0] or name
    sys.path.insert(0, folder(package.replace('.', '/'), __init__='', here='of ' + package))
    if name == 'native':
        show(name)
    __import__(name)
    show(name)
    sys.path[:] = before
    forget()
# CPython 3.9 has no reader of several folders.
sys.path[:0] = folder('native', here='one'), folder('native', there='two')
both = linktab.finder.get_resource_reader('native')
several = sys.version_info >= (3, 10)
print(sorted(both.contents()) == ['here'] + ['there'] * several)
import native
if several:
    assert [resources.files(native).joinpath(name).read_text() for name in ('here', 'there')] == ['one', 'two']
with both.open_resource('here') as file:
    print(file.read())
for name in 'acme.geo', 'os':
    try:
        linktab.finder.get_resource_reader(name)
    except ImportError as error:
        print(error)
"
    ));
}
