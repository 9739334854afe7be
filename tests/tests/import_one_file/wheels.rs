//! Packages from an index, here a folder of wheels: resolved for the Python inside, and packed with all that they
//! bring.

use std::path::{Path, PathBuf};

use linktab_tests::{python_app, python_command, run, stock_python, transcript};

use super::{alone, fresh, linktab, packed, write};

/// Makes wheels: one that needs another, with an entry point, data and a `.pth` file; and two that are for other
/// Pythons and machines.
const WHEELS: &str = "
import sys, zipfile
folder = sys.argv[1]
def wheel(name, version, tag, files, metadata=''):
    info = f'{name}-{version}.dist-info'
    files = dict(files)
    files[f'{info}/METADATA'] = f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n{metadata}'
    files[f'{info}/WHEEL'] = f'Wheel-Version: 1.0\\nGenerator: hand\\nRoot-Is-Purelib: true\\nTag: {tag}\\n'
    files[f'{info}/RECORD'] = ''.join(f'{file},,\\n' for file in [*files, f'{info}/RECORD'])
    with zipfile.ZipFile(f'{folder}/{name}-{version}-{tag}.whl', 'w') as archive:
        for file, text in files.items():
            archive.writestr(file, text)
entry = '[console_scripts]\\nharbour = harbour.cli:main\\n'
wheel('harbour', '1.2', 'py3-none-any', {
    'harbour/__init__.py': 'import pier', 'harbour/cli.py': 'def main():\\n    print(\"ahoy\")',
    'harbour/data/ships.txt': 'Argo', 'harbour.pth': 'import nothing',
    'harbour-1.2.dist-info/entry_points.txt': entry,
    'harbour/tests/test_cli.py': 'import harbour', 'harbour/tests/ships/more.txt': 'Argo' * 99999,
    'harbour/deep/tests/test_kinds.py': '', 'harbour/deep/tests/kinds.py': 'from ..depth import tests as other',
    'harbour/deep/__init__.py': '', 'harbour/deep/depth/tests/test_all.py': '', 'harbour/deep/depth/test/case.py': '',
    'harbour/testing.py': 'def kinds():\\n    from .deep.tests.kinds import other\\n    return other.__name__',
}, 'Requires-Dist: pier>=2; python_version >= \"3\"\\nRequires-Dist: absent; python_version < \"3\"\\n')
wheel('pier', '2.0', 'py3-none-any', {'pier.py': 'length = 2'})
wheel('pier', '3.0', 'cp27-none-any', {'pier.py': 'length = 3'})
wheel('pier', '4.0', 'py3-none-win32', {'pier.py': 'length = 4'})
";

/// Makes the wheels in a folder; returns a file of requirements that leads there.
pub fn index(folder: &Path) -> PathBuf {
    run(python_command(&stock_python()).args(["-c", WHEELS]).arg(folder));
    let index = folder.join("index.txt");
    write(&index, &format!("--no-index\n--find-links {}\n", folder.display()));
    index
}

#[test]
fn what_pip_resolves_is_packed() {
    if packed().is_none() {
        return;
    }
    let folder = fresh("wheels");
    let index = index(&folder);
    let app = python_app("import-app");
    let pack = |with: &str, name: &str, more: &[&str]| {
        let output = folder.join(name);
        let with = format!("--with={with}");
        let words = ["--output".as_ref(), output.as_path(), "-r".as_ref(), &index, Path::new(&with)];
        let words = words.into_iter().chain(more.iter().map(Path::new));
        let arguments: Vec<&Path> = [app.as_path()].into_iter().chain(words).collect();
        (linktab(&arguments), output)
    };
    let ((exit, said), app) = pack("harbour", "app", &[]);
    assert_eq!(exit, 0, "{said}");
    let warnings: Vec<&str> = said.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert!(
        matches!(*warnings, [one] if one.ends_with("harbour.pth is left out: a packed program reads no .pth file")),
        "{said}"
    );
    let code = "
import harbour, importlib.metadata as metadata, pier, pkgutil
print(pier.length, metadata.version('harbour'), pkgutil.get_data('harbour', 'data/ships.txt'))
points = metadata.entry_points()
points = points.select(group='console_scripts') if hasattr(points, 'select') else points['console_scripts']
[point] = [point for point in points if point.name == 'harbour']
point.load()()
";
    assert_eq!(transcript(alone(&app).args(["-I", "-c", code]), ""), "2 1.2 b'Argo'\nahoy\n");
    let tests_of = |app: &Path| {
        let code = "
import sys, zipfile
names = zipfile.ZipFile(sys.executable).namelist()
print(sorted({name for name in names if name.startswith('harbour/') and '/test' in name and name[-1] != '/'}))
import harbour.testing
print(harbour.testing.kinds())
";
        transcript(alone(app).args(["-I", "-c", code]), "")
    };
    let left_out =
        |said: &str| said.lines().find(|line| line.contains("left out of packages")).map(str::to_owned);
    insta::assert_snapshot!(format!("{:?}\n{}", left_out(&said), tests_of(&app)));
    let ((_, said), app) = pack("harbour", "with-tests", &["--keep-tests"]);
    assert_eq!(left_out(&said), None);
    assert!(tests_of(&app).contains("'harbour/tests/test_cli.pyc'"));
    for (with, expected) in [
        ("pier>2", "error: pip found no wheels for this executable's Python: "),
        ("--index-url=x", "error: --with --index-url=x: expected a requirement such as `numpy==2.1`\n"),
    ] {
        let ((exit, said), output) = pack(with, "none", &[]);
        let last = said.lines().last().unwrap_or_default().to_owned() + "\n";
        assert!(exit == 2 && last.starts_with(expected) && !output.exists(), "{said}");
    }
}
