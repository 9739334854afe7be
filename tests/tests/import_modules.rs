//! Extensions of every kind come out as CPython's own loader makes them.

use linktab_tests::{libpython_is_shared, python, python_minor};

#[test]
fn a_multi_phase_extension_is_imported_under_its_dotted_name() {
    insta::assert_snapshot!(python(
        "
import acme.geo._core as core, sys
print(core)
print(core.__name__, core.__package__, core.__spec__, core.__loader__ is core.__spec__.loader)
print(hasattr(core, '__file__'), core.__spec__.has_location, core.__spec__.cached)
print(core.answer(), core.Point.__module__, core.executed)
print(sys.modules['acme.geo._core'] is core)
"
    ));
}

#[test]
fn two_packages_may_have_modules_of_one_leaf_name() {
    insta::assert_snapshot!(python(
        "
import acme.geo._core, acme.fast._core
print(acme.geo._core, acme.fast._core)
"
    ));
}

#[test]
fn packages_that_extensions_imply_need_no_files() {
    insta::assert_snapshot!(python(
        "
import acme.geo._core
for package in acme, acme.geo:
    print(package, package.__path__, package.__spec__, package.__package__, hasattr(package, '__file__'))
from acme import geo
from acme.geo import _core
print(sorted(name for name in vars(acme) if not name.startswith('_')))
"
    ));
}

#[test]
fn a_package_extension_may_have_children() {
    insta::assert_snapshot!(python(
        "
import linktab, native.child
print(native, native.__path__, native.__package__, native.__spec__.submodule_search_locations)
print(native.child, native.child.__package__)
import solo
print(solo, solo.__path__, solo.__package__, linktab.preload(['solo']))
try:
    import solo.sub
except ImportError as error:
    print(error)
"
    ));
}

/// As in a wheel that holds `native/__init__.….so` and `native/sub.py`.
#[test]
fn a_package_extension_has_the_python_modules_of_its_folder() {
    insta::assert_snapshot!(python(
        "
import os, pathlib, sys, tempfile, zipfile
place = tempfile.mkdtemp()
folder = pathlib.Path(place, 'native')
folder.mkdir()
folder.joinpath('sub.py').write_text('x = 1')
with zipfile.ZipFile(os.path.join(place, 'zip'), 'w') as archive:
    archive.writestr('native/', '')
    archive.writestr('native/zipped.py', 'x = 2')
def paths(module):
    return [path.replace(place, '<place>').replace(os.sep, '/') for path in module.__path__]
import linktab
for path, sub, load in (place, 'sub', __import__), (os.path.join(place, 'zip'), 'zipped', __import__), \
        (place, 'sub', lambda name: linktab.preload([name])), ('nowhere', 'sub', __import__):
    sys.path.insert(0, path)
    try:
        load('native')
        native = sys.modules['native']
        print(native, native.answer(), paths(native), native.__spec__.submodule_search_locations == native.__path__)
        __import__('native.' + sub)
        print(sys.modules['native.' + sub].x)
    except ImportError as error:
        print(error.msg == 'No module named ' + repr(error.name), str(error).partition(' of ')[0])
    finally:
        del sys.path[0]
        for name in list(sys.modules):
            if name.startswith('native'):
                del sys.modules[name]
"
    ));
}

#[test]
fn an_origin_is_never_a_file() {
    insta::assert_snapshot!(python(
        "
import inspect, linktab, sys
import acme.odd.created as created
print(created, created.__spec__, hasattr(created, '__file__'))
del sys.modules['acme.odd.created']
[batch] = linktab.preload(['acme.odd.created'])
print(batch is created, hasattr(batch, '__file__'))
try:
    inspect.getsource(batch)
except TypeError as error:
    print(error)
"
    ));
}

#[test]
fn a_name_need_not_be_ascii() {
    insta::assert_snapshot!(python(
        "
import sys
sys.stdout.reconfigure(encoding='utf-8')
import acme.été as summer
print(summer, summer.answer(), summer.Point.__module__)
"
    ));
}

#[test]
fn a_single_phase_extension_knows_its_full_name() {
    insta::assert_snapshot!(python(
        "
import acme.old._once as once, acme.old._again as again, pickle, sys
for module in once, again:
    print(module, module.__name__, module.__package__, module.Point.__module__)
    print(pickle.loads(pickle.dumps(module.Point)) is module.Point, type(pickle.loads(pickle.dumps(module.Point()))))
    print(module.sub, sys.modules[module.__name__ + '.sub'] is module.sub, module.sub.depth)
    print('found by PyState_FindModule:', module.find() is module)
import acme.old._once.sub
"
    ));
}

#[test]
fn a_single_phase_extension_whose_name_is_not_ascii_is_cpythons_too() {
    insta::assert_snapshot!(python(
        "
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    import été._august as august
print(ascii(august.__name__), *[ascii(str(warning.message)) for warning in caught])
try:
    import acme.old.août
except SystemError as error:
    print(ascii(str(error)))
"
    ));
}

#[test]
fn re_import_of_single_phase_extensions_is_cpythons() {
    insta::assert_snapshot!(python(
        "
import importlib, sys
for name in 'acme.old._once', 'acme.old._again':
    first = importlib.import_module(name)
    del sys.modules[name]
    second = importlib.import_module(name)
    print(name, 'same module:', first is second, 'same types:', first.Point is second.Point)
    print(second.__name__, 'initialised', second.initialised - first.initialised, 'times more')
    print('found by PyState_FindModule:', second.find() is second)
    print('in its place:', sys.modules[name] is second)
"
    ));
}

#[test]
fn re_import_of_multi_phase_extensions_makes_a_new_module() {
    insta::assert_snapshot!(python(
        "
import importlib, sys
first = importlib.import_module('acme.geo._core')
del sys.modules['acme.geo._core']
second = importlib.import_module('acme.geo._core')
print(first is second, first.Point is second.Point, first.executed, second.executed)
"
    ));
}

#[test]
fn reload_and_a_second_exec_change_nothing() {
    insta::assert_snapshot!(python(
        "
import importlib
import acme.geo._core as multi, acme.old._once as once, acme.old._again as again
for module, counter in (multi, 'executed'), (once, 'initialised'), (again, 'initialised'):
    before = getattr(module, counter)
    print(importlib.reload(module) is module, getattr(module, counter) == before)
    module.__loader__.exec_module(module)
    print(getattr(module, counter) == before)
"
    ));
}

#[test]
fn an_init_function_may_import_another_extension() {
    insta::assert_snapshot!(python("import acme.old._nested as nested; print(nested, nested.inner)"));
}

#[test]
fn a_single_phase_extension_that_cannot_know_its_full_name_is_told() {
    let said = python(
        "
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    import acme.odd.foreign as foreign
import linktab, sys
print(foreign.__name__)
for warning in caught:
    print(warning.category.__name__, str(warning.message).replace(sys.version.split()[0], '<version>'))
",
    );
    // 3.15 sets its own context, whoever makes the module.
    let out_of_reach = libpython_is_shared() && (12..15).contains(&python_minor());
    if out_of_reach {
        insta::assert_snapshot!(said);
    } else {
        assert_eq!(said, "acme.odd.foreign\n");
    }
}
