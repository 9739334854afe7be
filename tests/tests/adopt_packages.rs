//! `linktab adopt`: packages that nobody wrote for linktab, built from their sources by their own build
//! systems, linked into one executable, imported under their names and used.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::adopting::{caches, copy, hurried, is_one_more};
use linktab_tests::verify::{command, has};
use linktab_tests::{
    fixture, is_thorough, python_app_with_adopted, python_cc, python_command, python_minor, run,
    stock_python, target_dir, transcript,
};
use serde_json::Value;

#[path = "adopt_packages/again.rs"]
mod again;
#[path = "adopt_packages/build.rs"]
mod build;
#[path = "adopt_packages/optimiser.rs"]
mod optimiser;
#[path = "adopt_packages/requirement_files.rs"]
mod requirement_files;
#[path = "adopt_packages/suites.rs"]
mod suites;

/// A call of the command: the folder that it made, its exit code, table, and what it said meanwhile.
struct Adopted {
    folder: PathBuf,
    exit: Option<i32>,
    table: String,
    notes: String,
}

fn adopt(folder: &str, arguments: &[&str]) -> Adopted {
    let folder = target_dir("adopt").join(folder);
    let mut call = Command::new(command());
    call.arg("adopt").args(arguments).arg("--python").arg(stock_python()).arg("-o").arg(&folder);
    let output = hurried(&mut call).output().expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    Adopted { folder, exit: output.status.code(), table: text(output.stdout), notes: text(output.stderr) }
}

impl Adopted {
    /// What a program with all of it inside says.
    fn program(&self) -> PathBuf {
        python_app_with_adopted(&self.folder)
    }

    fn run(&self, program: &Path, arguments: &[&Path]) -> String {
        let mut python = python_command(program);
        transcript(python.args(arguments).env("PYTHONPATH", self.folder.join("site")), "")
    }

    fn manifest(&self) -> PathBuf {
        self.folder.join("linktab-adopt.json")
    }
}

/// The packages of the fixture, each with the build system that they share.
fn sources(folder: &str, names: &[&str]) -> Vec<String> {
    let (from, to) = (fixture("adopt"), target_dir("adopt").join(folder));
    let _ = fs::remove_dir_all(&to);
    let folders = names.iter().map(|name| {
        copy(&from.join(name), &to.join(name));
        for shared in ["backend.py", "pyproject.toml"] {
            fs::copy(from.join(shared), to.join(name).join(shared)).expect("a file can be copied");
        }
        to.join(name).to_str().expect("it is UTF-8").to_owned()
    });
    folders.collect()
}

/// Packages of one source file each, by build systems that people use.
fn systems(folder: &str, names: &[&str]) -> Vec<String> {
    let (from, to) = (fixture("adopt").join("systems"), target_dir("adopt").join(folder));
    let _ = fs::remove_dir_all(&to);
    let folders = names.iter().map(|name| {
        let to = to.join(name);
        copy(&from.join(name), &to);
        let add = |from: &Path, file: &str| {
            if !to.join(file).exists() {
                fs::copy(from.join(file), to.join(file)).expect("a file can be copied");
            }
        };
        add(&from, "core.c");
        // The build system of a page, where there is no other.
        ["backend.py", "pyproject.toml"].iter().for_each(|file| add(&fixture("adopt"), file));
        to.to_str().expect("it is UTF-8").to_owned()
    });
    folders.collect()
}

