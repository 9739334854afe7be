//! Programs that come with wheels, folders of files that packages ask for by `as_file`, and stubs that they read.

use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::{python_app, python_command, run, stock_python, transcript};

use super::{alone, fresh, linktab, packed, write};

/// Makes a wheel with a program, a script of its entry point and a folder of files; and what is left of it where it is
/// installed in an environment.
const WHEEL: &str = "
import os, sys, zipfile
folder, program = sys.argv[1:]
info, data = 'anchor-1.0.dist-info', 'anchor-1.0.data'
code = '''
import os, sys, sysconfig
def beside():
    return os.path.join(os.path.dirname(os.path.dirname(__file__)), 'bin', 'anchor')
def among_scripts():
    return os.path.join(sysconfig.get_path('scripts'), 'anchor')
def in_folder():
    from importlib.resources import as_file, files
    with as_file(files('anchor.chain') / '__init__.py') as path:
        pass
    with as_file(files('anchor.chain').joinpath('links.txt')) as links:
        return path.parent / 'links.txt', links.read_text(), os.path.exists(links)
'''
stub_reader = '''
def attach_stub(name, file):
    with open(file.rpartition('.')[0] + '.pyi') as stub:
        return stub.read()
later = attach_stub(__name__, __file__)
'''
files = {
    'anchor/later/__init__.py': stub_reader, 'anchor/later/__init__.pyi': 'from .other import deep', 'anchor/later/x.pyi': '',
    'anchor/__init__.py': code, 'anchor/chain/__init__.py': '# A folder of files.', 'anchor/chain/links.txt': 'seven',
    f'{info}/METADATA': 'Metadata-Version: 2.1\\nName: anchor\\nVersion: 1.0\\n',
    f'{info}/WHEEL': 'Wheel-Version: 1.0\\nGenerator: hand\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
    f'{info}/entry_points.txt': '[console_scripts]\\ndrop = anchor:beside\\n',
}
with open(program, 'rb') as file:
    data_files = {f'{data}/scripts/anchor': file.read(), f'{data}/scripts/weigh': '#!python\\nprint(1)'}
shared = {'etc/anchor/depth.h': '9', 'share/anchor/chart.py': '# A chart.', 'share/man/man1/anchor.1': '1'}
data_files.update({f'{data}/data/{name}': text for name, text in shared.items()})
record = f'{info}/RECORD'
with zipfile.ZipFile(f'{folder}/anchor-1.0-py3-none-any.whl', 'w') as archive:
    for name, text in {**files, **data_files, record: ''.join(f'{name},,\\n' for name in [*files, *data_files, record])}.items():
        archive.writestr(name, text)
installed = {**files, '../../../bin/anchor': data_files[f'{data}/scripts/anchor'], '../../../bin/drop': '#!/nowhere/python\\n'}
installed.update({f'../../../{name}': text for name, text in shared.items()})
installed[record] = ''.join(f'{name},,\\n' for name in [*installed, record])
for name, text in installed.items():
    path = os.path.normpath(os.path.join(folder, 'environment/lib/python3/site-packages', name))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, 0o755)
# A folder of pip's `--target`, whose scripts were taken away: what is called so two folders above it is not the wheel's.
os.makedirs(f'{folder}/bin')
os.link(program, f'{folder}/bin/anchor')
os.makedirs(f'{folder}/deep/target/{info}')
with open(f'{folder}/deep/target/{record}', 'w') as file:
    file.write('../../bin/anchor,,\\n')
";

const USE: &str = "
import os, subprocess, sys, sysconfig, zipfile
before = sys.prefix
import anchor
for path in anchor.beside(), anchor.among_scripts():
    print(subprocess.run([path, 'dropped'], stdout=subprocess.PIPE).stdout.decode(), oct(os.stat(path).st_mode)[-3:])
beside, links, is_there = anchor.in_folder()
print(beside.read_text(), links, is_there)
import anchor.later
print(anchor.later.later, sorted(os.listdir(os.path.dirname(anchor.later.__file__))))
prefixes = {sys.exec_prefix, sysconfig.get_path('data'), sys.prefix}
print(len(prefixes), before in prefixes, sorted(os.path.relpath(os.path.join(folder, file), sys.prefix)
    for top in ('etc', 'share') for folder, _, names in os.walk(os.path.join(sys.prefix, top)) for file in names))
for file in 'etc/anchor/depth.h', 'share/anchor/chart.py':
    with open(os.path.join(sys.prefix, file)) as text:
        print(text.read())
with zipfile.ZipFile(sys.executable) as archive:
    print([name for name in archive.namelist() if name.startswith('bin/')])
";

