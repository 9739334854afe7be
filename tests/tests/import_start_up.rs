//! What happens between the start of the program and the user's code, in every process that it starts.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use linktab_tests::{
    given_home, python_app, python_app_with_home, python_command, run, stock_python, target_dir, transcript,
};

fn folder(name: &str) -> PathBuf {
    let folder = target_dir("import").join(name);
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

#[test]
fn the_finder_is_in_place_before_site_runs() {
    let folder = folder("customised");
    let code = "import acme.geo._core; print('sitecustomize has', acme.geo._core)\n";
    fs::write(folder.join("sitecustomize.py"), code).expect("a file can be written");
    let mut command = python_command(&python_app("import-app"));
    command.env("PYTHONPATH", folder).args(["-c", "import sys; print('site' in sys.modules)"]);
    insta::assert_snapshot!(transcript(&mut command, ""));
}

#[test]
fn a_failing_sitecustomize_is_reported_as_ever() {
    let folder = folder("failing");
    fs::write(folder.join("sitecustomize.py"), "1 / 0\n").expect("a file can be written");
    let say = |program: &Path| {
        let mut command = python_command(program);
        transcript(command.env("PYTHONPATH", &folder).args(["-c", "print('goes on')"]), "")
    };
    assert_eq!(say(&stock_python()), say(&python_app("import-app")));
}

#[test]
fn a_broken_site_is_fatal_as_ever() {
    let folder = folder("broken-site");
    fs::write(folder.join("site.py"), "raise OSError('no site today')\n").expect("a file can be written");
    let mut command = python_command(&python_app("import-app"));
    let said =
        transcript(command.env("PYTHONPATH", &folder).args(["-X", "frozen_modules=off", "-c", "pass"]), "");
    assert!(said.starts_with("exit code 1\n"), "{said}");
    assert!(said.contains("Failed to import the site module"), "{said}");
    assert!(said.contains("OSError: no site today"), "{said}");
}

/// Imports every extension module of the standard library that is a file.
const LIB_DYNLOAD: &str = "
import importlib, os, sysconfig, warnings
warnings.simplefilter('ignore')
folder = os.path.join(sysconfig.get_path('platstdlib'), 'lib-dynload')
for name in sorted({file.split('.')[0] for file in os.listdir(folder) if file.endswith('.so')}):
    try:
        importlib.import_module(name)
        print(name)
    except ImportError as error:
        print(name, error)
";

#[test]
fn extensions_of_the_standard_library_find_what_they_refer_to() {
    let say = |program: &Path| transcript(python_command(program).args(["-c", LIB_DYNLOAD]), "");
    let ours = say(&python_app("import-app"));
    assert_eq!(say(&stock_python()), ours);
    assert!(ours.lines().count() > 10, "{ours}");
}

#[test]
fn processes_of_multiprocessing_have_the_extensions() {
    let script = folder("processes").join("script.py");
    let code = "
import multiprocessing, os, sys

def work(number):
    import acme.geo._core, acme.old._once
    return acme.geo._core.answer() + number, acme.old._once.Point(), os.getpid(), 'site' in sys.modules

if __name__ == '__main__':
    for method in 'spawn', 'forkserver', 'fork':
        with multiprocessing.get_context(method).Pool(2) as pool:
            results = pool.map(work, range(4))
        print(method, [number for number, *_ in results], type(results[0][1]))
        print('elsewhere:', os.getpid() not in [pid for *_, pid, _ in results], 'site:', results[0][3])
";
    fs::write(&script, code).expect("a file can be written");
    insta::assert_snapshot!(transcript(python_command(&python_app("import-app")).arg(script), ""));
}

#[test]
fn a_real_package_beside_wins_over_the_implied_one() {
    let folder = folder("beside");
    fs::create_dir_all(folder.join("acme/geo")).expect("a folder can be made");
    fs::write(folder.join("acme/__init__.py"), "print('the real acme')\n").expect("a file can be written");
    fs::write(folder.join("acme/geo/helper.py"), "from ._core import answer\n")
        .expect("a file can be written");
    let mut command = python_command(&python_app("import-app"));
    let code = "
import acme, acme.geo.helper, os
print(os.path.basename(acme.__file__), acme.geo.helper.answer(), acme.geo._core)
print('geo is a namespace package:', len(list(acme.geo.__path__)))
";
    command.env("PYTHONPATH", &folder).env("PYTHONDONTWRITEBYTECODE", "1").args(["-c", code]);
    insta::assert_snapshot!(transcript(&mut command, ""));
}

#[test]
fn a_finder_that_comes_later_wins_over_the_implied_package_too() {
    let folder = folder("appended");
    // As an editable install does from its .pth file.
    let customise = "
import sys
from importlib.machinery import ModuleSpec
class Editable:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name == 'acme':
            return ModuleSpec(name, cls, origin='editable', is_package=True)
    def create_module(spec): pass
    def exec_module(module): module.answer = 'from the editable install'
sys.meta_path.append(Editable)
";
    fs::write(folder.join("sitecustomize.py"), customise).expect("a file can be written");
    let mut command = python_command(&python_app("import-app"));
    let code = "
import acme.geo._core
print(acme, acme.answer, acme.geo)
";
    command.env("PYTHONPATH", &folder).args(["-c", code]);
    insta::assert_snapshot!(transcript(&mut command, ""));
}

#[test]
fn the_prefix_given_at_build_time_is_a_fallback() {
    let stdlib = run(python_command(&stock_python())
        .args(["-c", "import sysconfig; print(sysconfig.get_path('stdlib'), end='')"]));
    let prefix = |name: &str| {
        let prefix = folder(name);
        let library = prefix.join("lib").join(Path::new(&stdlib).file_name().expect("a folder has a name"));
        fs::create_dir_all(prefix.join("lib")).expect("a folder can be made");
        let _ = fs::remove_file(&library);
        symlink(&stdlib, &library).expect("a link can be made");
        (prefix, library)
    };
    let (home, library) = prefix("home");
    let (other, _) = prefix("other-home");
    let app = python_app_with_home(&home);
    let show = |extra: &[(&str, &Path)], options: &[&str]| {
        let mut command = python_command(&app);
        command.args(options).args(["-c", "import sys, os; print(sys.prefix, end='')"]);
        run(command.envs(extra.iter().copied()))
    };
    assert_eq!(show(&[], &[]), home.display().to_string());
    assert_eq!(show(&[("PYTHONHOME", &other)], &[]), other.display().to_string());
    assert_eq!(show(&[("PYTHONHOME", &other)], &["-E"]), home.display().to_string());
    // Gone: CPython looks for itself.
    fs::remove_file(&library).expect("the link can be removed");
    if given_home().is_some() {
        // And what was unpacked somewhere does not find its own, or at most the system's.
        let said = transcript(python_command(&app).args(["-c", "import sys; print(sys.prefix)"]), "");
        assert!(said.starts_with("exit code 1\n") || said == "/usr\n", "{said}");
        return;
    }
    let stock = run(python_command(&stock_python()).args(["-c", "import sys; print(sys.prefix, end='')"]));
    assert_eq!(show(&[], &[]), stock);
}
