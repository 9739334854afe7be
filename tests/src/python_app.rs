//! The executables of `tests/fixtures/import`, built for the CPython of `PYO3_CONFIG_FILE`, and what
//! they print.
//!
//! Knows the config file (`cargo xtask test` writes it); knows nothing of how a CPython is found.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::behaviour::Build;
use crate::import_build::{build, config_file};
use crate::recipe::embedding_recipe;
use crate::{fixture, run, when_written};

/// An executable of the fixture, built if need be.
///
/// # Panics
///
/// When no CPython is given, or the build fails.
#[must_use]
pub fn python_app(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("build", &[], &[])).join(name)
}

/// The executable with every extension, built with `LINKTAB_PYTHON_HOME` set.
///
/// # Panics
///
/// As [`python_app`] does.
#[must_use]
pub fn python_app_with_home(home: &Path) -> PathBuf {
    let options = ["--package", "fixture-import-app", "--bin", "import-app"];
    build("build-with-home", &options, &[("LINKTAB_PYTHON_HOME", home)]).join("import-app")
}

/// The executable with what `linktab adopt` put into a folder.
///
/// # Panics
///
/// As [`python_app`] does.
#[must_use]
pub fn python_app_with_adopted(folder: &Path) -> PathBuf {
    let options = ["--package", "fixture-import-adopted", "--bin", "adopted-app"];
    build("build", &options, &[("LINKTAB_ADOPTED", folder)]).join("adopted-app")
}

/// Builds the C program around the static library, with GNU ld, and with more C sources in it. Its file
/// is called `name`.
///
/// # Panics
///
/// When there is no `PYO3_CONFIG_FILE`, or the compiler fails.
#[must_use]
pub fn c_host(name: &str, more: &[&Path]) -> PathBuf {
    c_host_with(name, more, &[])
}

/// [`c_host`], with more arguments for the linker.
#[must_use]
pub fn c_host_with(name: &str, more: &[&Path], arguments: &[&str]) -> PathBuf {
    let main = fixture("import").join("staticlib/main.c");
    let sources: Vec<&Path> = std::iter::once(main.as_path()).chain(more.iter().copied()).collect();
    c_program(name, &sources, arguments)
}

/// A program of these C sources and the static library, linked as the header says.
#[must_use]
pub fn c_program(name: &str, sources: &[&Path], arguments: &[&str]) -> PathBuf {
    let library = python_app("libfixture_import_staticlib.a");
    let program = library.with_file_name(name);
    // Some libpythons want words of their own from the linker; the driver knows them.
    let mut cc = Command::new(env::var_os("LINKTAB_CC").unwrap_or_else(|| "cc".into()));
    for (number, source) in sources.iter().enumerate() {
        let object = program.with_extension(format!("{number}.o"));
        run(python_cc().arg("-c").arg(source).arg("-o").arg(&object));
        cc.arg(object);
    }
    cc.arg("-o").arg(&program).arg("-fuse-ld=bfd");
    for word in embedding_recipe().1 {
        match word.as_str() {
            // The objects stand for both.
            "main.c" | "$(python3-config --includes)" => {}
            "libapp.a" => drop(cc.arg(&library)),
            // A CPython that is not installed has no such program.
            "$(python3-config --ldflags --embed)" => drop(cc.args(libpython())),
            word => drop(cc.arg(word)),
        }
    }
    run(cc.args(arguments));
    program
}

/// A C compiler that finds the headers of CPython and linktab.
#[must_use]
pub fn python_cc() -> Command {
    let mut cc = Command::new("cc");
    for folder in ["finder/include", "registry/include"] {
        cc.arg("-I").arg(fixture("import").join("../../..").join(folder));
    }
    for folder in env::split_paths(&env::var_os("LINKTAB_PYTHON_INCLUDE").unwrap_or_default()) {
        cc.arg("-I").arg(folder);
    }
    cc
}

/// The interpreter that belongs to the libpython of the config file.
///
/// # Panics
///
/// When no CPython is given.
#[must_use]
pub fn stock_python() -> PathBuf {
    PathBuf::from(config().value("executable"))
}

/// Whether libpython is a file of its own.
///
/// # Panics
///
/// When no CPython is given.
#[must_use]
pub fn libpython_is_shared() -> bool {
    config().value("shared") == "true"
}

