//! `linktab pack --compress=all`: the executable is compressed too, and what runs from memory is the same program, which
//! knows its own file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use linktab_tests::verify::{self, linktab};
use linktab_tests::{python_app, python_command, run, stock_python, transcript};

use super::lost::{found, says};
use super::{alone, folder, fresh, packed};

fn compressed() -> Option<&'static Path> {
    static COMPRESSED: OnceLock<Option<PathBuf>> = OnceLock::new();
    COMPRESSED.get_or_init(pack).as_deref()
}

fn pack() -> Option<PathBuf> {
    packed()?;
    let app = fresh("tight").join("app");
    let mut pack = Command::new(verify::command());
    pack.arg("pack").arg(python_app("import-app")).arg("--output").arg(&app);
    run(pack.arg("--code").arg(folder("code")).args(["--compress=all", "--strip"]));
    Some(app)
}

/// What the process is, seen from inside.
const SELF: &str = "
import os, sys
names = [path.replace(os.path.realpath(sys.executable), '<file>') for path in [sys.argv[0], sys.executable, *sys.path[:1]]]
print(names, sys.argv[1:])
if os.environ.get('CLOSED') is None:
    listed = os.listdir('/proc/self/fd')
    print(len(listed), sorted(os.environ))
print(open('/proc/self/comm').read(), sys.stdin is None)
";

#[test]
fn it_is_the_same_program() {
    let (Some(app), Some(large)) = (compressed(), packed()) else { return };
    assert_eq!(says(app).replace("/tight/", "/moved/"), says(large), "what it says");
    let of_both = |change: &dyn Fn(&mut Command)| {
        let said = [app, large].map(|app| {
            let mut command = alone(app);
            change(command.args(["-I", "-c", SELF, "one", "two"]));
            transcript(&mut command, "")
        });
        let [here, expected] = said.map(|said| said.replace("/tight/", "/moved/"));
        assert_eq!(here, expected);
    };
    of_both(&|_| ());
    // A variable of that name is nobody's.
    let mut command = alone(app);
    command.env("LINKTAB_PROGRAM", "3/other//bin/sh").args(["-I", "-c", SELF]);
    let said = transcript(&mut command, "");
    assert!(said.contains("'<file>'") && !said.contains("LINKTAB_PROGRAM"), "{said}");
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" -I -c \"$1\" <&- 2>&-"]).arg(app).arg(SELF).env("CLOSED", "1");
    let said = transcript(&mut shell, "");
    assert!(said.ends_with("app\n True\n"), "no descriptor took the place of a closed stream: {said}");
}

#[test]
fn the_command_reads_through_it() {
    let (Some(app), Some(large)) = (compressed(), packed()) else { return };
    let size = |path: &Path| path.metadata().expect("it is there").len();
    assert!(size(app) * 5 < size(large) * 2, "{} of {}", size(app), size(large));
    for command in [["list", "-v"], ["check", "-v"], ["needs", "--output-format=json"]] {
        let told = |path: &Path| {
            let option = if command[0] == "list" { "--output-format=text" } else { command[1] };
            let ran = linktab([command[0], option, path.to_str().expect("an ASCII path")]);
            (ran.out + &ran.err).replace(&*path.to_string_lossy(), "<file>")
        };
        let (here, expected) = (told(app), told(large));
        assert_eq!(here.contains(" executable, compressed, "), command[0] == "check", "{here}");
        let here = here.replace(" executable, compressed,", " executable,");
        let word = |text: &str| text.lines().filter(|line| !line.contains("behind it")).count();
        assert_eq!(word(&here), word(&expected), "{command:?}: {here}");
    }
    assert_eq!(found(app), found(large));
}

#[test]
fn its_processes_have_their_file_too() {
    let Some(app) = compressed() else { return };
    let main = fresh("compressed-spawn").join("main.py");
    let text = "
import multiprocessing, sys

def work(number):
    import town, json
    return json.dumps([number, town.core.__name__])

if __name__ == '__main__':
    for method in 'spawn', 'forkserver':
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(pool.map(work, [1, 2]))
";
    super::write(&main, text);
    let expected = "['[1, \"acme.geo._core\"]', '[2, \"acme.geo._core\"]']\n";
    assert_eq!(transcript(alone(app).arg(main), ""), expected.repeat(2));
}

#[test]
fn an_executable_with_libraries_beside_it_is_refused() {
    if compressed().is_none() {
        return;
    }
    let here = fresh("compressed-origin");
    let executable = here.join("app");
    run(Command::new("cp").arg(python_app("import-app")).arg(&executable));
    run(Command::new("patchelf").args(["--add-rpath", "$ORIGIN/../lib"]).arg(&executable));
    let path = executable.to_str().expect("ASCII");
    let packed = here.join("packed");
    let output = packed.to_str().expect("ASCII");
    let ran = linktab(["pack", path, "-o", output, "--compress=all"]);
    insta::assert_snapshot!(ran.err, @"error: --compress=all: the executable looks for libraries beside its own file, in $ORIGIN/../lib, and one that runs from memory is beside none: compress the archive alone, with `--compress`");
    assert!(!packed.exists(), "nothing is written");
}