#[test]
fn what_a_wheel_has_beside_its_packages_is_where_they_look_for_it() {
    if packed().is_none() {
        return;
    }
    let folder = fresh("programs");
    let (source, program) = (folder.join("anchor.c"), folder.join("anchor"));
    write(
        &source,
        "#include <stdio.h>\nint main(int n, char **words) { return printf(\"%s%d\", words[1], n) < 0; }\n",
    );
    run(Command::new("cc").arg(&source).arg("-o").arg(&program));
    run(python_command(&stock_python()).args(["-c", WHEEL]).arg(&folder).arg(&program));
    let index = folder.join("index.txt");
    write(&index, &format!("--no-index\n--find-links {}\nanchor\n", folder.display()));
    let site = folder.join("environment/lib/python3/site-packages");
    let said = [("with", "-r", &index), ("site", "--site", &site)].map(|(name, option, from)| {
        let (executable, app): (PathBuf, PathBuf) = (python_app("import-app"), folder.join(name));
        let arguments = [executable.as_path(), Path::new("--output"), &app, Path::new(option), from];
        let (exit, said) = linktab(&arguments);
        assert_eq!(exit, 0, "{said}");
        let warnings = said.lines().filter(|line| line.starts_with("warning: ")).map(str::to_owned);
        (transcript(alone(&app).args(["-I", "-c", USE]), ""), warnings.collect::<Vec<_>>())
    });
    let [(with, lost), (site, nothing)] = said;
    insta::assert_snapshot!(with, @r"
    dropped2 500
    dropped2 500
    seven seven True
    from .other import deep ['__init__.pyi']
    1 False ['etc/anchor/depth.h', 'share/anchor/chart.py']
    9
    # A chart.
    ['bin/', 'bin/anchor']
    ");
    assert_eq!(site, with);
    assert!(lost.is_empty() && nothing.is_empty(), "{lost:?} {nothing:?}");
    let (executable, app) = (python_app("import-app"), folder.join("target"));
    let site = folder.join("deep/target");
    let (exit, said) = linktab(&[&executable, Path::new("--output"), &app, Path::new("--site"), &site]);
    assert_eq!(exit, 0, "{said}");
    let code = "import sys, zipfile; print([name for name in zipfile.ZipFile(sys.executable).namelist() if 'bin/' in name])";
    assert_eq!(transcript(alone(&app).args(["-I", "-c", code]), ""), "[]\n");
}

const MIRROR: &str = "
import os
def parts():
    folder = os.path.join(os.path.dirname(__file__), 'de' + 'ep')
    with open(os.path.join(folder, 'gla' + 'ss.py')) as glass:
        return glass.read(), sorted(os.listdir(folder)), os.path.basename(__file__)
";

#[test]
fn a_package_that_reads_its_own_code_is_unpacked_as_a_whole() {
    if packed().is_none() {
        return;
    }
    let folder = fresh("unpacked");
    let code = folder.join("code");
    for (name, text) in [
        ("__init__.py", MIRROR),
        ("frame.txt", "oak"),
        ("deep/__init__.py", ""),
        ("deep/glass.py", "thickness = 3"),
        ("deep/glass.pyi", "thickness: int"),
    ] {
        write(&code.join("mirror").join(name), text);
    }
    let executable = python_app("import-app");
    let pack = |name: &str, more: &[&str]| {
        let app = folder.join(name);
        let words = [executable.as_path(), Path::new("--output"), &app, Path::new("--code"), &code];
        let (exit, said) = linktab(&words.into_iter().chain(more.iter().map(Path::new)).collect::<Vec<_>>());
        (app, exit, said)
    };
    let told = |app: &Path| {
        let code = "import mirror, mirror.deep.glass as glass, os; print(mirror.parts(), glass.thickness)";
        let text = transcript(alone(app).args(["-I", "-c", code]), "");
        // What leads there differs by version, and the folder by what is in it.
        let last = text.lines().filter(|line| !line.starts_with(' ')).collect::<Vec<_>>().join("\n");
        last.split('\'')
            .map(|part| part.rsplit("/linktab/").next().unwrap_or(part))
            .collect::<Vec<_>>()
            .join("'")
    };
    let (app, exit, said) = pack("without", &[]);
    assert_eq!(exit, 0, "{said}");
    let without = told(&app);
    let content = without.split_once("FileNotFoundError").map_or("", |(_, rest)| rest);
    let content = content.split('\'').nth(1).and_then(|path| path.split('/').next()).unwrap_or("?");
    insta::assert_snapshot!(without.replace(content, "<content>"), @r"
    exit code 1
    --- errors
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: '<content>/mirror/deep/glass.py'
    linktab: mirror/deep/glass.py is packed, and put into no folder: `linktab pack --unpack mirror` puts all of mirror there
    ");
    let (app, exit, said) = pack("with", &["--unpack", "mirror"]);
    assert_eq!(exit, 0, "{said}");
    insta::assert_snapshot!(told(&app), @"('thickness = 3', ['__init__.py', 'glass.py', 'glass.pyi'], '__init__.py') 3");
    let (_, exit, said) = pack("other", &["--unpack", "window"]);
    insta::assert_snapshot!(format!("{exit}: {said}"), @"2: error: --unpack window: no package of that name is packed");
}
