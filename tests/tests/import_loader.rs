//! The finders beside importlib's own: weak references, and files that lie with an extension.

use linktab_tests::python;

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
print(both.open_resource('here').read())
for name in 'acme.geo', 'os':
    try:
        linktab.finder.get_resource_reader(name)
    except ImportError as error:
        print(error)
"
    ));
}
