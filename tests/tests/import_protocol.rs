//! The finders and the module `linktab`, as Python code meets them.

use std::path::Path;

use linktab_tests::{python, python_app, python_command, python_minor, stock_python, transcript};

#[test]
fn the_module_lists_the_table() {
    insta::assert_snapshot!(python(
        "
import linktab, os
for extension in linktab.modules():
    if not extension.name.startswith(('broken.', 'exported.')):
        name, phase, package, origin = extension
        print(f'{name:28} {phase:7} {package!s:6} {origin.package} {origin.version} {os.path.basename(origin.file)} {origin.line > 0}')
"
    ));
}

#[test]
fn one_extension_can_be_looked_up() {
    insta::assert_snapshot!(python(
        "
import linktab, pickle
native = linktab.find('native')
print(native._replace(origin=None) if hasattr(native, '_replace') else (native.name, native.phase, native.package))
print(native.origin.package, native == pickle.loads(pickle.dumps(native)), type(native), type(native.origin))
print(linktab.find('acme.geo'), linktab.find(''), linktab.find('\\udc80'))
try:
    linktab.find(3)
except TypeError as error:
    print(error)
"
    ));
}

#[test]
fn the_module_describes_itself() {
    insta::assert_snapshot!(python(
        "
import linktab, sys
print(linktab, linktab.__spec__, linktab.__loader__ is linktab.finder, repr(linktab.__package__))
print(linktab.__version__, linktab.__doc__)
print(linktab.finder, linktab.implied_packages)
print(sys.meta_path.index(linktab.finder) < sys.meta_path.index(linktab.implied_packages) == len(sys.meta_path) - 1)
print([name for name in dir(linktab) if not name.startswith('_')])
"
    ));
}

/// Its types are made when somebody asks.
#[test]
fn the_modules_types_are_there_whenever_somebody_asks() {
    insta::assert_snapshot!(python(
        "
import linktab, pickle
print([name for name in ('Extension', 'Origin', 'find') if name in vars(linktab)])
shown = dir(linktab)
print(pickle.loads(b'clinktab\\nOrigin\\n.'))
try:
    linktab.Extensio
except AttributeError as error:
    print(error)
print(linktab.Origin, linktab.Origin is linktab.Origin, 'Origin' in vars(linktab), 'Extension' in vars(linktab))
print(type(linktab.find('native')) is linktab.Extension, type(linktab.find('native').origin) is linktab.Origin)
print(dir(linktab) == shown, sorted(vars(linktab)) == shown)
everything = {}
exec('from linktab import *', everything)
print(sorted(name for name in everything if name != '__builtins__'))
"
    ));
}

#[test]
fn the_module_is_one_per_interpreter() {
    insta::assert_snapshot!(python(
        "
import importlib, linktab, sys
first = linktab
del sys.modules['linktab'], linktab
import linktab
print(linktab is first, importlib.reload(linktab) is first, sys.modules['linktab'] is first)
"
    ));
}

#[test]
fn find_spec_takes_what_importlib_and_people_pass() {
    insta::assert_snapshot!(python(
        "
import linktab, sys
for finder in linktab.finder, linktab.implied_packages:
    print(finder.find_spec('acme.geo._core'))
    print(finder.find_spec('acme.geo', None))
    print(finder.find_spec(fullname='acme', path=[], target=None), finder.find_spec('os', target=sys))
    for foreign in 'os', 'os.path', 'acmes', '', '.', 'acme.', 'a\\0b', '\\udc80', 'acme.\\ud800', 'x' * 5000:
        assert finder.find_spec(foreign, None, None) is None, foreign
    for call in [lambda: finder.find_spec(), lambda: finder.find_spec(3), lambda: finder.find_spec('a', None, None, 4),
                 lambda: finder.find_spec('a', b=1), lambda: finder.find_spec('a', fullname='b')]:
        try:
            print(call())
        except TypeError as error:
            print('TypeError:', error)
    print(finder.invalidate_caches())
"
    ));
}

#[test]
fn inspection_answers_for_its_own_names_only() {
    insta::assert_snapshot!(python(
        "
import linktab
for finder, own in (linktab.finder, ['acme.geo._core', 'native']), (linktab.implied_packages, ['acme.geo']):
    for name in own:
        print(name, finder.is_package(name), finder.get_code(name), finder.get_source(name))
    for name in 'acme.nothing', '\\udc80':
        for method in finder.is_package, finder.get_code, finder.get_source:
            try:
                print(method(name))
            except ImportError as error:
                print(f'{method.__name__}: {error}, {error.name!a}')
"
    ));
}

