//! What becomes of a packed file: it starts from wherever it is, or says why it does not. It never goes on with
//! another Python's library, and never runs code that is not what was packed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::linktab;
use linktab_tests::{python_command, run, stock_python, transcript};

use super::{alone, fresh, packed};

/// Says what it got, from many files of the archive.
const CODE: &str = "
import json, os, town, town.street, xml.dom.minidom
print(json.dumps([1]), town.core.__name__, xml.dom.minidom.__file__[-30:], os.path.basename(os.__file__))
";

fn copied(folder: &Path) -> Option<PathBuf> {
    let copy = folder.join("app");
    // Not by this process: what it writes, a child that another thread starts has open for a moment, and a file that
    // is open for writing cannot be started.
    run(Command::new("cp").arg(packed()?).arg(&copy));
    Some(copy)
}

/// Changes the file.
fn shell(app: &Path, line: &str) {
    run(Command::new("sh").args(["-ec", line]).current_dir(app.parent().expect("it is in a folder")));
}

pub fn says(app: &Path) -> String {
    transcript(alone(app).args(["-I", "-c", CODE]), "").replace(&*app.to_string_lossy(), "<file>")
}

/// What the command finds of the archive, and that it looked at all of it.
pub fn found(app: &Path) -> String {
    let path = app.to_str().expect("an ASCII path");
    let ran = linktab(["check", "--no-config", "-v", path]);
    let looked =
        ran.err.lines().filter_map(|line| line.rsplit_once(", ")?.1.strip_suffix(" files behind it"));
    let many = looked.filter_map(|count| count.parse::<u32>().ok()).all(|count| count > 100);
    let is_told = |block: &&str| block.contains("[LT022]");
    let told: Vec<&str> = ran.out.split("\n\n").filter(is_told).collect();
    format!("exit {:?}{}\n{}\n", ran.exit, if many { "" } else { ", too few files" }, told.join("\n\n"))
}

#[test]
fn it_starts_wherever_the_archive_went() {
    let folder = fresh("went");
    let Some(app) = copied(&folder) else { return };
    let right = says(&app);
    assert!(right.starts_with("[1] acme.geo._core "), "{right}");
    let clean = found(&app);
    assert!(!clean.contains("LT022") && !clean.contains("too few"), "{clean}");
    shell(&app, "printf x >> app");
    assert_eq!(says(&app), right, "one byte was appended");
    assert_eq!(found(&app), clean, "one byte was appended");
    shell(&app, "head -c 100000 /dev/zero >> app");
    assert_eq!(says(&app), right, "a signature was appended");
    let mut patchelf = Command::new("patchelf");
    // What is there may lead to the C library of another suite than this machine's.
    match patchelf.args(["--add-rpath", "/nowhere/that/takes/some/room"]).arg(&app).status() {
        Ok(status) => assert!(status.success(), "{patchelf:?}"),
        Err(_) => println!("skipped: patchelf is not installed"),
    }
    assert_eq!(says(&app), right, "patchelf made room");
    assert_eq!(found(&app), clean, "patchelf made room");
}

#[test]
fn it_starts_from_a_file_without_a_name() {
    let folder = fresh("nameless");
    let Some(app) = copied(&folder) else { return };
    let start = "
import os, sys
kind, app, *words = sys.argv[1:]
if kind == 'memory':
    file = os.memfd_create('app')
    with open(app, 'rb') as read, open(file, 'wb', closefd=False) as write:
        write.write(read.read())
    app = f'/proc/self/fd/{file}'
else:
    file = os.open(app, os.O_RDONLY)
    os.unlink(app)
    app = file
os.execve(app, ['app', *words], {'PATH': '/usr/bin:/bin'})
";
    let code = "
import json, subprocess, sys, town
print(town.core.__name__, town.__file__, sys.executable)
print(subprocess.check_output([sys.executable, '-I', '-c', 'import json, town; print(json.dumps(town.__name__))']))
";
    for kind in ["memory", "deleted"] {
        let mut command = python_command(&stock_python());
        command.args(["-c", start, kind]).arg(&app).args(["-I", "-c", code]);
        let expected = "acme.geo._core /proc/self/exe/town/__init__.pyc /proc/self/exe\nb'\"town\"\\n'\n";
        assert_eq!(transcript(&mut command, ""), expected, "{kind}");
    }
}

#[test]
fn it_goes_on_when_its_file_is_deleted_or_replaced() {
    let folder = fresh("deleted");
    for replace in ["os.unlink(here)", "open('other', 'w').close(); os.rename('other', here)"] {
        let Some(app) = copied(&folder) else { return };
        let code = format!("import os, sys\nhere = os.path.realpath(sys.executable)\n{replace}\n{CODE}");
        let said = transcript(alone(&app).args(["-I", "-c", &code]), "");
        assert!(said.starts_with("[1] acme.geo._core "), "{replace}: {said}");
    }
}