#[test]
fn modules_become_static_or_are_said_to_stay_files_and_each_keeps_its_own_state() {
    let sources = sources("sources", &["one", "two", "cxx", "elides", "broken", "lacking", "files", "pure"]);
    let systems = systems("systems", &["hatchling", "make", "meson", "scikit_build", "fortran"]);
    let [listed, project, archive] = elsewhere(&sources[6], &sources[7], &sources[0]);
    let more = ["--keep", "acme_files._kept", "-r", &listed, "--project", &project];
    let object =
        ["--object", &archive, "--module", "acme.in_house._core", "--object", &archive, "--module", "lost"];
    let places = sources[..6].iter().chain(&systems);
    let arguments: Vec<&str> = places.map(String::as_str).chain(more).chain(object).collect();
    let adopted = adopt("kinds", &arguments);
    let folder = target_dir("adopt").join("sources").display().to_string() + "/";
    // Columns are as wide as the longest name, here that of a folder.
    let words = |line: &str| {
        let columns = line.split("  ").map(str::trim).filter(|column| !column.is_empty());
        columns.collect::<Vec<_>>().join("  ") + "\n"
    };
    // From 3.15 on there are two names for it (PEP 793).
    let table = adopted.table.replace(&folder, "<sources>/").replace("`PyModExport_lost` or ", "");
    let table: String = table.lines().map(words).collect();
    insta::assert_snapshot!("table", format!("exit code {:?}\n{table}", adopted.exit));
    assert!(adopted.notes.contains("broken.c:1:2: error: planted\n"), "{}", adopted.notes);
    let lack = " takes `in_a_file_that_was_not_uploaded`, which no source or library of its build defines: no CPython can \
                import it";
    assert!(adopted.notes.contains(lack), "{}", adopted.notes);

    let program = adopted.program();
    let code = "
import acme_cxx, acme_one, acme_pure, acme_two, acme_files._clean, acme_files._kept, acme_files.package.inner, importlib.metadata
import sys, acme.in_house._core, linktab, numpy._core._multiarray_umath
for _ in range(2):
    print(acme_one.ask(), acme_two.ask(), acme_cxx._a.go())
print(acme_cxx._b.go(), acme_pure.ANSWER, acme_files._clean.go(), acme_files._kept.go(), acme_files.package.go())
print(acme_files.package.inner.VALUE, acme_files.package.__path__)
print(acme_one._core.__spec__.loader, acme_files._kept.__spec__.loader.__class__.__name__)
print([path.name for path in importlib.metadata.files('acme-one')])
print(numpy._core._multiarray_umath.callers())
print(acme.in_house._core.ask(), *linktab.find('acme.in_house._core').origin)
from acme_files import asks_file
beside = asks_file._beside
print(asks_file.data, beside.__file__ == beside.__spec__.origin, beside.__spec__.has_location, beside.__spec__.loader)
import os
print(os.path.relpath(beside.__file__, os.path.dirname(asks_file.__file__)).split('.')[0], os.path.exists(beside.__file__))
del sys.modules['acme_files._beside'], acme_files._beside
print(*[module.__file__ == beside.__file__ for module in linktab.preload(['acme_files._beside'])])
import acme_fortran, acme_hatchling, acme_make, acme_meson, acme_scikit_build
for package in acme_fortran, acme_hatchling, acme_make, acme_meson, acme_scikit_build:
    origin = linktab.find(f'{package.__name__}.{package.system()}').origin
    print(package.system(), origin.package, origin.version)
";
    insta::assert_snapshot!("used", adopted.run(&program, &["-c".as_ref(), code.as_ref()]));
    insta::assert_snapshot!("checked", checked(&adopted, &program));
    gnu_ld_takes(&adopted);
    let moved = without_one(&adopted);
    insta::assert_snapshot!("lost", checked(&moved, &moved.program()));
}

/// rustc links by lld, which asks less of an object.
fn gnu_ld_takes(adopted: &Adopted) {
    let all = adopted.folder.with_file_name("all.o");
    let mut linker = Command::new("cc");
    linker.args(["-r", "-nostdlib", "-fuse-ld=bfd", "-o"]).arg(&all);
    for entry in fs::read_dir(adopted.folder.join("objects")).expect("objects were made") {
        linker.arg(entry.expect("it can be read").path());
    }
    run(&mut linker);
    let list = transcript(Command::new(command()).arg("list").arg(&all), "");
    let names: Vec<&str> = list.lines().skip(2).filter_map(|line| line.split_whitespace().next()).collect();
    insta::assert_snapshot!("by_gnu_ld", names.join("\n"));
}

/// A file of requirements, a project that depends on something, and an archive that a build of its own made.
fn elsewhere(listed: &str, required: &str, code: &str) -> [String; 3] {
    let folder = target_dir("adopt").join("elsewhere");
    fs::create_dir_all(folder.join("project")).expect("a folder can be made");
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).expect("a file can be written");
        path.display().to_string()
    };
    let list = write("requirements.txt", format!("# by its place\n{listed}\n"));
    let project = format!("[project]\nname = 'app'\ndependencies = ['acme-pure @ file://{required}']\n");
    write("project/pyproject.toml", project);
    let mut compiler = python_cc();
    compiler.args(["-c", "-fPIC"]).current_dir(&folder);
    compiler.args(["core.c", "answer.c"].map(|file| Path::new(code).join(file)));
    assert!(compiler.status().expect("a compiler").success());
    let archive = folder.join("libcore.a");
    let _ = fs::remove_file(&archive);
    let mut archiver = Command::new("ar");
    archiver.arg("rcs").arg(&archive).args(["core.o", "answer.o"]).current_dir(&folder);
    assert!(archiver.status().expect("an archiver").success());
    [list, folder.join("project").display().to_string(), archive.display().to_string()]
}

/// What `linktab check` says with everything that was adopted for its input.
fn checked(adopted: &Adopted, program: &Path) -> String {
    let inputs = adopted.manifest();
    let words = ["check".as_ref(), program.as_os_str(), "--inputs".as_ref(), inputs.as_os_str()];
    let text = transcript(Command::new(command()).args(words), "");
    // As a transcript writes paths, and without what depends on the CPython.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace");
    let shown =
        |path: &Path| path.display().to_string().replace(&workspace.display().to_string(), "<workspace>");
    let suffix = format!(".cpython-3{}-{}-linux-gnu.so", python_minor(), env::consts::ARCH);
    let text = text.replace(&shown(program), "<program>").replace(&shown(&adopted.folder), "<folder>");
    text.replace(&suffix, "<suffix>")
}

