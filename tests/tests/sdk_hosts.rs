//! `linktab install-sdk`: hosts in C and C++ that CMake, Meson and make build, who write no Rust.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use linktab_tests::alone::{Alone, alone};
use linktab_tests::document::blocks;
use linktab_tests::verify::{command, has};
use linktab_tests::{fixture, host_command, python_cc, run, stock_python, target_dir, transcript, try_run};

/// What was installed, moved to another place, and what the command said.
struct Sdk {
    prefix: PathBuf,
    said: String,
    _alone: Alone,
}

fn sdk() -> &'static Sdk {
    static SDK: OnceLock<Sdk> = OnceLock::new();
    SDK.get_or_init(|| {
        let alone = alone("sdk");
        let (first, prefix) = (target_dir("sdk").join("the first"), target_dir("sdk").join("moved there"));
        for folder in [&first, &prefix] {
            let _ = fs::remove_dir_all(folder);
        }
        let mut install = Command::new(command());
        install.arg("install-sdk").arg("--prefix").arg(&first).arg("--python").arg(stock_python());
        install.arg("--source").arg(workspace());
        let said = run(&mut install).replace(&first.display().to_string(), "<prefix>");
        fs::rename(&first, &prefix).expect("it can be moved");
        Sdk { prefix, said, _alone: alone }
    })
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}

/// A host for each of the build systems.
fn example() -> PathBuf {
    workspace().join("examples/c-host")
}

