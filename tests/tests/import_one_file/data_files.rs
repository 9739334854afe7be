//! Files beside `__file__`: packages that open their data by the names of their modules, as in a folder.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use linktab_tests::{transcript, when_written};

use super::extracted::files;
use super::{alone, fresh, packed, write};

/// Packages with data of every kind, and a module in no package.
pub fn packages(code: &Path) {
    write(&code.join("quay/__init__.py"), "from pathlib import Path\nHERE = Path(__file__).parent\n");
    write(&code.join("quay/data/names.txt"), "Elm\nOak\n");
    write(&code.join("quay/data.json"), "{\"depth\": 3}");
    write(&code.join("quay/py.typed"), "");
    write(&code.join("quay/_native.pyi"), "depth: int\n");
    write(&code.join("quay/tests/__init__.py"), "");
    write(&code.join("quay/tests/long.csv"), "1,2\n");
    write(&code.join("quay/sub/__init__.py"), "");
    let script = code.join("quay/bin/tool");
    write(&script, "#!/bin/sh\necho a program\n");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
    // A namespace package, and a module beside its data.
    write(&code.join("port/pier/mole.py"), "from pathlib import Path\nHERE = Path(__file__).parent\n");
    write(&code.join("port/pier/length.txt"), "7");
    write(&code.join("ferry.py"), "from pathlib import Path\nHERE = Path(__file__).parent\n");
    write(&code.join("ferry_data/fares.txt"), "2.50");
    // As numba does: it keeps machine code beside the file of a function that asks for it.
    write(
        &code.join("numba/__init__.py"),
        "def njit(cache):\n    return lambda code: code.__code__.co_filename\n",
    );
    write(&code.join("mill/__init__.py"), "");
    write(&code.join("mill/wheel.py"), "import numba\n@numba.njit(cache=True)\ndef turn():\n    pass\n");
    write(&code.join("miller.py"), "from numba import njit\nturn = njit(cache=True)(lambda: 0)\n");
}

const USE: &str = "
import importlib.resources, json, os, pkgutil, subprocess, sys, town
cache = os.environ['XDG_CACHE_HOME']
def written():
    return sorted(file for _, _, files in os.walk(cache) for file in files)
print(os.path.relpath(town.__file__, sys.executable), written())
import quay, quay.sub
print(json.loads((quay.HERE / 'data.json').read_text()), os.path.exists(os.path.dirname(quay.sub.__file__) + '/../data'))
print(sorted(os.listdir(os.path.dirname(quay.__file__))), quay.__file__.startswith(cache), written())
print(pkgutil.get_data('quay', 'data/names.txt'), [module.name for module in pkgutil.iter_modules(quay.__path__)])
print((importlib.resources.files('quay') / 'data' / 'names.txt').read_text().split())
with importlib.resources.as_file(importlib.resources.files('quay') / 'data.json') as path:
    print(path.read_text())
print(subprocess.check_output([str(quay.HERE / 'bin' / 'tool')]), quay.sub.__name__)
import port.pier.mole as mole, ferry
print((mole.HERE / 'length.txt').read_text(), (ferry.HERE / 'ferry_data' / 'fares.txt').read_text())
import quay.tests
print(written())
";

const RESOURCES: &str = "
import importlib.resources, quay, sys, zipfile
from zipfile import ZipInfo
made = []
class Counted(ZipInfo):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        made.append(self.filename)
zipfile.ZipInfo = Counted
root = importlib.resources.files('quay')
print(type(root).__module__.partition('.')[0], sorted(path.name for path in root.iterdir()))
print((root / 'data' / 'names.txt').read_bytes(), (root / 'absent').exists(), (root / 'py.typed').is_file())
print(sorted({name.partition('/')[0] for name in made}))
# Namespace packages: a folder of data, and one of modules. CPython 3.9 reads none.
for name in ('quay.data', 'port.pier') if sys.version_info >= (3, 10) else ():
    root = importlib.resources.files(name)
    print(sorted(path.name for path in root.iterdir()), [path.read_bytes() for path in root.iterdir() if path.name.endswith('.txt')])
";

#[test]
fn resources_of_a_package_are_found_without_the_rest_of_the_archive() {
    let Some(app) = packed() else { return };
    let mut python = alone(app);
    python.env("XDG_CACHE_HOME", fresh("resources")).args(["-c", RESOURCES]);
    let text = transcript(&mut python, "");
    if linktab_tests::python_minor() >= 10 {
        insta::assert_snapshot!(text);
    } else {
        // It asks no loader, and makes a path of what the module says.
        assert!(text.starts_with("pathlib ['bin', 'data', 'data.json'") && text.contains("\n[]"), "{text}");
    }
}

const PATHS: &str = "
import importlib.resources, os, pathlib, pickle, quay
root = importlib.resources.files('quay')
names = root / 'data' / 'names.txt'
print(open(names).read().split(), open(str(names)).read().split(), names.resolve().stat().st_size)
print(os.path.exists(os.path.join(root, 'data.json')), sorted(path.name for path in root.rglob('*.txt')))
print(pathlib.Path(pickle.loads(pickle.dumps(names))).read_bytes(), (root / 'absent').exists())
";

/// A folder without `__init__` is no place of resources in CPython 3.9, and what is in the archive alone is none.
const PATHS_FROM_3_10: &str = "
stub = root / '_native.pyi'
with importlib.resources.as_file(stub) as copy:
    print(stub.is_file(), stub.exists(), stub.read_text(), stub.read_bytes(), copy.read_text(), copy != stub)