#[test]
fn the_loader_never_makes_a_module_that_it_does_not_know() {
    insta::assert_snapshot!(python(
        "
import linktab
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
try:
    module_from_spec(ModuleSpec('nobody', linktab.finder))
except ImportError as error:
    print(error, error.name)
try:
    linktab.finder.create_module(object())
except AttributeError as error:
    print(error)
print(linktab.finder.exec_module('no module'))
"
    ));
}

/// Where specs have their attributes in a row, two of them are read there: whoever has changed them, and however, is heard.
#[test]
fn the_loader_reads_the_spec_that_it_is_given() {
    insta::assert_snapshot!(python(
        "
import linktab
from importlib.machinery import ModuleSpec
make = linktab.finder.create_module
print(make(linktab.finder.find_spec('acme.geo._core')).__loader__ is linktab.finder)

def of_another_name(spec):
    spec.name = 'acme.old._once'

def with_a_dictionary(spec):
    vars(spec)['name'] = 'acme.old._once'

def of_another_loader(spec):
    spec.loader = 'another'

def without_a_name(spec):
    del spec.name

def of_no_such_name(spec):
    spec.name = 'nobody'

class Other(ModuleSpec):
    name = 'acme.old._once'

def of_another_class(spec):
    del spec.name
    spec.__class__ = Other

for change in (of_another_name, with_a_dictionary, of_another_loader, without_a_name, of_no_such_name,
               of_another_class):
    spec = linktab.finder.find_spec('acme.geo._core')
    change(spec)
    try:
        module = make(spec)
        print(change.__name__, module.__name__, module.__loader__)
    except (AttributeError, ImportError) as error:
        print(change.__name__, type(error).__name__, error)
"
    ));
}

#[test]
fn specs_and_finders_can_be_pickled_and_copied() {
    insta::assert_snapshot!(python(
        "
import acme.geo._core, copy, linktab, pickle
for object in linktab.finder, linktab.implied_packages:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(object, protocol)) is object
    assert copy.copy(object) is copy.deepcopy(object) is object
for spec in acme.geo._core.__spec__, acme.__spec__:
    again = pickle.loads(pickle.dumps(spec))
    print(again == spec, again.loader is spec.loader, again)
"
    ));
}

#[test]
fn nobody_makes_a_second_finder() {
    insta::assert_snapshot!(python(
        "
import linktab
for cls in linktab.StaticExtensionFinder, linktab.ImpliedPackageFinder:
    try:
        cls()
    except TypeError as error:
        print(error)
    try:
        class Mine(cls): pass
    except TypeError as error:
        print(error)
"
    ));
}

#[test]
fn neighbours_in_the_standard_library_cope() {
    insta::assert_snapshot!(python(
        "
import acme.geo._core, importlib.metadata, importlib.resources, importlib.util, inspect, linecache, pkgutil, warnings
warnings.simplefilter('ignore')
print(list(importlib.metadata.distributions(name='linktab')))
print(importlib.util.find_spec('acme.geo._core').loader)
print(inspect.getmodule(acme.geo._core.Point))
for ask in inspect.getfile, inspect.getsource:
    try:
        print(ask(acme.geo._core))
    except (TypeError, OSError) as error:
        print(type(error).__name__)
print([module.name for module in pkgutil.iter_modules(acme.__path__)])
"
    ));
}

#[test]
fn every_built_in_module_can_be_imported() {
    insta::assert_snapshot!(python(
        "
import importlib, sys, warnings
warnings.simplefilter('ignore')
for name in sys.builtin_module_names:
    importlib.import_module(name)
if '_linktab_slot' in sys.builtin_module_names:
    import _linktab_slot as slot
    assert importlib.reload(slot) is slot
else:
    # CPython 3.15 needs none.
    slot = type(sys)('_linktab_slot', 'Stands in the table of built-in modules for single-phase extensions of this executable.')
print(slot.__name__, slot.__doc__, [name for name in dir(slot) if not name.startswith('__')])
import acme.old._once as once
print(once, once.find() is once)
"
    ));
}

/// `pydoc` imports every built-in module to see whether its first line has the word.
#[test]
fn the_help_finds_modules_by_a_word() {
    for ask in
        [&["-m", "pydoc", "-k", "zipimport"][..], &["-c", "import pydoc; pydoc.help('modules zipimport')"]]
    {
        let say = |program: &Path| {
            let mut command = python_command(program);
            let said = transcript(command.args(["-ESWignore"]).args(ask), "");
            // Modules of the library that warn or fail do so in both.
            said.split("--- errors\n").next().unwrap_or_default().to_owned()
        };
        let ours = say(&python_app("import-app"));
        assert_eq!(say(&stock_python()), ours, "{ask:?}");
        // The stock pydoc of 3.14 and 3.15 fails by itself at a name without a spec, and so does it here.
        let fails = python_minor() >= 14 && ours.contains("exit code 1");
        assert!(fails || ours.contains("zipimport"), "{ask:?}: {ours}");
    }
}
