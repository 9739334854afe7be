//! What `linktab pack` is given that it cannot pack, or not all of: told, with nothing left behind.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::{
    c_program, libpython_is_shared, python_app, python_command, run, stock_python, transcript,
};

use super::{alone, fresh, linktab, packed, write};

/// What the command says, with the names of this machine taken out.
fn pack(folder: &Path, executable: &Path, output: &Path, code: &[&Path]) -> String {
    let mut arguments = vec![executable, Path::new("--output"), output];
    arguments.extend(code.iter().flat_map(|path| [Path::new("--code"), path]));
    let (exit, said) = linktab(&arguments);
    let said = said.replace(&*folder.to_string_lossy(), "<folder>");
    let said = said.replace(&*python_app("").to_string_lossy(), "<built>/");
    let said = match packed() {
        Some(app) => said.replace(&*app.to_string_lossy(), "<packed>"),
        None => said,
    };
    format!("exit code {exit}\n{said}\n")
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder can be read");
    let mut names: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    names.sort();
    names
}

#[test]
fn what_is_no_executable_of_ours_is_not_run() {
    let folder = fresh("no-executable");
    let script = folder.join("script");
    write(&script, &format!("#!/bin/sh\ntouch {}\n", folder.join("ran").display()));
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it can be made executable");
    write(&folder.join("empty"), "");
    run(Command::new("mkfifo").arg(folder.join("pipe")));
    let before = names(&folder);
    let output = folder.join("output");
    let mut said = String::new();
    for name in ["script", "empty", "pipe", "absent", "."] {
        said += &pack(&folder, &folder.join(name), &output, &[]);
    }
    said += &pack(&folder, Path::new("/bin/true"), &output, &[]);
    if !libpython_is_shared() {
        // A host that installs the finder by itself, and takes no command line of Python's.
        // What it says itself depends on where it finds a library of Python's.
        let host = pack(&folder, &python_app("fixture-import-host"), &output, &[]);
        said.extend(host.split_inclusive('\n').filter(|line| line.starts_with("e")));
        // All of a static library is linked in, `main()` too, which nobody calls.
        let source = folder.with_file_name("host-in-c.c");
        write(&source, "#include <linktab_embed.h>\nint main(void) { return linktab_prepare(); }\n");
        said += &pack(&folder, &c_program("c-host-to-pack", &[&source], &[]), &output, &[]);
        insta::assert_snapshot!(said);
    }
    assert_eq!(names(&folder), before);
}

#[test]
fn what_cannot_be_written_or_read_is_told() {
    let Some(packed) = packed() else { return };
    let folder = fresh("faults");
    let app = python_app("import-app");
    fs::create_dir(folder.join("is-a-folder")).expect("a folder can be made");
    symlink("absent", folder.join("leads-nowhere")).expect("a link can be made");
    let output = folder.join("output");
    let before = names(&folder);
    let code = |name: &str| pack(&folder, &app, &output, &[&folder.join(name)]);
    let to = |name: &str| pack(&folder, &app, &folder.join(name), &[]);
    let said = [
        code("absent"),
        code("leads-nowhere"),
        to("absent/output"),
        to("is-a-folder"),
        to(".."),
        pack(&folder, packed, &output, &[]),
        pack(&folder, &app, &app, &[]),
    ];
    insta::assert_snapshot!(said.concat());
    assert_eq!(names(&folder), before);
    // Its own archive of somebody else's stays what it is: readers look for one archive at the end.
    let foreign = folder.join("foreign");
    fs::copy(&app, &foreign).expect("a file can be copied");
    super::append_foreign_archive(&foreign);
    insta::assert_snapshot!("foreign", pack(&folder, &foreign, &output, &[]));
}

