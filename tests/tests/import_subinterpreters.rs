//! More interpreters than one in a process, made by a host and by Python code.

use std::path::Path;

use linktab_tests::subinterpreters::INTERPRETERS;
use linktab_tests::{host_command, python, python_app, python_command, stock_python, transcript};

fn host(mode: &str, code: &str) -> String {
    transcript(host_command(&python_app("fixture-import-host")).args([mode, code]), "")
}

#[test]
fn a_subinterpreter_gets_finders_of_its_own() {
    insta::assert_snapshot!(host(
        "subinterpreter",
        "
import acme.geo._core as core, acme.fast._core, linktab, pickle, sys
print(core, core.Point.__module__, sys.meta_path[0] is linktab.finder)
print(pickle.loads(pickle.dumps(core.__spec__.loader)) is linktab.finder)
"
    ));
}

const IN_ISOLATION: &str = "
import acme.geo._core as core, sys
print(core, core.answer())
if '_linktab_slot' in sys.builtin_module_names:
    import _linktab_slot
try:
    import acme.old._once
    refused = None
except ImportError as error:
    refused = str(error)
if sys.version_info >= (3, 12):
    print(refused == 'module acme.old._once does not support loading in subinterpreters' or refused)
else:
    # There are no isolated ones yet.
    print(refused is None)
print('acme.old._once' in sys.modules and sys.version_info >= (3, 12))
";

#[test]
fn an_isolated_subinterpreter_refuses_what_cpython_refuses() {
    let prepared = host("isolated", IN_ISOLATION);
    assert_eq!(prepared, host("late-isolated", IN_ISOLATION));
    insta::assert_snapshot!(prepared);
}

/// Nobody says `import linktab` there. A finder that was taken away is not put back.
#[test]
fn python_code_makes_subinterpreters_with_finders() {
    let code = format!(
        "{INTERPRETERS}
run('''if True:
    import acme.geo._core as core, sys
    kinds = [type(finder).__name__ for finder in sys.meta_path]
    print(core, core.answer(), 'StaticExtensionFinder' in kinds, kinds[-1], flush=True)
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != 'linktab']
    try:
        import acme.fast._core
    except ImportError as error:
        print(error, flush=True)
''')
interpreters.destroy(interpreter)
interpreter = interpreters.create()
run('import acme.fast._core as core; print(core, flush=True)')
interpreters.destroy(interpreter)
print(sum(type(finder).__module__ == 'linktab' for finder in sys.meta_path))"
    );
    for option in ["-s", "-S"] {
        let mut command = python_command(&python_app("import-app"));
        let said = transcript(command.args([option, "-c", &code]), "");
        insta::assert_snapshot!("python_code_makes_subinterpreters_with_finders", said);
    }
}

#[test]
fn subinterpreters_import_site_too() {
    let code = format!(
        "{INTERPRETERS}
run('import sys; print(\"site\" in sys.modules, sys.flags.no_site, sys.path, flush=True)')
interpreters.destroy(interpreter)"
    );
    let say =
        |program: &Path, option: &str| transcript(python_command(program).args([option, "-c", &code]), "");
    for option in ["-s", "-S"] {
        let ours = say(&python_app("import-app"), option);
        assert_eq!(say(&stock_python(), option), ours, "{option}");
        assert!(ours.starts_with(if option == "-S" { "False 1 " } else { "True 0 " }), "{ours}");
    }
}

#[test]
fn importing_linktab_brings_the_finders_into_an_interpreter_that_has_none() {
    let code = format!(
        "{INTERPRETERS}
run('''
import sys
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != 'linktab']
del sys.modules['linktab']
try:
    import acme.geo._core
except ModuleNotFoundError as error:
    print(error)
from importlib.util import find_spec, module_from_spec
early = module_from_spec(find_spec('linktab'))
for ask in early.modules, lambda: early.find('acme'), lambda: early.preload([]), lambda: early.Origin:
    try:
        print(ask())
    except (AttributeError, ImportError) as error:
        print(error)
print('Origin' in dir(early), hasattr(early, '__path__'))
import linktab
print(sys.meta_path[0] is linktab.finder, sys.meta_path[-1] is linktab.implied_packages)
import acme.geo._core as core
print(core, core.answer(), core.Point.__module__, core.executed, flush=True)
''')
import acme.geo._core as core
print(core.executed)
interpreters.destroy(interpreter)"
    );
    insta::assert_snapshot!(python(&code));
}

#[test]
fn concurrent_interpreters_use_extensions_at_once() {
    // concurrent.interpreters is 3.14's; what it is made of is older.
    let said = python(
        "
import sys
if sys.version_info < (3, 14):
    print('[0, 43, 86, 129]')
    raise SystemExit
from concurrent.futures import InterpreterPoolExecutor

CODE = '''
def work(number):
    import acme.geo._core as core, acme.fast._core as fast
    return core.answer() * number + (fast.Point.__module__ == \"acme.fast._core\") * number
'''
exec(CODE)
with InterpreterPoolExecutor(4) as pool:
    print(list(pool.map(work, range(4))))
",
    );
    assert_eq!(said, "[0, 43, 86, 129]\n");
}