try:
    (root / 'absent').read_text()
except FileNotFoundError as error:
    print(error.strerror)
import quay.data, port
print([os.listdir(folder) for folder in quay.data.__path__], [sorted(os.listdir(folder)) for folder in port.__path__])
with importlib.resources.as_file(importlib.resources.files('quay.data') / 'names.txt') as path:
    print(os.listdir(path.parent))
with importlib.resources.as_file(root / 'data') as folder:
    print(os.listdir(folder), importlib.resources.files('town').joinpath('absent').exists())
";

#[test]
fn resources_of_a_package_with_data_are_paths_of_files() {
    let Some(app) = packed() else { return };
    let mut python = alone(app);
    let is_old = linktab_tests::python_minor() < 10;
    let code = [PATHS, if is_old { "" } else { PATHS_FROM_3_10 }].concat();
    python.env("XDG_CACHE_HOME", fresh("paths")).args(["-c", &code]);
    let text = transcript(&mut python, "");
    if is_old {
        assert_eq!(text, "['Elm', 'Oak'] ['Elm', 'Oak'] 8\nTrue ['names.txt']\nb'Elm\\nOak\\n' False\n");
    } else {
        insta::assert_snapshot!(text);
    }
}

#[test]
fn a_module_whose_machine_code_numba_keeps_has_its_source_as_a_file() {
    let Some(app) = packed() else { return };
    let mut python = alone(app);
    let code = "
import os, mill.wheel, miller
for path in mill.wheel.turn, miller.turn:
    print(os.path.relpath(path, os.path.dirname(os.path.dirname(mill.__file__))), len(open(path).read()))
";
    python.env("XDG_CACHE_HOME", fresh("kept")).args(["-c", code]);
    assert_eq!(transcript(&mut python, ""), "mill/wheel.py 58\nmiller.py 58\n");
}

/// What the program says of its data, with its cache in a folder.
fn said(app: &Path, cache: &Path) -> String {
    transcript(alone(app).env("XDG_CACHE_HOME", cache).args(["-c", USE]), "")
}

#[test]
fn data_files_are_beside_their_modules_and_written_for_what_is_imported() {
    let Some(app) = packed() else { return };
    let cache = fresh("beside");
    let first = said(app, &cache);
    let there = files(&cache);
    let content = there[1].0.clone();
    let list: String = there
        .iter()
        .filter_map(|(path, mode)| Some((path.strip_prefix(&content).ok()?, mode)))
        .map(|(path, mode)| format!("{mode:o} <content>/{}\n", path.display()))
        .collect();
    insta::assert_snapshot!(format!("{first}{list}"));
    // Whatever became of what was written, it is as it was the next time.
    let right = fs::read(content.join("quay/data.json")).expect("a file can be read");
    replace(&content.join("quay/data.json"), "{\"depth\": 4}");
    fs::remove_file(content.join("quay/data/names.txt")).expect("a file can be removed");
    let fares = content.join("ferry_data/fares.txt");
    fs::remove_file(&fares).expect("a file can be removed");
    symlink(content.join("quay/data.json"), &fares).expect("a link can be made");
    fs::set_permissions(content.join("quay/bin/tool"), fs::Permissions::from_mode(0o777)).expect("it can be");
    // All but what a first start has not written yet.
    let second = said(app, &cache);
    assert_eq!(second.lines().next_back(), first.lines().next_back());
    assert_eq!(fs::read(content.join("quay/data.json")).expect("a file can be read"), right);
    assert_eq!(files(&cache), there);
    assert_eq!(fs::read_to_string(&fares).expect("a file can be read"), "2.50");
}

fn replace(path: &Path, text: &str) {
    fs::remove_file(path).expect("a file can be removed");
    fs::write(path, text).expect("a file can be written");
}

#[test]
fn processes_that_start_at_once_write_the_same() {
    let Some(app) = packed() else { return };
    let cache = fresh("at-once");
    let code = "import quay, ferry; print((quay.HERE / 'data.json').read_text())";
    let start = || {
        let mut command = alone(app);
        command.env("XDG_CACHE_HOME", &cache).args(["-c", code]).stdout(Stdio::piped());
        when_written(|| command.spawn()).expect("it starts")
    };
    let processes: Vec<Child> = (0..6).map(|_| start()).collect();
    for process in processes {
        let output = process.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "{\"depth\": 3}\n");
    }
    let left: Vec<PathBuf> = files(&cache).into_iter().map(|(path, _)| path).collect();
    assert!(left.iter().all(|path| !path.to_string_lossy().ends_with(".part")), "{left:?}");
}

#[test]
fn a_data_file_that_can_be_put_nowhere_is_told_with_the_way_out() {
    let Some(app) = packed() else { return };
    let code = "
import os, quay, sys
def told(use, *arguments):
    try:
        use(*arguments)
    except OSError as error:
        print(type(error).__name__, str(error).replace(os.path.dirname(sys.executable), '<folder>'))
told((quay.HERE / 'data.json').read_text)
told(os.listdir, os.path.dirname(quay.__file__))
told(open, sys.executable + '/none/none.txt')
print(os.path.relpath(quay.__file__, sys.executable), os.path.exists(quay.HERE / 'data.json'))
";
    let said = ["0", "/proc/none"].map(|folder| {
        let mut command = alone(app);
        format!(
            "LINKTAB_EXTRACT={folder}\n{}",
            transcript(command.env("LINKTAB_EXTRACT", folder).args(["-c", code]), "")
        )
    });
    insta::assert_snapshot!(said.concat());
}
