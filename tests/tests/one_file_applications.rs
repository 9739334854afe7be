//! Applications of packages from PyPI, each at its newest version, in one file that is moved to a root with nothing
//! else: they say there what they say with the stock interpreter and the packages in a folder.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use linktab_tests::verify::command;
use linktab_tests::{fixture, python_app, python_command, run, stock_python, target_dir, transcript};

const APPLICATIONS: [&str; 6] = ["chart", "documents", "pictures", "tables", "tidy", "web"];

/// What the system has to have: the C library, and what wheels and CPython's own extensions may ask of it.
const SYSTEM: &str = "ld-linux-x86-64 libbz2 libc libcrypt libcrypto libdl libexpat libffi libfribidi libgcc_s liblzma libm libnsl \
                      libpthread libresolv librt libsqlite3 libssl libstdc++ libutil libuuid libz libzstd";

/// Where pip has put the packages.
fn site() -> PathBuf {
    env::var_os("LINKTAB_SITE").map(PathBuf::from).expect("xtask sets it")
}

/// A root with the packed program, `app`; none where this process may not change into it.
fn root() -> Option<&'static Path> {
    static ROOT: OnceLock<Option<PathBuf>> = OnceLock::new();
    ROOT.get_or_init(make_root).as_deref()
}

fn make_root() -> Option<PathBuf> {
    if !Command::new("chroot").args(["/", "true"]).status().is_ok_and(|status| status.success()) {
        println!("skipped: only root may change into an empty root");
        return None;
    }
    let app = python_app("import-app");
    let key = app.parent().and_then(Path::file_name).expect("it is in a folder");
    let folder = target_dir("one-file-applications").join(key);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("a folder can be removed");
    }
    let (root, cache) = (folder.join("root"), folder.join("cache"));
    for folder in [&root, &cache] {
        fs::create_dir_all(folder).expect("a folder can be made");
    }
    let mut pack = Command::new(command());
    pack.arg("pack").arg(app).arg("--output").arg(root.join("app"));
    run(pack.arg("--strip").arg("--site").arg(site()).arg("--code").arg(applications()));
    let mut copy = python_command(&stock_python());
    copy.arg(fixture("one_file").join("copy_root.py")).arg(&root).arg(&cache).args(APPLICATIONS);
    let libraries = run(&mut copy);
    let others: Vec<&str> = libraries
        .split_whitespace()
        .filter(|name| !SYSTEM.split_whitespace().any(|one| one == *name))
        .collect();
    assert_eq!(others, [""; 0], "libraries of the system that a packed program loads");
    Some(root)
}

fn applications() -> PathBuf {
    fixture("one_file").join("applications")
}

/// What the application says in the root, with `/proc` or without.
fn packed(root: &Path, name: &str, has_proc: bool) -> String {
    let mut command = Command::new("unshare");
    let proc = if has_proc { "mount -t proc proc \"$1/proc\"; " } else { "" };
    command.args(["--mount", "sh", "-ec", &format!("{proc}exec chroot \"$1\" /app -m \"$2\""), "sh"]);
    let path = env::var_os("PATH").unwrap_or_default();
    transcript(
        command.arg(root).arg(name).env_clear().env("PATH", path).env("HOME", "/tmp").current_dir("/"),
        "",
    )
}

/// What it says with the stock interpreter.
fn stock(name: &str) -> String {
    let mut python = python_command(&stock_python());
    let places = env::join_paths([site(), applications()]).expect("no colon is in them");
    let home = target_dir("one-file-applications");
    transcript(python.args(["-m", name]).env("PYTHONPATH", places).env("HOME", home), "")
}

fn says_the_same(name: &str) {
    let Some(root) = root() else { return };
    let expected = stock(name);
    assert!(expected.len() > 20 && !expected.contains("Traceback"), "{expected}");
    for has_proc in [true, false] {
        assert_eq!(packed(root, name, has_proc), expected, "{name}, has /proc: {has_proc}");
    }
}

#[test]
fn numpy_and_pandas_compute() {
    says_the_same("tables");
}

#[test]
fn matplotlib_draws_a_png() {
    says_the_same("chart");
}

#[test]
fn requests_gets_a_page_over_https_and_lxml_reads_it() {
    says_the_same("documents");
}

#[test]
fn pillow_cryptography_and_pydantic_work() {
    says_the_same("pictures");
}

#[test]
fn uvicorn_and_starlette_answer_requests() {
    says_the_same("web");
}

#[test]
fn black_formats_a_file() {
    says_the_same("tidy");
}