/// The folder after a move, and the fault planted: a link that leaves one object out.
fn without_one(adopted: &Adopted) -> Adopted {
    let folder = target_dir("adopt").join("without-one");
    let _ = fs::remove_dir_all(&folder);
    copy(&adopted.folder, &folder);
    let arguments = folder.join("link.rsp");
    let text = fs::read_to_string(&arguments).expect("it was written");
    let left: Vec<&str> = text.lines().filter(|line| !line.ends_with("/acme_one._core.o")).collect();
    assert_eq!(left.len() + 1, text.lines().count());
    let nowhere = adopted.folder.with_file_name("moved-from-here");
    let left = left.join("\n").replace(&adopted.folder.display().to_string(), &nowhere.display().to_string());
    fs::write(&arguments, left).expect("a file can be written");
    Adopted { folder, exit: None, table: String::new(), notes: String::new() }
}

/// `cargo xtask test --only adopt PACKAGE…` takes any. Those of every day are C, C++, Cython, cffi and Rust of two
/// versions of PyO3; two share the leaf of their extension's name, and one is there because another requires it.
#[test]
fn packages_from_pypi_are_imported_under_their_names_and_used() {
    let wished = env::var("LINKTAB_ADOPT_PACKAGES").unwrap_or_default();
    let list = if is_thorough() { "packages-more.txt" } else { "packages.txt" };
    let list = fixture("adopt").join(list).display().to_string();
    let few = vec!["simplejson".to_owned()];
    let all = if is_one_more() { few } else { vec!["-r".to_owned(), list] };
    let usual = [sources("requires", &["needy"]), all].concat().join(" ");
    let is_usual = wished.is_empty();
    let _ = fs::remove_dir_all(caches());
    let adopted = adopt("pypi", &if is_usual { &usual } else { &wished }.split(' ').collect::<Vec<_>>());
    println!("{}{}", adopted.notes, adopted.table);
    let text = fs::read_to_string(adopted.manifest()).expect("it was written");
    let manifest: Value = serde_json::from_str(&text).expect("it is JSON");
    let packages = manifest["packages"].as_array().expect("a list");
    let modules = packages.iter().flat_map(|package| package["modules"].as_array().expect("a list"));
    let is_static: Vec<&str> = modules
        .filter(|module| module["state"] == "static")
        .map(|module| module["name"].as_str().expect("a name"))
        .collect();
    assert!(!is_static.is_empty(), "nothing was adopted");
    assert!(packages.iter().all(|package| package["failure"].is_null()), "a package failed");
    if is_usual && !is_one_more() && !is_thorough() {
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n";
        insta::assert_snapshot!("usual", adopted.table.lines().skip(1).map(words).collect::<String>());
    }

    let program = adopted.program();
    let said = adopted.run(&program, &[&fixture("adopt").join("uses.py"), &adopted.manifest()]);
    let imported: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("imported ")).collect();
    assert_eq!(imported, is_static, "{said}");
    assert!(!said.contains("--- errors") && !said.contains("exit code"), "{said}");
    if is_usual {
        is_not_built_again(&adopted);
        is_not_looked_for(&adopted, &program);
    }
    let checked = checked(&adopted, &program);
    assert!(checked.ends_with(" 0 errors, 0 warnings\n"), "{checked}");
    let compared = suites::compared(&adopted, &program);
    println!("{compared}");
    assert!(!compared.contains("unexplained") && !compared.contains("exit code"), "{compared}");
    if is_usual {
        let suites = compared.lines().filter(|line| line.contains(" passed") && line.contains(" tests ("));
        assert_eq!(suites.count(), is_static.len(), "each has one module:\n{compared}");
    }
}

/// What is inside is found inside, and no folder is asked for it.
fn is_not_looked_for(adopted: &Adopted, program: &Path) {
    if !has("strace") {
        return;
    }
    let calls = adopted.folder.with_file_name("calls.txt");
    let mut strace = python_command("strace".as_ref());
    strace.args(["-f", "-e", "trace=file", "-o"]).arg(&calls).arg(program);
    strace.args(["-c", "import simplejson._speedups, simplejson.decoder"]);
    run(strace.env("PYTHONPATH", adopted.folder.join("site")));
    let calls = fs::read_to_string(calls).expect("strace wrote it");
    assert!(calls.contains("simplejson/decoder"), "its code is a file: {calls}");
    let named = calls.lines().filter(|call| call.contains("_speedups") && !call.contains("execve("));
    assert_eq!(named.collect::<Vec<_>>(), [""; 0]);
}

/// A second time, only what names no release is built, and everything comes out the same.
fn is_not_built_again(first: &Adopted) {
    let sources = sources("sources-again", &["one"]).concat();
    let again = adopt("again", &[&sources, "simplejson==4.3.0"]);
    let said: Vec<&str> = again.notes.lines().filter(|line| line.starts_with("took ")).collect();
    assert_eq!(said.len(), 1, "{}", again.notes);
    assert!(said[0].starts_with("took simplejson-4.3.0-") && said[0].ends_with(", as it was built before"));
    let object =
        |of: &Adopted| fs::read(of.folder.join("objects/simplejson._speedups.o")).expect("it is there");
    assert!(object(first) == object(&again), "another object came out of what was kept");
}
