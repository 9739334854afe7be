//! Extensions by every binding generator, statically linked under dotted names, imported and used.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use linktab_tests::{fixture, python_command, python_minor, run, target_dir, transcript};

/// What an executable of the fixture says to code in which `use` imports an extension and uses it.
fn uses(program: &str, code: &str) -> String {
    let target = target_dir("third_party").join(format!("3.{}", python_minor()));
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--locked"]).current_dir(fixture("third_party"));
    run(cargo.env("CARGO_TARGET_DIR", &target));
    let program: PathBuf = target.join("debug").join(program);
    let code = format!(
        "
import importlib, linktab, pickle, sys

def again(value):
    return pickle.loads(pickle.dumps(value))

def use(name, function):
    module = importlib.import_module(name)
    assert module.__name__ == module.__spec__.name == name, module.__name__
    assert type(module.__loader__) is linktab.StaticExtensionFinder
    print(f'{{name:20}} {{linktab.find(name).phase:7}} {{function(module)}}')
{code}"
    );
    let mut command = python_command(&program);
    // `_cffi_backend`, which cffi's modules import.
    command.env("PYTHONPATH", env::var_os("LINKTAB_CFFI").expect("xtask sets it"));
    transcript(command.args(["-c", &code]), "")
}

#[test]
fn pyo3_pybind11_nanobind_and_cython_are_imported_and_used() {
    insta::assert_snapshot!(uses(
        "third-party-current",
        "
use('acme.geo._core', lambda m: m.distance(m.Point(0.0, 0.0), again(m.Point(3.0, 4.0))))
use('acme.graph', lambda m: (m.Graph.__module__, type(again(m.Graph())) is m.Graph))
use('acme.mesh', lambda m: m.euler_characteristic(8, 12, 6))
use('acme.text._tokens', lambda m: again(m.Counter().feed('to be or not to be')).most_common())
"
    ));
}

#[test]
fn single_phase_modules_of_cython_cffi_and_an_older_pybind11_are_imported_and_used() {
    insta::assert_snapshot!(uses(
        "third-party-single",
        "
use('acme.text._words', lambda m: (m.count('one two three'), again(m.Words(['a'])).seen, m.Words.__module__))
use('acme.c._letters', lambda m: m.lib.count_letters(b'a1 b2'))
use('acme.shapes._shapes', lambda m: (again(m.Square(3.0)).area(), m.Square.__module__, m.flat.double(2.0)))
import acme.shapes._shapes.flat
print(sys.modules['acme.shapes._shapes.flat'].__name__)
"
    ));
}