/// An empty folder to build in.
fn build(name: &str) -> PathBuf {
    let folder = target_dir("sdk").join("build").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// What the installed files say of the CPython that they are for: `3.11`, `static`.
fn for_python(key: &str) -> String {
    let package = fs::read_to_string(sdk().prefix.join("lib/pkgconfig/linktab.pc")).expect("it can be read");
    let value = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    value.expect("it says so").to_owned()
}

/// Without what differs between machines and versions of CPython.
fn plain(text: &str, folder: &Path) -> String {
    let stock = stock_python().display().to_string();
    let (abi, kind) = (for_python("python_abi"), for_python("python_kind"));
    text.replace(&folder.display().to_string(), "<build>")
        .replace(&sdk().prefix.display().to_string(), "<prefix>")
        .replace(&workspace().display().to_string(), "<workspace>")
        .replace(&stock, "<python>")
        .replace(&format!("<python> is {}:", for_python("python_version")), "<python> is <version>:")
        .replace(&format!("CPython {abi} ({kind})"), "CPython <abi> (<kind>)")
        .replace(&format!("CPython {abi}"), "CPython <abi>")
}

fn cmake(project: &Path, folder: &Path, prefix: &Path, generator: &str) -> Command {
    let mut cmake = Command::new("cmake");
    cmake.arg("-G").arg(generator).arg("-S").arg(project).arg("-B").arg(folder);
    cmake.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
    cmake
}

/// What a host says that imports what was linked into it, and what is in its table.
fn used(host: &Path, code: &str) -> String {
    let said = transcript(host_command(host).arg(format!("import math\n{code}")), "");
    let table = run(Command::new(sdk().prefix.join("bin/linktab")).arg("list").arg(host));
    // Below the file and the heads of columns, and without what registered them, which each generator names in its way.
    let names = table.lines().skip(2).filter_map(|line| line.split_whitespace().next());
    format!("{said}{}\n", names.collect::<Vec<_>>().join(" "))
}

const ALL: &str = "\
import acme.fast._native as fast, acme.text._native as text, acme.plain._native as plain
print(fast, fast.twice(21), text.count('one two three'), plain.name())
";

const BOTH: &str = "\
import acme.fast._native as fast, acme.text._native as text
print(fast, fast.twice(21), text.count('one two three'))
";

#[test]
fn files_in_the_page_for_c_hosts_are_those_of_the_repository() {
    let shown = blocks("docs/c-hosts.md", "write");
    for (name, text) in &shown {
        let file = example().join(name);
        assert_eq!(fs::read_to_string(&file).expect("it is there"), *text, "{name}");
    }
    assert_eq!(shown.len(), fs::read_dir(example()).expect("the example is there").count());
}

#[test]
fn a_prefix_says_which_cpython_it_is_for() {
    insta::assert_snapshot!(plain(&sdk().said, Path::new("<build>")));
}

#[test]
fn a_host_of_cmake_has_extensions_in_c_and_cpp_and_one_that_knows_nothing_of_linktab() {
    if !has("cmake") {
        return;
    }
    for (generator, tool) in [("Ninja", "ninja"), ("Unix Makefiles", "make")] {
        if has(tool) {
            let folder = build(&format!("cmake-{tool}"));
            run(&mut cmake(&example(), &folder, &sdk().prefix, generator));
            run(Command::new("cmake").arg("--build").arg(&folder));
            insta::assert_snapshot!("a_host_of_cmake", used(&folder.join("host"), ALL));
        }
    }
}

/// What `linktab adopt` made of an object that knows nothing of linktab, in a folder that was moved since, whose name is
/// no plain word.
fn adopted() -> PathBuf {
    let folder = build("adopted");
    let object = folder.join("plain.o");
    let source = example().join("plain.c");
    run(python_cc().args(["-c", "-fPIC"]).arg(source).arg("-o").arg(&object));
    let mut adopt = Command::new(command());
    adopt.arg("adopt").arg("--object").arg(&object).args(["--module", "acme.plain._native"]);
    run(adopt.arg("--python").arg(stock_python()).arg("-o").arg(folder.join("first")));
    fs::rename(folder.join("first"), folder.join("moved there")).expect("it can be moved");
    folder.join("moved there")
}

#[test]
fn a_host_of_cmake_has_what_was_adopted_and_its_build_fails_where_some_of_it_did_not_arrive() {
    if !has("cmake") || !has("ninja") {
        return;
    }
    let (adopted, folder) = (adopted(), build("cmake-adopted"));
    let project = fixture("sdk").join("adopted");
    let configure = || {
        let mut cmake = cmake(&project, &folder, &sdk().prefix, "Ninja");
        run(cmake.arg(format!("-DADOPTED={}", adopted.display())));
    };
    configure();
    run(Command::new("cmake").arg("--build").arg(&folder));
    let code =
        "import acme.fast._native as fast, acme.plain._native as plain; print(fast.twice(21), plain.name())";
    insta::assert_snapshot!("a_host_with_what_was_adopted", used(&folder.join("host"), code));

    // The fault: the arguments of the link lost the object.
    fs::write(adopted.join("link.rsp"), "").expect("it can be written");
    configure();
    let output = try_run(Command::new("cmake").arg("--build").arg(&folder));
    let text = String::from_utf8(output.stdout).expect("ninja prints UTF-8");
    assert!(text.contains("error[LT007]") && text.contains("acme.plain._native"), "{text}");
}

#[test]
fn a_host_of_meson_has_an_archive_of_extensions_whole() {
    if !has("meson") || !has("ninja") || !has("pkg-config") {
        return;
    }
    let folder = build("meson");
    run(&mut meson(&folder, &sdk().prefix));
    run(Command::new("ninja").arg("-C").arg(&folder));
    insta::assert_snapshot!(used(&folder.join("host"), BOTH));
    let report = fs::read_to_string(folder.join("check.txt")).expect("the check was run");
    insta::assert_snapshot!(report, @"host: 3 modules, 0 errors, 0 warnings");
}

fn meson(folder: &Path, prefix: &Path) -> Command {
    let mut meson = Command::new("meson");
    meson.arg("setup").arg(folder).arg(example());
    meson.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
    meson
}

#[test]
fn a_host_of_make_is_linked_by_what_pkg_config_says() {
    if !has("make") || !has("pkg-config") {
        return;
    }
    let folder = build("make");
    let mut make = Command::new("make");
    make.arg("-C").arg(&folder).arg("-f").arg(example().join("Makefile"));
    run(make.env("PKG_CONFIG_PATH", sdk().prefix.join("lib/pkgconfig")));
    let code = "import acme.fast._native as fast; print(fast, fast.twice(21))";
    insta::assert_snapshot!(used(&folder.join("host"), code));
}

#[test]
fn what_is_missing_dropped_doubled_or_not_reviewed_fails_the_build() {
    if !has("cmake") || !has("ninja") {
        return;
    }
    let folder = build("planted");
    run(&mut cmake(&fixture("sdk"), &folder, &sdk().prefix, "Ninja"));
    let mut said = String::new();
    for host in ["sound", "absent", "dropped", "doubled", "unlocked"] {
        let output = try_run(Command::new("cmake").arg("--build").arg(&folder).args(["--target", host]));
        let text = String::from_utf8(output.stdout).expect("ninja prints UTF-8");
        // Behind the command's own line, and before ninja's last.
        let report: Vec<&str> = text
            .lines()
            .skip_while(|line| !line.starts_with("error["))
            .filter(|line| !line.starts_with("ninja: "))
            .collect();
        let ended = if output.status.success() { "is built" } else { "is not built" };
        said += &format!("--- {host} {ended}\n{}\n", report.join("\n"));
    }
    insta::assert_snapshot!(plain(&said, &folder));
}

/// A prefix that says that it is for another CPython.
fn for_another(name: &str) -> PathBuf {
    let prefix = build(name);
    let (abi, kind) = (for_python("python_abi"), for_python("python_kind"));
    for file in [
        "lib/cmake/linktab/linktabConfig.cmake",
        "lib/cmake/linktab/linktabConfigVersion.cmake",
        "lib/cmake/linktab/linktabFunctions.cmake",
        "lib/pkgconfig/linktab.pc",
        "share/linktab/cpython.py",
    ] {
        let text = fs::read_to_string(sdk().prefix.join(file)).expect("it is installed");
        let text = text
            .replace(&format!("python_version={abi}"), "python_version=3.5")
            .replace(&format!("CPython {abi} ({kind})"), &format!("CPython 3.5 ({kind})"))
            .replace(&format!("CPython {abi}"), "CPython 3.5")
            .replace(&format!("STREQUAL \"{abi}\""), "STREQUAL \"3.5\"");
        let path = prefix.join(file);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("it can be written");
    }
    prefix
}

#[test]
fn a_host_with_another_cpython_is_told_so_when_it_is_configured() {
    let prefix = for_another("another");
    let mut said = String::new();
    if has("cmake") && has("ninja") {
        let folder = build("another-cmake");
        let output = try_run(&mut cmake(&example(), &folder, &prefix, "Ninja"));
        assert!(!output.status.success(), "it was configured");
        let errors = String::from_utf8(output.stderr).expect("cmake prints UTF-8");
        // CMake breaks lines by their width, which the folders decide.
        let words: Vec<&str> = errors.split_whitespace().collect();
        let words = words.join(" ").replace(&prefix.display().to_string(), "<another>");
        said += &format!("{}\n", words.split("Reason given by package: ").last().unwrap_or_default());
    }
    if has("meson") && has("ninja") && has("pkg-config") {
        let output = try_run(&mut meson(&build("another-meson"), &prefix));
        assert!(!output.status.success(), "it was configured");
        let text = String::from_utf8(output.stdout).expect("meson prints UTF-8");
        said += text.split("ERROR: ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default();
    }
    insta::assert_snapshot!(plain(&said, Path::new("<build>")));
}

#[test]
fn what_is_no_cpython_or_has_no_library_is_said_before_anything_is_built() {
    let ask = |arguments: &[&str]| {
        let mut install = Command::new(command());
        install.arg("install-sdk").arg("--prefix").arg(build("nothing")).args(arguments);
        transcript(&mut install, "").replace(&workspace().display().to_string(), "<workspace>")
    };
    insta::assert_snapshot!(
        [
            ask(&["--python", "/nowhere/python3"]),
            ask(&["--python", "/bin/false"]),
            ask(&["--python", "/bin/true"]),
        ]
        .join("\n")
    );
}
