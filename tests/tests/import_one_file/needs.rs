//! `linktab needs` of packed programs, held against binutils and against a machine that has that and nothing else.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::{python_app, python_command, run, stock_python, transcript, try_run};
use serde_json::Value;

use super::{NO_BUILDERS, alone, fresh, linktab, packed, shared_objects, write};

/// What the command says to these arguments.
fn needs(arguments: &[&str], app: &Path) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words = ["linktab", "needs"].iter().chain(arguments).map(OsString::from).chain([app.into()]);
    let exit = linktab_verify::commands::run(words, &NO_BUILDERS, &mut out, &mut err);
    assert_eq!((exit as i32, String::from_utf8_lossy(&err).as_ref()), (0, ""));
    String::from_utf8(out).expect("it prints UTF-8")
}

fn json(app: &Path) -> Value {
    let text = needs(&["--output-format", "json"], app);
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    document["inputs"][0].clone()
}

/// Names of the libraries for which something holds.
fn libraries(needs: &Value, holds: impl Fn(&Value) -> bool) -> BTreeSet<&str> {
    let libraries = needs["libraries"].as_array().expect("a list").iter();
    libraries.filter(|library| holds(library)).filter_map(|library| library["name"].as_str()).collect()
}

#[test]
fn a_packed_program_needs_what_it_and_its_shared_objects_ask_for() {
    let Some(app) = packed() else { return };
    let needs_json = json(app);
    // The program's own, by another reader; its archive is behind what that reads.
    let said = run(Command::new("readelf").args(["-W", "-d", "-V"]).arg(python_app("import-app")));
    let needed = said.lines().filter(|line| line.contains("(NEEDED)"));
    let needed: BTreeSet<&str> =
        needed.filter_map(|line| line.split_once('[')?.1.split_once(']').map(|(name, _)| name)).collect();
    assert_eq!(libraries(&needs_json, |library| library["wanted_by"]["program"] == true), needed);
    let number = |text: &str| text.split('.').map(str::parse).collect::<Result<Vec<u32>, _>>().ok();
    let versions = said.split_whitespace().filter_map(|word| number(word.strip_prefix("GLIBC_")?));
    let newest = versions.max();
    let glibc = &needs_json["glibc"];
    let told = glibc["name"].as_str().and_then(|name| number(name.strip_prefix("GLIBC_")?));
    assert!(told >= newest, "{glibc}, and the program alone wants {newest:?}");
    assert!(told > newest || glibc["wanted_by"]["program"] == true, "{glibc}");
    // Of a wheel in the archive: what it asks of itself is inside.
    let text = needs(&[], app);
    let (outside, inside) = text.split_once("and has inside:\n").expect("a wheel has libraries");
    let harbour: String =
        inside.lines().filter(|line| line.contains("harbour")).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(format!("{}\n{harbour}", outside.lines().last().unwrap_or_default()));
    let shared = needs_json["packed"]["shared_objects"].as_u64();
    assert!(
        outside.contains(&format!("\n  /proc, for {} shared objects in memory; ", shared.unwrap_or(0))),
        "{outside}"
    );
    // And a program that is not packed wants the files that others have inside.
    let text = needs(&[], &python_app("import-app"));
    assert!(
        text.ends_with("\n  files of Python's standard library: `linktab pack` puts them inside\n"),
        "{text}"
    );
}

/// Extensions of the standard library that need libraries of the system, where CPython has them.
const USE: &str = "
import sys
there = []
for name in ['_bz2', '_ctypes', '_curses', '_lzma', '_sqlite3', '_ssl', 'readline', 'zlib', 'harbour._crane']:
    try:
        __import__(name)
        there.append(name)
    except ImportError as error:
        if '-v' in sys.argv:
            print(error)
print(*there)
";

#[test]
fn with_its_libraries_inside_it_needs_no_other_than_it_says() {
    if packed().is_none() {
        return;
    }
    let (code, build, app) =
        (fresh("libraries-code"), python_app("import-app"), fresh("libraries").join("app"));
    shared_objects::wheel(&code);
    // It has a library only where another has loaded that before.
    fs::remove_dir_all(code.join("harbour/dock")).expect("a folder can be removed");
    write(&code.join("harbour/__init__.py"), "");
    let mut words = vec![&*build, Path::new("--output"), &app, Path::new("--code"), &code];
    words.extend(["--include-libs", "--compress", "--strip"].map(Path::new));
    let (exit, said) = linktab(&words);
    assert_eq!(exit, 0, "{said}");
    let needs = json(&app);
    let outside = libraries(&needs, |_| true);
    let own = libraries(&needs, |library| library["wanted_by"]["program"] == true);
    let of_libc = [
        "libc.so.6",
        "libm.so.6",
        "libdl.so.2",
        "libpthread.so.0",
        "librt.so.1",
        "libutil.so.1",
        "libresolv.so.2",
    ];
    let others: Vec<&&str> = outside
        .difference(&own)
        .filter(|name| !of_libc.contains(name) && !name.starts_with("ld-linux"))
        .collect();
    assert!(others.is_empty(), "{others:?} in {said}");
    // As many work as here, from memory and from a folder.
    let mut stock = python_command(&stock_python());
    stock.env("PYTHONPATH", &code).args(["-c", USE]);
    let there = transcript(&mut stock, "");
    assert_eq!(transcript(alone(&app).args(["-c", USE, "-v"]), ""), there);
    let root = fresh("libraries-root");
    let mut chroot = Command::new("chroot");
    if !try_run(chroot.arg(&root).arg("/none")).stderr.ends_with(b"No such file or directory\n") {
        println!("skipped: chroot needs root, who is not here");
        return;
    }
    let loader = needs["loader"].as_str().expect("it has one");
    // Where this machine has what it says, and nothing else.
    for library in outside.iter().map(|name| place(name, loader, &app)).chain([PathBuf::from(loader)]) {
        let copy = root.join(library.strip_prefix("/").expect("an absolute path"));
        fs::create_dir_all(copy.parent().expect("a library is in a folder")).expect("a folder can be made");
        fs::copy(&library, copy).expect("a library can be copied");
    }
    run(Command::new("cp").arg(&app).arg(root.join("app")));
    let mut command = Command::new("chroot");
    command
        .arg(&root)
        .arg("/app")
        .args(["-I", "-c", USE, "-v"])
        .env("HOME", "/home")
        .env_remove("XDG_CACHE_HOME");
    assert_eq!(transcript(&mut command, ""), there);
}

/// Where the dynamic linker finds a library of the C library's, or of the program's.
fn place(name: &str, loader: &str, app: &Path) -> PathBuf {
    if loader.ends_with(name) {
        return loader.into();
    }
    let list = run(Command::new(loader).arg("--list").arg(app));
    let found = |name: &str| {
        let line = list.lines().find(|line| line.split_whitespace().next() == Some(name))?;
        line.split_whitespace().nth(2).map(PathBuf::from)
    };
    found(name).unwrap_or_else(|| found("libc.so.6").expect("it has a C library").with_file_name(name))
}
