//! The executables of `tests/fixtures/import`, built for the CPython of `PYO3_CONFIG_FILE`, and what
//! they print.
//!
//! Knows the config file (`cargo xtask test` writes it); knows nothing of how a CPython is found.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::{fixture, run, target_dir};

/// An executable of the fixture, built if need be.
///
/// # Panics
///
/// When no CPython is given, or the build fails.
#[must_use]
pub fn python_app(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build(&[])).join(name)
}

/// The executable with every extension, built with `LINKTAB_PYTHON_HOME` set.
///
/// # Panics
///
/// As [`python_app`] does.
#[must_use]
pub fn python_app_with_home(home: &Path) -> PathBuf {
    build(&[("LINKTAB_PYTHON_HOME", home)]).join("import-app")
}

/// Builds every package of the fixture; returns the folder of the results.
fn build(variables: &[(&str, &Path)]) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (config_file(), variables).hash(&mut hasher);
    let target_dir = target_dir("import").join(format!("{:016x}", hasher.finish()));
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--locked"]).current_dir(fixture("import"));
    cargo.env("CARGO_TARGET_DIR", &target_dir).envs(variables.iter().copied());
    // What a static libpython needs of the linker is told in this variable.
    let flags = env::var_os("RUSTFLAGS").unwrap_or_default();
    let status = cargo.env("RUSTFLAGS", flags).status().expect("cargo can be started");
    assert!(status.success(), "{cargo:?} ended with {status}");
    target_dir.join("debug")
}

/// Builds the C program around the static library, with GNU ld.
///
/// # Panics
///
/// When there is no `PYO3_CONFIG_FILE`, or the compiler fails.
#[must_use]
pub fn c_host() -> PathBuf {
    let library = python_app("libfixture_import_staticlib.a");
    let program = library.with_file_name("c-host");
    let finder = fixture("import").join("../../../finder/include");
    let mut cc = Command::new("cc");
    cc.arg(fixture("import").join("staticlib/main.c")).arg("-o").arg(&program);
    cc.args(["-fuse-ld=bfd", "-rdynamic", "-I"]).arg(finder);
    for folder in env::split_paths(&env::var_os("LINKTAB_PYTHON_INCLUDE").unwrap_or_default()) {
        cc.arg("-I").arg(folder);
    }
    cc.arg("-Wl,--whole-archive").arg(library).arg("-Wl,--no-whole-archive");
    cc.args(libpython()).args(["-ldl", "-lpthread", "-lm"]);
    if env::var("RUSTFLAGS").is_ok_and(|flags| flags.contains("-no-pie")) {
        cc.arg("-no-pie");
    }
    run(&mut cc);
    program
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

/// The text of the config file.
struct Config(String);

fn config() -> Config {
    Config(fs::read_to_string(config_file()).expect("PYO3_CONFIG_FILE can be read"))
}

impl Config {
    fn value(&self, key: &str) -> &str {
        let mut pairs = self.0.lines().filter_map(|line| line.split_once('='));
        pairs.find(|(found, _)| *found == key).map_or("", |(_, value)| value)
    }
}

/// How the config file links libpython, for a C compiler.
fn libpython() -> Vec<String> {
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
    if value("shared") == "true" {
        arguments.push(format!("-Wl,-rpath,{folder}"));
    }
    arguments.extend(extra("lib").iter().map(|library| format!("-l{library}")));
    arguments
}

fn config_file() -> PathBuf {
    let file = env::var_os("PYO3_CONFIG_FILE")
        .expect("PYO3_CONFIG_FILE says which CPython is linked in: run these tests with `cargo xtask test`");
    PathBuf::from(file)
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
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
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
