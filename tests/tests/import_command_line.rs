//! The executable is a `python`: whatever the command line and the environment say, it answers as the
//! stock interpreter does.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::{python_app, python_command, stock_python, target_dir, transcript};

/// Everything that options and variables can change.
const SHOW: &str = "
import subprocess, sys
print(__name__, sys.argv, sys.orig_argv if sys.version_info >= (3, 10) else '')
print(sys.flags)
print(sys.warnoptions, sys._xoptions, 'site' in sys.modules, sys.dont_write_bytecode)
print(sys.path)
print(sys.prefix, sys.exec_prefix, sys.base_prefix, sys.platlibdir, sys.executable)
print(sys.stdin.encoding, sys.stdout.errors, sys.getfilesystemencoding())
print(subprocess._args_from_interpreter_flags())
print(sys.pycache_prefix, '_imp' in sys.modules, 'tracemalloc' in sys.modules, sys.stdin is None)
import tracemalloc
print(tracemalloc.is_tracing(), tracemalloc.get_traceback_limit())
print(hash('linktab') if sys.flags.hash_randomization == 0 else '')
";

/// What both interpreters say to the same arguments, variables and input; they must agree.
fn both(arguments: &[&OsStr], variables: &[(&str, &str)], input: &str) -> String {
    let say = |program: &Path| {
        let mut command = python_command(program);
        transcript(command.args(arguments).envs(variables.iter().copied()), input)
    };
    let (stock, ours) = (say(&stock_python()), say(&python_app("import-app")));
    assert_eq!(stock, ours, "{arguments:?} {variables:?}");
    ours
}

/// Both interpreters, and the exit code that they agreed on.
fn agree(arguments: &[&str]) -> String {
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    both(&arguments, &[], "")
}

