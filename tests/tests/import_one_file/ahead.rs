//! What a start reads lies together in the archive, and is asked for at once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use linktab_tests::{python_app, python_command, run, stock_python, transcript};

use super::{alone, fresh, linktab, packed, write};

/// An application whose modules are imported in each way.
fn application() -> Option<PathBuf> {
    packed()?;
    let code = fresh("ahead-code");
    let modules = [
        ("depot/__init__.py", ""),
        ("depot/aside.py", "import depot.nothing\n"),
        ("depot/cli.py", CLI),
        ("depot/goods/__init__.py", "from . import crates\nfrom .. import keeper as owner\n"),
        ("depot/goods/crates.py", "class Crate:\n    import depot.lid\n"),
        ("depot/keeper.py", ""),
        ("depot/later.py", ""),
        ("depot/lid.py", ""),
        ("depot/list.txt", "a file\n"),
        ("depot/spare.py", "no module\n"),
        ("wharf.py", ""),
    ];
    modules.iter().for_each(|(name, text)| write(&code.join(name), text));
    let (build, app) = (python_app("import-app"), fresh("ahead").join("depot"));
    let words = ["--entry", "depot.cli:main"].map(Path::new);
    let mut arguments = vec![&*build, Path::new("--output"), &app, Path::new("--code"), &code];
    arguments.extend(words);
    let (exit, said) = linktab(&arguments);
    assert_eq!(exit, 0, "{said}");
    Some(app)
}

const CLI: &str = "
import depot.goods
try:
    import depot.spare
except SyntaxError:
    from wharf import *

def main():
    import depot.later
    print('done')
";

#[test]
fn what_a_start_reads_lies_behind_the_rest_and_is_asked_for() {
    let Some(app) = application() else { return };
    let tell = "
import struct, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    entries, end = archive.infolist(), archive.start_dir
identifier, size, begins = struct.unpack('<2sHI', entries[0].extra)
print(identifier, size, 'and no other has one', not any(entry.extra for entry in entries[1:]))
ours = [entry for entry in entries if entry.filename.startswith(('depot/', 'wharf'))]
for entry in ours:
    print('start' if entry.header_offset >= begins else 'later', entry.filename)
of_library = {'os.pyc': 'start', 'encodings/utf_8.pyc': 'start', 'encodings/cp500.pyc': 'later', 'json/decoder.pyc': 'later'}
print({entry.filename for entry in entries if of_library.get(entry.filename) == ('start' if entry.header_offset >= begins else 'later')} == set(of_library))
with open(sys.argv[1], 'rb') as file:
    head = file.read(4096)
start, (size, count) = struct.unpack_from('=Q', head, 32)[0], struct.unpack_from('=2H', head, 54)
headers = [struct.unpack_from('=2I6Q', head, start + size * index) for index in range(count)]
print(max(header[2] + header[5] for header in headers if header[0] == 1), begins, file=sys.stderr)
";
    let mut python = python_command(&stock_python());
    let output = python.args(["-c", tell]).arg(&app).output().expect("python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout), @r"
    b'LA' 4 and no other has one True
    later depot/
    later depot/aside.pyc
    later depot/later.pyc
    later depot/list.txt
    start depot/__init__.pyc
    start depot/cli.pyc
    start depot/goods/
    start depot/goods/__init__.pyc
    start depot/goods/crates.pyc
    start depot/keeper.pyc
    start depot/lid.pyc
    start depot/spare.py
    start wharf.pyc
    True
    ");
    let said = String::from_utf8_lossy(&output.stderr);
    let numbers: Vec<u64> = said.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [program, begins] = *numbers else { panic!("{said}") };
    assert_eq!(transcript(&mut alone(&app), ""), "done\n");
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        println!("skipped: strace is not installed");
        return;
    }
    let trace = fresh("ahead-strace").join("trace");
    run(Command::new("strace").args(["-f", "-e", "trace=madvise", "-o"]).arg(&trace).arg(&app).env_clear());
    let trace = fs::read_to_string(trace).expect("strace wrote it");
    let asked = trace.lines().filter(|line| line.contains("MADV_WILLNEED) = 0"));
    let lengths = asked.filter_map(|line| line.split(", ").nth(1)?.parse().ok()).collect::<Vec<u64>>();
    let size = fs::metadata(&app).expect("it is there").len();
    assert_eq!(lengths.iter().sum::<u64>(), program + size - begins / 0x1_0000 * 0x1_0000, "{trace}");
    // Of a longer piece the kernel reads the beginning alone.
    assert_eq!(lengths.iter().max(), Some(&0x2_0000), "{trace}");
}