/// The rest of it is there, with what `help()` reads.
#[test]
fn what_is_left_out_of_the_standard_library_is_told_and_can_be_kept() {
    if packed().is_none() {
        return;
    }
    let folder = fresh("kept");
    let output = folder.join("app");
    let keep = |name: &str| {
        let keep = format!("--keep={name}");
        let app = python_app("import-app");
        linktab(&[&app, Path::new("--output"), &output, Path::new(&keep)])
    };
    let (exit, said) = keep("json");
    let (start, names_told) = said.trim_end().rsplit_once("expected one of ").expect("they are told");
    assert_eq!((exit, start), (2, "error: --keep json: "), "{said}");
    let choices: Vec<&str> = names_told.split(", ").collect();
    // Distributions have some of them in packages of their own.
    let mut python = python_command(&stock_python());
    let look = "import os, sys; print(*[n for n in sys.argv[1:] if os.path.isdir(os.path.join(os.path.dirname(os.__file__), n))])";
    let there = run(python.args(["-c", look]).args(&choices));
    let mut there: Vec<&str> = there.split_whitespace().collect();
    // The largest comes last.
    there.sort_by_key(|name| *name == "test");
    let Some((kept, others)) = there.split_first() else { return };
    let (exit, said) = keep(kept);
    let told = said.lines().nth(1).unwrap_or_default();
    let told = told.strip_prefix("left out of the standard library: ").unwrap_or_default();
    let told: Vec<&str> =
        told.strip_suffix("; `--keep NAME` packs one").unwrap_or_default().split(", ").collect();
    assert!(exit == 0 && others.iter().all(|other| told.contains(other)) && !told.contains(kept), "{said}");
    let code = "
import importlib.util, pydoc, sys
print([importlib.util.find_spec(name) is None for name in sys.argv[1:]])
pydoc.plainpager = pydoc.pager = lambda text, title='': print(text.splitlines()[0])
help('for')
";
    let said = transcript(alone(&output).args(["-I", "-c", code]).args(&there), "");
    let found: Vec<&str> = there.iter().map(|name| if name == kept { "False" } else { "True" }).collect();
    assert_eq!(said.trim_end(), format!("[{}]\nThe \"for\" statement", found.join(", ")));
    fs::remove_file(&output).expect("a file can be removed");
    assert_eq!(names(&folder), Vec::<PathBuf>::new());
}

/// What an ordinary site-packages has, and what an extraordinary one could have.
#[test]
fn what_is_strange_in_a_folder_is_told_and_stops_nothing() {
    if packed().is_none() {
        return;
    }
    let folder = fresh("strange");
    let code = folder.join("site");
    write(&code.join("template.py"), "print \"{{ name }}\"\n");
    write(&code.join("json/__init__.py"), "raise SystemExit('not the one of the standard library')");
    write(&code.join("shop/__init__.py"), "name = 'shop'\n");
    write(&code.join("shop/two\nlines.txt"), "2");
    fs::write(code.join(OsStr::from_bytes(b"shop/\xff.txt")), "x").expect("it can be written");
    symlink("absent", code.join("shop/leads-nowhere.txt")).expect("a link can be made");
    symlink("..", code.join("shop/back")).expect("a link can be made");
    write(&folder.join("elsewhere/linked.py"), "name = 'linked'\n");
    symlink("../../elsewhere", code.join("shop/linked")).expect("a link can be made");
    run(Command::new("mkfifo").arg(code.join("shop/pipe")));
    let twice = folder.join("twice");
    write(&twice.join("shop/__init__.py"), "name = 'the second'\n");
    let output = folder.join(OsStr::from_bytes(b"out\xffput"));
    let said = pack(&folder, &python_app("import-app"), &output, &[&code, &twice]);
    let (warnings, summary) =
        said.split_once(" MB\n").map_or((&*said, ""), |(summary, rest)| (rest, summary));
    let of_python = "is no module, and packed as it is: ";
    let warnings: String = warnings
        .lines()
        .filter(|line| line.starts_with("warning: "))
        // CPython's words for a syntax error differ between versions.
        .map(|line| line.split_once(of_python).map_or(line, |(start, _)| start).to_owned() + "\n")
        .collect();
    assert!(summary.starts_with("exit code 0\n<folder>/out\u{fffd}put: 2 modules of yours, "), "{said}");
    insta::assert_snapshot!(warnings);
    let code = "
import json, pkgutil, shop, shop.linked.linked
print(shop.name, shop.linked.linked.name, json.loads('[1]'), pkgutil.get_data('shop', 'two\\nlines.txt'))
print(shop.__loader__.get_data(shop.__loader__.archive + '/template.py'))
try:
    import template
except SyntaxError as error:
    print(type(error))
";
    insta::assert_snapshot!("strange_runs", transcript(alone(&output).args(["-c", code]), ""));
}