/// Flips and truncations of what is compressed, of the head before it, and of the stub before that.
const DAMAGE: &str = "
import os, struct, subprocess, sys
app, command = sys.argv[1:]
data = open(app, 'rb').read()
segments = [struct.unpack_from('<IIQQQQ', data, 64 + 56 * index) for index in range(data[56])]
head = -(-max(offset + size for kind, _, offset, _, _, size in segments if kind == 1) // 8) * 8
assert data[head : head + 8] == b'\\x89linktab'[:8], head
size = int.from_bytes(data[head + 40 : head + 48], 'little')
seed = 7
def below(most):
    global seed
    seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
    return (seed >> 20) % most
def judge(what, in_stub=False):
    # A stub may not come so far that it sees that it is damaged.
    for words in [[app, '-I', '-c', 'pass'], [command, 'check', '--no-config', app]][in_stub:]:
        done = subprocess.run(words, capture_output=True, env={}, timeout=120)
        if not (done.returncode > 0 and done.stderr + done.stdout):
            print(what, words[0], done)
places = [head + below(120) for _ in range(2)] + [head + 120 + below(size) for _ in range(3)]
places += [64 + below(head - 64) for _ in range(2)]
for at in places:
    with open(app, 'r+b') as file:
        file.seek(at)
        file.write(bytes([data[at] ^ (1 << below(8))]))
    judge(f'byte {at - head} behind the head', at < head)
    with open(app, 'r+b') as file:
        file.seek(at)
        file.write(data[at : at + 1])
for length in len(data) - 1, head + 120 + size + 10_000, head + size // 2, head:
    os.truncate(app, length)
    judge(f'{length} bytes')
print('done')
";

/// Moves the rest of the archive by a byte, to where it has no page's beginning in common with what it was.
const MOVE: &str = "
import os, struct, sys
app = sys.argv[1]
data = open(app, 'rb').read()
segments = [struct.unpack_from('<IIQQQQ', data, 64 + 56 * index) for index in range(data[56])]
head = -(-max(offset + size for kind, _, offset, _, _, size in segments if kind == 1) // 8) * 8
rest = int.from_bytes(data[head + 96 : head + 104], 'little')
assert rest % 4096 and data[rest : rest + 4] == b'PK\\x03\\x04' and b'PK\\x01\\x02' not in data[rest:], rest
front = data[: head + 96] + (rest + 1).to_bytes(8, 'little') + data[head + 104 : head + 112]
words = struct.unpack(f'<{len(front) // 8}Q', front) + (len(front) % 8,)
total = 0xcbf29ce484222325
for word in words:
    total = (total ^ word) * 0x100000001b3 % 2**64
moved = front + total.to_bytes(8, 'little') + data[head + 120 : rest] + b'-' + data[rest:]
open(app, 'wb').write(moved)
";

#[test]
fn the_end_of_its_archive_is_compressed_too_and_the_rest_may_be_anywhere() {
    let Some(app) = compressed() else { return };
    let copy = fresh("shift").join("app");
    run(Command::new("cp").arg(app).arg(&copy));
    run(python_command(&stock_python()).args(["-c", MOVE]).arg(&copy));
    assert_eq!(says(&copy).replace("/shift/", "/tight/"), says(app));
    assert_eq!(found(&copy), found(app));
}

#[test]
fn damage_of_what_is_compressed_is_told() {
    let Some(app) = compressed() else { return };
    let copy = fresh("compressed-damage").join("app");
    run(Command::new("cp").arg(app).arg(&copy));
    let mut python = python_command(&stock_python());
    python.args(["-c", DAMAGE]).arg(&copy).arg(verify::command());
    assert_eq!(transcript(&mut python, ""), "done\n");
}

#[test]
fn what_becomes_of_it_is_told() {
    let Some(app) = compressed() else { return };
    let here = fresh("gone5");
    let copy = here.join("app");
    let copied = || run(Command::new("cp").arg(app).arg(&copy));
    let mut said = String::new();
    copied();
    for (what, line) in [
        ("strip", "strip app"),
        ("patchelf", "patchelf --set-rpath /nowhere app"),
        ("a signature", "head -c 100000 /dev/zero >> app"),
        ("cut off", "truncate -s -100000 app"),
    ] {
        copied();
        let shell = Command::new("sh").args(["-c", line]).current_dir(&here).output().expect("sh starts");
        let answer = says(&copy);
        let answer = if answer == says(app).replace("/tight/", "/gone5/") { "as before\n" } else { &answer };
        said += &format!("{what}, {}: {answer}", if shell.status.success() { "done" } else { "refused" });
    }
    let deleted = "import os, sys\nos.unlink(sys.executable)\nimport json, town\nprint(town.__name__)";
    copied();
    said += &format!("deleted: {}", transcript(alone(&copy).args(["-I", "-c", deleted]), ""));
    // By its path, a program in a root without /proc finds itself, and its loader is what is missing.
    copied();
    if Command::new("chroot").args(["/", "true"]).status().is_ok_and(|status| status.success()) {
        let mut root = Command::new("chroot");
        said += &format!("an empty root: {}", transcript(root.arg(&here).args(["/app", "-c", "pass"]), ""));
    } else {
        said += "an empty root: exit code 1\n--- errors\nlinktab: /app: the loader that its program asks for is not there: \
                 `linktab needs` says which (error 002)\n";
    }
    let again = linktab(["pack", copy.to_str().expect("ASCII"), "-o", "other"]);
    said += &format!("packed again: {}", again.err.replace(&*copy.to_string_lossy(), "<file>"));
    let said = said.replace(&*copy.to_string_lossy(), "<file>");
    let (before, behind) = said.split_once(" bytes that").expect("how much is gone");
    let before = before.trim_end_matches(|c: char| c.is_ascii_digit());
    insta::assert_snapshot!(format!("{before}… bytes that{behind}"));
    fs::remove_dir_all(here).expect("it can be removed");
}
