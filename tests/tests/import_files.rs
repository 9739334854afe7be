//! Files on `sys.path` that have the name of an extension of the table.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use linktab_tests::{python_app, python_command, target_dir, transcript};

/// A folder with a file for a plain extension, one for a package, and a folder that makes no module.
///
/// Written once: the tests run at the same time, and a file that is written over is empty for a moment.
fn folder() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(write_folder).clone()
}

fn write_folder() -> PathBuf {
    let folder = target_dir("import").join("files");
    for (path, code) in [
        ("acme/__init__.py", ""),
        ("acme/geo/__init__.py", ""),
        ("acme/geo/_core.py", "from_file = True\n"),
        ("native/__init__.py", "from_file = True\n"),
        ("solo/sub.py", "x = 1\n"),
        ("linktab.py", "from_file = True\n"),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder can be made");
        fs::write(path, code).expect("a file can be written");
    }
    folder
}

const SHOW: &str = "
import importlib, sys
linktab = importlib.import_module('linktab')
if 'batch' in sys.argv:
    linktab.preload(['acme', 'acme.geo'])
    linktab.preload(['acme.geo._core', 'native', 'solo', 'acme.old._once'])
for name in 'acme.geo._core', 'native', 'solo', 'solo.sub', 'acme.old._once', 'linktab':
    module = importlib.import_module(name)
    print(f\"{name:15} {'file' if hasattr(module, 'from_file') else module.__spec__.origin.rpartition('/')[2]}\")
";

/// What the modules are, and what linktab says of files with `-v`.
fn show(options: &[&str], variable: Option<&str>) -> String {
    let folder = folder();
    let mut command = python_command(&python_app("import-app"));
    command.env("PYTHONDONTWRITEBYTECODE", "1").envs(variable.map(|value| ("LINKTAB_FILES_FIRST", value)));
    // With `-E` the path is not heard of.
    let code = format!("import sys; sys.path.insert(0, {:?})\n{SHOW}", folder.display().to_string());
    let said = transcript(command.args(options).args(["-S", "-c", &code]), "");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace");
    let shown = folder.display().to_string().replace(&workspace.display().to_string(), "<workspace>");
    let said = said.replace(&shown, "<folder>");
    let (output, errors) = said.split_once("--- errors\n").unwrap_or((&said, ""));
    let ours: Vec<&str> = errors.lines().filter(|line| line.starts_with("# linktab: ")).collect();
    format!("{output}{}\n", ours.join("\n"))
}

#[test]
fn an_extension_comes_before_a_file_and_verbose_says_so() {
    let quiet = show(&[], None);
    assert_eq!(show(&[], Some("")), quiet, "an empty variable is none");
    let verbose = show(&["-v"], None);
    assert!(verbose.starts_with(quiet.trim_end()), "{verbose}");
    insta::assert_snapshot!(verbose);
}

#[test]
fn a_variable_lets_files_come_first() {
    let quiet = show(&[], Some("1"));
    let verbose = show(&["-v"], Some("1"));
    assert!(verbose.starts_with(quiet.trim_end()), "{verbose}");
    insta::assert_snapshot!(verbose);
    assert_eq!(show(&["-E"], Some("1")), show(&[], None), "told to ignore the environment");
    assert_eq!(show(&["-I"], Some("1")), show(&[], None), "isolated");
}

#[test]
fn a_batch_takes_what_an_import_takes() {
    let folder = folder();
    for variable in [None, Some("1")] {
        let say = |batch: &str| {
            let mut command = python_command(&python_app("import-app"));
            command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONPATH", &folder);
            command.envs(variable.map(|value| ("LINKTAB_FILES_FIRST", value)));
            transcript(command.args(["-S", "-c", SHOW, batch]), "")
        };
        assert_eq!(say("batch"), say("one by one"), "{variable:?}");
    }
}