/// What tells this CPython from others.
///
/// # Panics
///
/// When no CPython is given.
#[must_use]
pub fn build_at_hand() -> Build {
    Build {
        minor: python_minor(),
        shared: libpython_is_shared(),
        free_threaded: config().value("build_flags").split(',').any(|flag| flag == "Py_GIL_DISABLED"),
    }
}

/// 14 of 3.14.
///
/// # Panics
///
/// When no CPython is given.
#[must_use]
pub fn python_minor() -> u32 {
    let config = config();
    let minor = config.value("version").strip_prefix("3.").and_then(|minor| minor.parse().ok());
    minor.expect("the config file says 3.MINOR")
}

/// The text of the config file.
pub(crate) struct Config(pub(crate) String);

pub(crate) fn config() -> Config {
    Config(fs::read_to_string(config_file()).expect("PYO3_CONFIG_FILE can be read"))
}

impl Config {
    fn value(&self, key: &str) -> &str {
        let mut pairs = self.0.lines().filter_map(|line| line.split_once('='));
        pairs.find(|(found, _)| *found == key).map_or("", |(_, value)| value)
    }
}

/// How the config file links libpython, for a C compiler.
pub(crate) fn libpython() -> Vec<String> {
    let config = config();
    let (text, value) = (&config.0, |key| config.value(key));
    let extra = |kind| {
        let prefix = format!("extra_build_script_line=cargo:rustc-link-{kind}=");
        let values = text.lines().filter_map(|line| line.strip_prefix(&prefix));
        values.map(|value| value.rsplit('=').next().unwrap_or(value).to_owned()).collect::<Vec<_>>()
    };
    let folder = value("lib_dir");
    let mut arguments = vec![format!("-L{folder}")];
    arguments.extend(extra("search").iter().map(|folder| format!("-L{folder}")));
    arguments.push(format!("-l{}", value("lib_name")));
    if libpython_is_shared() {
        arguments.push(format!("-Wl,-rpath,{folder}"));
    }
    arguments.extend(extra("lib").iter().map(|library| format!("-l{library}")));
    arguments
}

/// The command to run a program that initialises Python by itself: where CPython does not find its
/// standard library, it is told.
#[must_use]
pub fn host_command(program: &Path) -> Command {
    let mut command = python_command(program);
    command.envs(given_home().map(|home| ("PYTHONHOME", home)));
    command
}

/// The prefix of a CPython that was unpacked where it was not configured to be.
#[must_use]
pub fn given_home() -> Option<PathBuf> {
    env::var_os("LINKTAB_PYTHON_HOME").map(PathBuf::from)
}

/// The command to run an executable of the fixture, with none of the caller's `PYTHON…` variables.
#[must_use]
pub fn python_command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (key, _) in env::vars_os() {
        if key.to_string_lossy().starts_with("PYTHON") {
            command.env_remove(key);
        }
    }
    command
}

/// All that a program says: exit code, output, errors. Its path is written `<executable>`, that of
/// the workspace `<workspace>`.
///
/// # Panics
///
/// When it cannot be started, or prints what is no UTF-8.
#[must_use]
pub fn transcript(command: &mut Command, input: &str) -> String {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = when_written(|| command.spawn())
        .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    child
        .stdin
        .take()
        .expect("it is piped")
        .write_all(input.as_bytes())
        .expect("the program reads its input");
    let output = child.wait_with_output().expect("the program ends");
    let mut text = String::new();
    match output.status.code() {
        Some(0) => {}
        Some(code) => text = format!("exit code {code}\n"),
        None => text = format!("{}\n", output.status),
    }
    for (title, bytes) in [("", output.stdout), ("--- errors\n", output.stderr)] {
        if !bytes.is_empty() {
            let _ = write!(text, "{title}{}", String::from_utf8(bytes).expect("the program prints UTF-8"));
        }
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace");
    let text = text.replace(&*command.get_program().to_string_lossy(), "<executable>");
    text.replace(&workspace.display().to_string(), "<workspace>")
}

/// What the executable with every extension says to a piece of Python code.
///
/// # Panics
///
/// As [`transcript`] does.
#[must_use]
pub fn python(code: &str) -> String {
    transcript(python_command(&python_app("import-app")).args(["-c", code]), "")
}
