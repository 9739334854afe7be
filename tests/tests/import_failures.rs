//! What cannot be imported says why, and leaves nothing behind.

use std::process::Command;

use linktab_tests::plugins::python_app_apart;
use linktab_tests::{build_at_hand, python, python_app, python_command, run, transcript};

/// What an executable with a faulty table says to code that would work.
fn faulty(program: &str, code: &str) -> String {
    transcript(python_command(&python_app(program)).args(["-c", code]), "")
}

/// From 3.13 on, tracebacks show the line of code.
fn without_source_lines(said: &str) -> String {
    said.lines().filter(|line| !line.starts_with("    ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_init_function_that_breaks_the_rules_is_refused_as_cpython_does() {
    insta::assert_snapshot!(python(
        "
import importlib, linktab, sys
for name in [m.name for m in linktab.modules() if m.name.startswith('broken.')]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        print(f'{name}: {error!r}, caused by {error.__cause__!r}')
    print('left in sys.modules:', name in sys.modules)
"
    ));
}

#[test]
fn the_extensions_own_exception_is_untouched() {
    insta::assert_snapshot!(without_source_lines(&python("import broken.raises")));
}

#[test]
fn a_failing_exec_can_be_tried_again() {
    insta::assert_snapshot!(python(
        "
import sys
for _ in range(2):
    try:
        import broken.exec
    except OSError as error:
        print(error, 'broken.exec' in sys.modules)
"
    ));
}

#[test]
fn a_wrong_phase_is_told_and_loaded_all_the_same() {
    insta::assert_snapshot!(python(
        "
import pickle, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    import acme.odd.multi_as_single as multi, acme.odd.single_as_multi as single
for warning in caught:
    print(warning.category.__name__, warning.message)
print(multi, multi.answer(), single, single.__name__)
"
    ));
}

#[test]
fn a_warning_that_is_an_error_leaves_nothing_behind() {
    insta::assert_snapshot!(python(
        "
import sys, warnings
warnings.simplefilter('error')
for name in 'multi_as_single', 'single_as_multi':
    try:
        __import__('acme.odd.' + name)
    except RuntimeWarning as warning:
        print(type(warning), 'acme.odd.' + name in sys.modules)
"
    ));
}

#[test]
fn a_missing_name_in_a_known_namespace_says_what_to_check() {
    insta::assert_snapshot!(without_source_lines(&python("import acme.geo.core")));
}

#[test]
fn a_missing_name_is_an_ordinary_module_not_found_error() {
    insta::assert_snapshot!(python(
        "
import importlib.util, sys
for statement in ('import acme.goe', 'from acme.geo import core', 'import native.grandchild', 'import acme.geo._core.x',
                  'import acme.sky._core.x', '__import__(\"acme.sky.x\")'):
    try:
        exec(statement)
    except ImportError as error:
        print(f'{statement}: {type(error).__name__}, name={error.name!r}')
        print(str(error).split(' (nearest')[0])
print(importlib.util.find_spec('acme.geo.core'), 'acme.geo.core' in sys.modules)
"
    ));
}

/// Nobody pays for words that are not read.
#[test]
fn a_missing_name_is_explained_when_somebody_looks() {
    insta::assert_snapshot!(python(
        "
import copy, pickle, sys
try:
    import acme.geo.core
except ImportError as error:
    print(error.args == (\"No module named 'acme.geo.core'\",), error.args[0] is error.msg, repr(error) == repr(ModuleNotFoundError(*error.args, name=error.name)), type(error.msg))
    whole = str(error)
    print(whole[:whole.index(' extensions')].rstrip('0123456789'))
    for other in copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error)):
        print(str(other) == whole, other.name, type(other.msg).__name__)
    print(f'{error.msg}' == '%s' % error == whole)
    message = error.msg
print(str(type(message)('by hand')))
"
    ));
}

#[test]
fn other_missing_names_get_cpythons_own_message() {
    insta::assert_snapshot!(without_source_lines(&python("import nobody.knows.me")));
}

#[test]
fn an_empty_table_explains_itself() {
    insta::assert_snapshot!(without_source_lines(&faulty("import-empty", "import acme.geo._core")));
}

#[test]
fn duplicates_end_the_program_before_anything_runs() {
    insta::assert_snapshot!(faulty("import-duplicate", "print('must not run')"));
}

#[test]
fn extensions_for_another_python_end_the_program_before_anything_runs() {
    let said = faulty("import-misfit", "print('must not run')");
    let version = python("import sys; print('CPython %d.%d' % sys.version_info[:2], end='')");
    let said = said.replace(&version, "<this CPython>");
    if build_at_hand().free_threaded {
        // No stable ABI of before 3.15 is for such builds.
        insta::assert_snapshot!("extensions_for_another_python_free_threaded", said);
    } else {
        insta::assert_snapshot!(said);
    }
}

/// Whoever takes the first finder away does not make its extensions missing. Without the last one nobody is left
/// to say so, but the finders themselves.
#[test]
fn a_finder_that_was_taken_away_is_told_from_a_missing_name() {
    insta::assert_snapshot!(python(
        "
import importlib.util, linktab, re, sys
def show(what):
    print(re.sub('[0-9]+', 'N', str(what)).partition(' (nearest')[0])
def show_all():
    show([linktab.finder, linktab.implied_packages])
    for name in 'acme.geo._core', 'acme.geo._cone', 'native', 'native.child', 'native.grand.child':
        try:
            __import__(name)
        except ImportError as error:
            print(type(error).__name__, error.name, error.args)
            show(error)
        print(name in sys.modules, importlib.util.find_spec(name.partition('.')[0]))
sys.meta_path.remove(linktab.finder)
show_all()
sys.meta_path.append(linktab.finder)
import acme.geo._core, native
show([acme.geo._core, native, linktab.finder])
for name in list(sys.modules):
    if name.startswith(('acme', 'native')):
        del sys.modules[name]
sys.meta_path.remove(linktab.finder)
sys.meta_path.remove(linktab.implied_packages)
show_all()
"
    ));
}

/// A Rust `dylib` takes linktab with it, and the table that is read is that file's.
#[test]
fn a_runtime_in_another_file_ends_the_program_before_anything_runs() {
    let (program, library) = python_app_apart();
    let of_rust = run(Command::new("rustc").args(["--print", "target-libdir"]));
    let folders = format!("{}:{}", library.display(), of_rust.trim());
    let mut command = python_command(&program);
    let said = transcript(command.env("LD_LIBRARY_PATH", folders).args(["-c", "print('runs')"]), "");
    let (before, path) = said.split_once("found that of ").expect("it names the file");
    let (_, after) = path.split_once("/libfixture").expect("the shared library");
    insta::assert_snapshot!(format!("{before}found that of …/libfixture{after}"));
}
