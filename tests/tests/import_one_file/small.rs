//! `linktab pack --compress --strip`: the same program in less room, the same bytes from the same inputs, and the
//! command that finds what it found.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use linktab_tests::verify::{self, linktab};
use linktab_tests::{libpython_is_shared, python_app, run, transcript, try_run};

use super::lost::{found, says};
use super::{folder, fresh, packed, wheels};

/// Packs a copy of the executable with copies of everything else, as another user does elsewhere at another time.
fn pack(name: &str, before: &str) -> PathBuf {
    let here = fresh(name);
    fs::create_dir(here.join("tmp")).expect("a folder can be made");
    // Its index is where pip looks for it, and no input.
    let index = wheels::index(&here);
    let mut shell = Command::new("sh");
    shell.arg("-ec").arg(format!(
        "{before}
         cp \"$1\" input
         cp -R \"$2\" code
         find code -exec touch -d \"$4\" {{}} +
         exec \"$3\" pack input --output app --code code --compress --strip -r \"$5\" --with harbour"
    ));
    shell.arg("sh").arg(python_app("import-app")).arg(folder("code")).arg(verify::command());
    shell.arg(if name == "small" { "2001-02-03" } else { "2022-02-02" }).arg(index);
    let said = run(shell.current_dir(&here).env("TMPDIR", here.join("tmp")));
    assert!(said.starts_with("app: "), "{said}");
    here.join("app")
}

fn small() -> Option<&'static Path> {
    static SMALL: OnceLock<PathBuf> = OnceLock::new();
    packed()?;
    Some(SMALL.get_or_init(|| pack("small", "umask 022")))
}

#[test]
fn it_is_the_same_program_in_less_room() {
    let (Some(app), Some(large)) = (small(), packed()) else { return };
    assert_eq!(says(app).replace("/small/", "/moved/"), says(large), "what it says");
    let size = |path: &Path| path.metadata().expect("it is there").len();
    assert!(size(app) * 3 < size(large) * 2, "{} of {}", size(app), size(large));
    // What is found in the executable is found in it too: names of functions, records, what is built in.
    let told = |command: &str, path: &Path| {
        let ran = linktab([command, "--no-config", "-v", path.to_str().expect("an ASCII path")]);
        let words = ran.out + &ran.err;
        let words = words.replace(&*path.to_string_lossy(), "<file>");
        words
            .lines()
            .filter(|line| !line.contains(" files behind it"))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    for command in ["list", "check"] {
        assert_eq!(told(command, app), told(command, large), "{command}");
    }
    assert_eq!(found(app), found(large));
}

#[test]
fn every_kind_of_entry_is_deflated_but_what_comes_first() {
    let Some(app) = small() else { return };
    let code = "
import sys, zipfile
with zipfile.ZipFile(sys.executable) as archive:
    entries = archive.infolist()
    assert archive.testzip() is None
kinds = {True: 'deflated', False: 'stored'}
for name in 'json/decoder.pyc', 'harbour/cli.pyc', 'quay/data/names.txt', 'harbour.libs/libwinch-00112233.so':
    print(name, *[kinds[entry.compress_type == 8] for entry in entries if entry.filename == name])
stored = {entry.filename for entry in entries if not entry.compress_type and entry.file_size > 1000}
print(len(stored) < 150, sum(entry.compress_type == 8 for entry in entries) > 300)
";
    insta::assert_snapshot!(transcript(super::alone(app).args(["-I", "-c", code]), ""));
}

#[test]
fn damage_of_a_deflated_entry_is_told() {
    let Some(app) = small() else { return };
    let copy = fresh("small-damaged").join("app");
    run(Command::new("cp").arg(app).arg(&copy));
    let code = "
import sys, zipfile
[app] = sys.argv[1:]
entry = zipfile.ZipFile(app).getinfo('json/decoder.pyc')
with open(app, 'r+b') as file:
    file.seek(entry.header_offset + 30 + len(entry.filename) + 8 + entry.compress_size // 2)
    byte = file.read(1)[0]
    file.seek(-1, 1)
    file.write(bytes([byte ^ 8]))
";
    run(super::alone(app).args(["-I", "-c", code]).arg(&copy));
    let (said, found) = (says(&copy), found(&copy));
    let last = said.lines().last().unwrap_or_default();
    assert!(said.starts_with("exit code 1\n"), "{said}");
    assert!(
        last.starts_with("OSError: json/decoder.pyc: damaged in the archive behind this program, at 0x"),
        "{said}"
    );
    assert!(
        found.starts_with("exit Findings") && found.contains("`json/decoder.pyc` is not what was packed"),
        "{found}"
    );
}

#[test]
fn the_same_inputs_give_the_same_bytes_elsewhere() {
    let Some(app) = small() else { return };
    let again = pack("small-again", "umask 077");
    let differ = fs::read(app).expect("it can be read") != fs::read(&again).expect("it can be read");
    assert!(!differ, "{} and {}", app.display(), again.display());
}

/// Without what it takes, the command says so, and leaves nothing behind.
#[test]
fn what_is_missing_is_told() {
    if libpython_is_shared() {
        return;
    }
    let here = fresh("small-refused");
    let pack = |option: &str| {
        let mut pack = Command::new(verify::command());
        pack.arg("pack").arg(python_app("import-app")).arg("--output").arg(here.join("app")).arg(option);
        let output = try_run(pack.env("PATH", &here));
        let left = fs::read_dir(&here).expect("it can be read").count();
        format!("{} {left} {}", output.status, String::from_utf8_lossy(&output.stderr))
    };
    insta::assert_snapshot!(pack("--strip"));
}