fn folder(name: &str) -> PathBuf {
    let folder = target_dir("import").join(name);
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

#[test]
fn options_mean_what_they_mean() {
    for options in [
        &[][..],
        &["-I"],
        &["-E"],
        &["-S"],
        &["-s"],
        &["-O"],
        &["-OO"],
        &["-B"],
        &["-b"],
        &["-q"],
        &["-u"],
        &["-R"],
        &["-ISEOO"],
        &["-W", "error::UserWarning", "-Wignore"],
        &["-X", "dev"],
        &["-X", "utf8", "-X", "faulthandler", "-Xsomething=else"],
        &["-X", "warn_default_encoding"],
        &["-X", "tracemalloc=5"],
        // Nothing may be written: the folder would be in the sources.
        &["-B", "-X", "pycache_prefix=elsewhere"],
        &["-X", "int_max_str_digits=1000"],
        &["-X", "no_debug_ranges"],
        &["-X", "frozen_modules=off"],
    ] {
        let said = agree(&[options, &["-c", SHOW, "one", "-two"]].concat());
        assert!(said.starts_with("__main__ ['-c', 'one', '-two']"), "{options:?}: {said}");
    }
}

#[test]
fn variables_mean_what_they_mean() {
    let elsewhere = folder("elsewhere").display().to_string();
    for variable in [
        ("PYTHONPATH", elsewhere.as_str()),
        ("PYTHONWARNINGS", "error::UserWarning"),
        ("PYTHONOPTIMIZE", "2"),
        ("PYTHONHASHSEED", "0"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONNOUSERSITE", "1"),
        ("PYTHONUTF8", "1"),
        ("PYTHONWARNDEFAULTENCODING", "1"),
        ("PYTHONTRACEMALLOC", "3"),
        ("PYTHONPYCACHEPREFIX", "/nowhere"),
        ("PYTHONDEVMODE", "1"),
        ("PYTHONIOENCODING", "latin-1:replace"),
        ("PYTHONHOME", "/nowhere"),
    ] {
        for options in [&["-c"][..], &["-E", "-c"], &["-I", "-c"]] {
            let arguments: Vec<&OsStr> = options.iter().chain(&[SHOW]).map(OsStr::new).collect();
            // A wrong PYTHONHOME prints the address of a thread.
            if variable.0 != "PYTHONHOME" || options.len() > 1 {
                both(&arguments, &[variable], "");
            }
        }
    }
}

#[test]
fn code_comes_from_scripts_modules_folders_and_standard_input() {
    let folder = folder("sources");
    fs::write(folder.join("__main__.py"), SHOW).expect("a file can be written");
    fs::write(folder.join("script.py"), SHOW).expect("a file can be written");
    let script = folder.join("script.py").display().to_string();
    let folder = folder.display().to_string();
    for arguments in [&[script.as_str(), "a", "b"][..], &[folder.as_str(), "-c"], &["-I", script.as_str()]] {
        let said = agree(arguments);
        assert!(said.starts_with("__main__"), "{said}");
    }
    for arguments in [&[][..], &["-"], &["-", "one"]] {
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let said = both(&arguments, &[], SHOW);
        assert!(said.starts_with("__main__"), "{said}");
    }
    let module = [OsStr::new("-m"), OsStr::new("script"), OsStr::new("-x")];
    let said = both(&module, &[("PYTHONPATH", &folder)], "");
    assert!(said.starts_with("__main__"), "{said}");
    // Bytes that no encoding of the locale knows.
    both(
        &[OsStr::new("-c"), OsStr::new("import sys; print(ascii(sys.argv))"), OsStr::from_bytes(b"\xff\x80")],
        &[],
        "",
    );
}

#[test]
fn exit_codes_and_reports_are_pythons() {
    let mut said = Vec::new();
    for arguments in [
        &["-c", "pass"][..],
        &["-c", "raise SystemExit"],
        &["-c", "raise SystemExit(3)"],
        &["-c", "raise SystemExit(259)"],
        &["-c", "raise SystemExit('said at the end')"],
        &["-c", "1 / 0"],
        &["-c", "this is no python"],
        &["-c", "raise KeyboardInterrupt"],
        &["-c", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"],
        &["-m", "no_such_module"],
        &["no_such_script.py"],
    ] {
        // Tracebacks are drawn differently in each version.
        let outcome = agree(arguments).lines().next().unwrap_or("exit code 0").to_owned();
        said.push(format!("{}: {outcome}", arguments.join(" ")));
    }
    insta::assert_snapshot!(said.join("\n"));
    for arguments in [&["--version"][..], &["-VV"], &["--help"], &["-Z"], &["-X"], &["-W"], &["-c"]] {
        agree(arguments);
    }
}

#[test]
fn streams_that_are_closed_are_none() {
    const CODE: &str =
        "import sys; sys.exit((sys.stdin is None) + 2 * (sys.stdout is None) + 4 * (sys.stderr is None))";
    for (closing, expected) in [("", 0), ("<&-", 1), (">&-", 2), ("2>&-", 4), ("<&- >&- 2>&-", 7)] {
        for program in [stock_python(), python_app("import-app")] {
            let mut shell = python_command(Path::new("sh"));
            shell.args(["-c", &format!("exec \"$0\" -c \"$1\" {closing}")]).arg(&program).arg(CODE);
            let status = shell.stdin(std::process::Stdio::null()).status().expect("sh can be started");
            assert_eq!(status.code(), Some(expected), "{} {closing}", program.display());
        }
    }
}

#[test]
fn an_extension_cannot_be_run_as_a_module() {
    let app = python_app("import-app");
    let said = ["acme.geo._core", "acme.geo", "acme.geo.core"]
        .map(|name| transcript(python_command(&app).args(["-m", name]), ""));
    insta::assert_snapshot!(said.join("----------------\n"));
}

#[test]
fn sys_executable_is_right_however_the_program_is_called() {
    const CODE: &str = "import sys; print(sys.executable)";
    let app = python_app("import-app");
    let bin = app.parent().expect("a file is in a folder");
    let link = folder("links").join("app-by-another-name");
    let _ = fs::remove_file(&link);
    std::os::unix::fs::symlink(&app, &link).expect("a link can be made");

    let absolute = transcript(python_command(&app).args(["-c", CODE]), "");
    let by_path = transcript(python_command(Path::new("import-app")).env("PATH", bin).args(["-c", CODE]), "");
    let relative =
        transcript(python_command(Path::new("./import-app")).current_dir(bin).args(["-c", CODE]), "");
    let linked = transcript(python_command(&link).args(["-c", CODE]), "");
    let mut shell = Command::new("bash");
    shell.args(["-c", "exec -a nonsense \"$0\" -c \"$1\""]).arg(&app).arg(CODE);
    let nonsense = transcript(&mut shell, "");

    assert_eq!(absolute, "<executable>\n");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace");
    let full = format!("{}\n", app.display()).replace(&workspace.display().to_string(), "<workspace>");
    assert_eq!(by_path.replace("<executable>", "import-app"), full);
    assert_eq!(relative.replace("<executable>", "./import-app"), full);
    assert_eq!(linked, "<executable>\n");
    assert_eq!(nonsense, full);
}