#[test]
fn what_it_cannot_use_it_tells() {
    let folder = fresh("lost");
    let Some(app) = copied(&folder) else { return };
    let size = |said: String| {
        let digits = |c: char| c.is_ascii_digit();
        said.split(' ')
            .map(|word| if word.chars().all(digits) { "<size>" } else { word })
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut said = String::new();
    for change in ["truncate -s -1 app", "strip app"] {
        copied(&folder);
        shell(&app, change);
        said += &size(says(&app));
        said += &found(&app);
    }
    copied(&folder);
    // In the directory, just before the end record.
    shell(&app, "printf '\\377' | dd of=app bs=1 seek=$(($(stat -c %s app) - 100)) conv=notrunc status=none");
    said += &says(&app);
    said += &found(&app);
    copied(&folder);
    // Root may read everything.
    let elsewhere = std::env::temp_dir().join(format!("linktab-unreadable-{}", std::process::id()));
    run(Command::new("cp").arg(&app).arg(&elsewhere));
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o111)).expect("its rights can be changed");
    let mut command = Command::new(&elsewhere);
    command.env_clear().current_dir("/").args(["-c", CODE]);
    if fs::File::open(&elsewhere).is_ok() {
        command.uid(65534);
    }
    said += &transcript(&mut command, "").replace(&*elsewhere.to_string_lossy(), "<file>");
    fs::remove_file(&elsewhere).expect("a file can be removed");
    insta::assert_snapshot!(said);
}

/// zipimport itself reads what it finds.
#[test]
fn a_module_that_was_changed_is_not_run() {
    let folder = fresh("changed");
    let Some(app) = copied(&folder) else { return };
    shell(&app, "sed -i 's/no such street/no such strEet/' app");
    let said = says(&app);
    let (start, end) = said.rsplit_once("OSError: ").expect("it is an OSError");
    assert!(start.starts_with("exit code 1\n"), "{said}");
    let end = end.split(' ').map(|word| if word.starts_with("0x") { "<offset>:" } else { word });
    let end = end.collect::<Vec<_>>().join(" ");
    let digits =
        |word: &str| if word.chars().all(|c| c.is_ascii_digit()) { "<count>" } else { word }.to_owned();
    let found = found(&app).split(' ').map(digits).collect::<Vec<_>>().join(" ");
    insta::assert_snapshot!(format!("{end}{found}"));
}

/// Shared objects are copied past zipimport.
#[test]
fn a_library_that_was_changed_is_not_loaded() {
    const CHANGE: &str = "
import sys, zipfile
app, name = sys.argv[1:]
entry = zipfile.ZipFile(app).getinfo(name)
with open(app, 'r+b') as file:
    file.seek(entry.header_offset + 30 + len(name) + entry.file_size // 2)
    byte = file.read(1)[0]
    file.seek(-1, 1)
    file.write(bytes([byte ^ 1]))
";
    let folder = fresh("changed-library");
    let Some(app) = copied(&folder) else { return };
    let name = "harbour.libs/libwinch-00112233.so";
    run(python_command(&stock_python()).args(["-c", CHANGE]).arg(&app).arg(name));
    let said = transcript(alone(&app).args(["-I", "-c", "import harbour._crane"]), "");
    let last = said.lines().last().expect("it says something");
    let (told, way_out) = last.split_once(" at 0x").expect("it says where");
    assert_eq!(told, format!("OSError: {name}: damaged in the archive behind this program,"), "{said}");
    assert!(way_out.ends_with(": copy the file again, or pack it again"), "{said}");
    assert!(said.starts_with("exit code 1\n"), "{said}");
}

/// Flips bits of the file and cuts it off, 200 times, and looks what it says: the right answer, or another exit code and
/// a word of why. Places are the same on every run of one build (Knuth's linear congruential generator, MMIX).
const DAMAGE: &str = "
import os, subprocess, sys, zipfile
app, words = sys.argv[1], sys.argv[2:]
with open(app, 'rb') as file:
    data = file.read()
# What is in the executable itself looks like an entry, too: nothing can find a flip in its code.
start, end = min(entry.header_offset for entry in zipfile.ZipFile(app).infolist()), data.rindex(b'PK\\5\\6')
directory = end - int.from_bytes(data[end + 12 : end + 16], 'little')
seed = 7
def below(most):
    global seed
    seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
    return (seed >> 20) % most
def look():
    done = subprocess.run([app, *words], capture_output=True, env={}, cwd=os.path.dirname(app), timeout=120)
    return done.returncode, done.stdout, done.stderr
def flip(at):
    with open(app, 'r+b') as file:
        file.seek(at)
        file.write(bytes([data[at] ^ (1 << below(8))]))
def mend(at):
    with open(app, 'r+b') as file:
        file.seek(at)
        file.write(data[at : at + 1])
code, right, said = look()
assert code == 0, said
def judge(what, must_be_told):
    code, out, said = look()
    is_told = code < 0 or code > 0 and said
    if not is_told and (must_be_told or code != 0 or out != right):
        print(what, code, out, said)
for turn in range(150):
    # What every start reads is the directory.
    low, high = (directory, len(data)) if turn % 3 == 0 else (start, directory)
    at = low + below(high - low)
    flip(at)
    judge(f'byte {at} of {len(data)}', at >= directory)
    mend(at)
for length in sorted((below(len(data)) for _ in range(50)), reverse=True):
    os.truncate(app, length)
    judge(f'{length} bytes of {len(data)}', True)
print('done')
";

#[test]
fn damage_is_told_or_does_no_harm() {
    let folder = fresh("damage");
    let Some(app) = copied(&folder) else { return };
    let mut python = python_command(&stock_python());
    python.args(["-c", DAMAGE]).arg(app).args(["-I", "-c", CODE]);
    assert_eq!(transcript(&mut python, ""), "done\n");
}
