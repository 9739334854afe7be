//! Several tables in one process: shared objects that each have one, beside each other and beside a program's.

use std::path::{Path, PathBuf};

use linktab_tests::plugins::{plugin, plugin_host};
use linktab_tests::{host_command, python_app, python_command, transcript};

/// Calls inside a plugin stay inside.
const SYMBOLIC: &str = "-Wl,-Bsymbolic";

fn host(options: &[&str], plugins: &[PathBuf], code: &str) -> String {
    let mut command = host_command(&plugin_host());
    let said = transcript(command.args(options).args(plugins).arg(code), "");
    plugins.iter().fold(said, |said, plugin| {
        let shown = plugin.file_stem().expect("it has a name").to_string_lossy();
        said.replace(&path_in_transcripts(plugin), &format!("<{shown}>"))
    })
}

fn path_in_transcripts(path: &Path) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace");
    path.display().to_string().replace(&workspace.display().to_string(), "<workspace>")
}

const USE_BOTH: &str = "
import importlib, pickle, sys, warnings
warnings.simplefilter('ignore')
for name in 'one', 'two':
    for leaf in '_multi', '_single':
        print(importlib.import_module(f'{name}.{leaf}'))
    single = sys.modules.pop(f'{name}._single')
    again = importlib.import_module(f'{name}._single')
    needs_slot = (3, 12) <= sys.version_info < (3, 15)
    print(single.__name__, (again.inits == single.inits) == (not needs_slot or 'prepared' in globals()))
import linktab, linktab_2
for module in linktab, linktab_2:
    print(module, [extension.name for extension in module.modules()], module.finder.__class__)
    for object in module.finder, module.implied_packages, module.modules()[0]:
        again = pickle.loads(pickle.dumps(object))
        assert again == object and type(again) is type(object), object
    print(module.preload(['one._multi', 'two._multi']) == [sys.modules['one._multi'], sys.modules['two._multi']])
print([type(finder).__module__ for finder in sys.meta_path if type(finder).__module__.startswith('linktab')])
del sys.modules['linktab'], sys.modules['linktab_2']
first = linktab
import linktab
print(linktab is first, sys.builtin_module_names.count('linktab') < 2)
try:
    import two.missing
except ImportError as error:
    print(str(error).partition(' of ')[0])
";

#[test]
fn two_plugins_work_side_by_side() {
    let plugins = [plugin("one", &[SYMBOLIC]), plugin("two", &[SYMBOLIC])];
    let code = format!("prepared = True\n{USE_BOTH}");
    let prepared = host(&[], &plugins, &code);
    insta::assert_snapshot!(prepared);
    assert_eq!(host(&["--twice"], &plugins, &code), prepared, "a second call changes nothing");
    assert_eq!(host(&["--global"], &plugins, &code), prepared, "their own functions are theirs");
}

/// Nobody prepares: from 3.12 to 3.14 neither has an entry in the table of built-in modules, and none takes
/// the other's for its own.
#[test]
fn plugins_of_a_running_python_work_side_by_side() {
    let plugins = [plugin("one", &[SYMBOLIC]), plugin("two", &[SYMBOLIC])];
    let late = host(&["--late"], &plugins, USE_BOTH);
    insta::assert_snapshot!(late);
}

/// In the second Python nobody prepares, and the entries of the first are gone.
#[test]
fn plugins_outlive_a_python() {
    let plugins = [plugin("one", &[SYMBOLIC]), plugin("two", &[SYMBOLIC])];
    let code = "
import warnings
warnings.simplefilter('ignore')
import one._multi, one._single, two._single, two._multi, linktab, linktab_2
print(one._multi, one._single, two._single, two._multi)
print(linktab.find('one._single').name, linktab_2.find('two._single').name)
";
    let said = host(&["--again"], &plugins, code);
    assert_eq!(said, host(&["--late"], &plugins, code).repeat(2));
    insta::assert_snapshot!(said);
}

#[test]
fn one_that_was_prepared_does_not_lend_its_entry_to_another() {
    // The program's own table has its entry; the plugin comes when Python runs.
    let plugin = plugin("one", &[SYMBOLIC]);
    let code = format!(
        "
import ctypes, importlib.abc, importlib.util, sys, warnings
plugin = ctypes.PyDLL({:?})
print(plugin.linktab_install())
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    import one._multi, one._single, acme.old._once, acme.geo._core
print(one._multi, one._single, one._single.inits, acme.geo._core)
needs_slot = (3, 12) <= sys.version_info < (3, 15)
print([str(warning.message).partition(' is loaded ')[0] for warning in caught] ==
      [\"single-phase extension 'one._single'\"] * needs_slot)
import linktab, linktab_2
print(len(linktab.modules()), len(linktab_2.modules()))
def show_known():
    for module in linktab, linktab_2:
        for finder in module.finder, module.implied_packages:
            print(isinstance(finder, importlib.abc.MetaPathFinder), isinstance(finder, importlib.abc.Loader))
show_known()
del sys.modules['importlib.abc'], importlib.abc
importlib.util.find_spec('importlib.abc')
import importlib.abc
show_known()
print('exec_module' in vars(importlib.abc.__loader__))
",
        plugin.display().to_string()
    );
    insta::assert_snapshot!(transcript(python_command(&python_app("import-app")).args(["-c", &code]), ""));
}

#[test]
fn an_extension_of_both_is_refused_with_both_origins() {
    let plugins = [plugin("one", &[SYMBOLIC]), plugin("one", &[SYMBOLIC, "-Wl,-O1"])];
    let code = "
import sys
import one._multi
print(one._multi, sum(type(finder).__module__.startswith('linktab') for finder in sys.meta_path))
";
    insta::assert_snapshot!(host(&[], &plugins, code));
}

/// Where a plugin exports all that it is made of, and the loader takes the first of two functions of one
/// name, the second plugin's table is nobody's.
#[test]
fn a_plugin_whose_calls_lead_elsewhere_is_told() {
    let plugins = [plugin("one", &[]), plugin("two", &[])];
    let code = "
import one._multi
print(one._multi)
try:
    import two._multi
except ImportError as error:
    print(error)
";
    let local = host(
        &[],
        &plugins,
        &code.replace("except ImportError", "finally:\n    print(two._multi)\ntry: pass\nexcept ImportError"),
    );
    assert!(local.contains("<module 'two._multi' (static)>"), "{local}");
    insta::assert_snapshot!(host(&["--global"], &plugins, code));
}
