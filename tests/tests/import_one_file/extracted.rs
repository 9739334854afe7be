//! Shared objects of the archive as files: where the user wants them, and where the system has none in memory.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::{bare_root, python_app, python_command, run, stock_python, transcript};

use super::{alone, fresh, linktab, packed, shared_objects};

/// Every file below a folder, with its mode.
pub fn files(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let entry = entry.expect("a folder can be read");
        let (path, mode) = (entry.path(), entry.metadata().expect("it is there").permissions().mode());
        found.push((path.clone(), mode & 0o7777));
        if path.is_dir() {
            found.extend(files(&path));
        }
    }
    found.sort();
    found
}

const USE: &str = "
import os, sys, harbour._crane as crane, harbour._boat as boat
print(crane.lift(1), boat.lift(1), os.path.relpath(crane.__file__, sys.argv[1]))
with open('/proc/self/maps') as file:
    maps = file.read()
print([(name, maps.count('memfd:') > 0, f'/{name}' in maps) for name in ('harbour/_crane', 'harbour.libs/libwinch')])
";

#[test]
fn a_private_folder_takes_the_place_of_memory_and_is_checked_before_use() {
    let Some(app) = packed() else { return };
    let folder = fresh("extract").join("cache");
    let said = || {
        let mut command = alone(app);
        command.env("LINKTAB_EXTRACT", &folder).args(["-c", USE]).arg(app);
        transcript(&mut command, "").replace(&shown(&folder), "<folder>")
    };
    let first = said();
    let there = files(&folder);
    let content = there[0].0.clone();
    let list: String = there
        .iter()
        .map(|(path, mode)| (path.strip_prefix(&content).unwrap_or(path).display().to_string(), mode))
        .map(|(path, mode)| format!("{mode:o} <content>/{path}\n"))
        .collect();
    // Somebody changed a library, and left another's in the way of a second.
    let library = content.join("harbour.libs/libwinch-00112233.so");
    let right = fs::read(&library).expect("a file can be read");
    fs::remove_file(&library).expect("a file can be removed");
    fs::write(&library, &right[..right.len() - 1]).expect("a file can be written");
    let pulley = content.join("harbour.libs/libpulley-9f8e7d6c.so.1");
    fs::remove_file(&pulley).expect("a file can be removed");
    std::os::unix::fs::symlink(&library, &pulley).expect("a link can be made");
    assert_eq!(said(), first);
    assert_eq!(fs::read(&library).expect("a file can be read"), right);
    assert!(!pulley.is_symlink());
    // A folder that others may enter is nobody's secret.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
    let refused = said();
    let refused = refused.lines().last().unwrap_or_default();
    insta::assert_snapshot!(format!("{first}{list}{refused}\n"));
}

/// A path as a transcript shows it.
fn shown(path: &Path) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace");
    path.display().to_string().replace(&workspace.display().to_string(), "<workspace>")
}

#[test]
fn a_file_that_was_packed_to_be_extracted_is_unless_the_environment_says_no() {
    if packed().is_none() {
        return;
    }
    let (code, cache) = (fresh("extract-code"), fresh("extract-home"));
    shared_objects::wheel(&code);
    let (build, app) = (python_app("import-app"), fresh("extract-made").join("app"));
    let words = [&build, Path::new("--output"), &app, Path::new("--code"), &code, Path::new("--extract")];
    let (exit, said) = linktab(&words);
    assert_eq!(exit, 0, "{said}");
    let said = |choice: &str| {
        let mut command = alone(&app);
        command.env("XDG_CACHE_HOME", &cache).env("LINKTAB_EXTRACT", choice).args(["-c", USE]).arg(&app);
        transcript(&mut command, "")
    };
    let in_memory = said("0");
    assert_eq!(files(&cache), []);
    let on_disk = said("");
    assert_eq!(files(&cache)[0], (cache.join("linktab"), 0o700));
    insta::assert_snapshot!(format!("{in_memory}{on_disk}"));
}

#[test]
fn it_runs_where_there_is_nothing_but_its_libraries() {
    let Some(app) = packed() else { return };
    let root = fresh("root");
    let Some(mut command) = bare_root(app, &root) else { return };
    let code =
        "import harbour._crane as c, json, sys, town; print(json.__file__, town.core.__name__, c.lift(1))";
    command.args(["-c", code]).env("HOME", "/home").env_remove("XDG_CACHE_HOME");
    assert_eq!(transcript(&mut command, ""), "/app/json/__init__.pyc acme.geo._core 2\n");
    assert!(root.join("home/.cache/linktab").is_dir());
}

/// The archive's own code, with two libraries for an archive.
const ONE_BY_ONE: &str = "
import ctypes, os, sys
libc = ctypes.CDLL(None)
libc.dlopen.restype, libc.dlerror.restype = ctypes.c_void_p, ctypes.c_char_p
exec(open(sys.argv[1]).read())
CONTENT = 'content'
closure, loaded = lambda file: ['libbow.so', 'libstern.so'], lambda file: None
def read(file):
    return open(os.path.join(sys.argv[2], file), 'rb').read()
def dlopen(name, flags):
    if not libc.dlopen(name, flags):
        raise ImportError(libc.dlerror().decode())
try:
    print(ctypes.CDLL(on_disk('libstern.so')['libstern.so']).both())
except ImportError as error:
    print(error.msg.replace(sys.argv[2], '<folder>'))
";

/// As those of UCX do, which MPI needs: one has no search path and is found because it is loaded before, and takes a
/// function from the one that needs it. What nobody has is told.
#[test]
fn a_library_that_takes_from_the_one_that_needs_it_is_loaded_before_it() {
    let said = ["stern", "rudder"].map(|taken| {
        let folder = fresh(&format!("takes-{taken}"));
        let library = |name: &str, code: &str, words: &[&str]| {
            super::write(&folder.join("library.c"), code);
            let mut cc = Command::new("cc");
            cc.args(["-shared", "-fPIC", "library.c", "-Wl,-z,lazy"]).current_dir(&folder);
            run(cc.args(["-o", name, &format!("-Wl,-soname,{name}")]).args(words));
        };
        let bow = format!("int {taken}(void); int bow(void) {{ return {taken}() + 1; }}");
        library("libbow.so", &bow, &[]);
        let stern = "int bow(void); int stern(void) { return 1; } int both(void) { return bow(); }";
        library("libstern.so", stern, &["-L.", "-l:libbow.so", "-Wl,--allow-shlib-undefined"]);
        let code = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verify-tool/src/commands/pack_extract.py");
        let mut python = python_command(&stock_python());
        python.args(["-c", ONE_BY_ONE]).arg(code).arg(&folder).env("LINKTAB_EXTRACT", folder.join("private"));
        transcript(&mut python, "")
    });
    let untold = "<folder>/private/content/libbow.so: undefined symbol: rudder\n";
    assert_eq!(said, ["2\n", untold]);
}
