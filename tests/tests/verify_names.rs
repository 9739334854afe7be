//! Names and paths come from whoever made a file. Whatever is in them, no line of any command, in any
//! format and on either stream, is taken for a command by a CI service, or obeyed by a terminal; and no
//! name is told as another.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::archives::{bsd, thin};
use linktab_tests::verify::faulty::rust_lld;
use linktab_tests::verify::{command, scratch};
use serde_json::Value;

/// For terminals, for GitHub Actions of today and before, for Azure Pipelines, and for the eye.
const HOSTILE: &str = "::error::x\u{1b}[31m\r\n::error::y%0A::error::z##vso[a]b\u{202e}\u{9b}\u{200b}c";

/// A folder whose own name is hostile, with a hostile binary, archives of it, and what is none.
fn folder(test: &str) -> PathBuf {
    let above = scratch("names").join(test);
    let _ = fs::remove_dir_all(&above);
    let folder = above.join(HOSTILE);
    fs::create_dir_all(&folder).expect("the file system takes any name");
    let (target, runtime, object) = (rust_lld(), above.join("runtime.o"), above.join("hostile.o"));
    target.compile("runtime.c", &[], &runtime);
    target.compile("hostile.c", &[], &object);
    target.link(&[&runtime, &object], &[], &above.join("app"));
    fs::rename(above.join("app"), folder.join(format!("{HOSTILE}app"))).expect("it can be renamed");
    let bytes = fs::read(&object).expect("it was just compiled");
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.join(name), bytes).expect("the scratch folder is writable");
    };
    write("::error::none", b"no binary");
    write("bsd.a", &bsd(&[(HOSTILE.as_bytes(), &bytes), (b"::error::none\x1b[1m.o", b"no binary at all")]));
    write("thin.a", &thin(&[(b"::error::absent\x1b[1m##[error].o", 100), (b"member.o", bytes.len())]));
    write("member.o", &bytes);
    folder
}

/// Calls that name every file in every command, run beside the files.
fn calls() -> Vec<Vec<String>> {
    let app = format!("{HOSTILE}app");
    let mut calls: Vec<Vec<&str>> = Vec::new();
    for file in [&*app, "::error::none", "bsd.a", "thin.a", "::error::gone\u{1b}[1m"] {
        for format in ["text", "concise", "json", "sarif", "github", "html"] {
            calls.push(vec!["check", "--no-config", "-v", "--output-format", format, "--", file]);
        }
        calls.push(vec!["check", "--no-config", "--inputs", file, "--", &app]);
        calls.push(vec!["list", "--", file]);
        calls.push(vec!["list", "--output-format", "json", "--", file]);
        calls.push(vec!["diff", "--", file, &app]);
        calls.push(vec!["lock", "--lock", "::error::lock\u{1b}[1m", "--", file]);
        calls.push(vec!["lock", "--check", "--lock", "stale.lock", "--", file]);
        calls.push(vec!["check", "--config", file, "--", &app]);
        calls.push(vec!["check", "--no-config", "--lock", file, "--", &app]);
        calls.push(vec!["pack", "-o", "out", "--", file]);
        calls.push(vec!["explain", "--", file]);
    }
    calls.push(vec!["check", "--no-config", "-o", "::error::report\u{1b}[1m", "--", &app]);
    calls.push(vec!["check", "--no-config", "--expect", HOSTILE, "--", &app]);
    calls.into_iter().map(|call| call.into_iter().map(str::to_owned).collect()).collect()
}

/// What a line would do that is not for reading, if anything.
fn harm(line: &str, is_annotation: bool) -> Option<&'static str> {
    let is_hidden = |c: char| c.is_control() || matches!(c, '\u{200b}' | '\u{202e}');
    // annotate-snippets sets three colons before a second place.
    let is_place = line.trim_start().starts_with("::: ");
    let is_ours = is_annotation
        && ["::error title=", "::error file=", "::warning file=", "::notice title="]
            .iter()
            .any(|start| line.starts_with(start));
    match line {
        line if line.contains(is_hidden) => Some("speaks to a terminal"),
        line if line.contains("##") => Some("is a command wherever it stands"),
        line if line.trim_start().starts_with("::") && !is_place && !is_ours => Some("is a command"),
        _ => None,
    }
}

#[test]
fn no_name_is_a_command_in_any_format() {
    let (program, folder) = (command(), folder("commands"));
    fs::write(folder.join("stale.lock"), "version = 1\n").expect("the scratch folder is writable");
    let mut lines = 0;
    for call in calls() {
        let output = Command::new(&program).args(&call).current_dir(&folder).output();
        let output = output.expect("the command starts");
        let is_github = call.iter().any(|word| word == "github");
        for (stream, is_annotation) in [(&output.stdout, is_github), (&output.stderr, false)] {
            let text = std::str::from_utf8(stream).expect("UTF-8");
            for line in text.split('\n') {
                assert_eq!(harm(line, is_annotation), None, "{call:?}: {line:?}");
                lines += 1;
            }
        }
    }
    assert!(lines > 1000, "{lines} lines");
    let written = ["::error::lock\u{1b}[1m", "::error::report\u{1b}[1m"];
    for text in written.map(|name| fs::read_to_string(folder.join(name)).expect("it was written")) {
        assert_eq!(text.split('\n').find_map(|line| harm(line, false)), None, "{text}");
    }
}

fn json(folder: &Path, arguments: &[&OsStr]) -> Value {
    let output = Command::new(command()).args(arguments).current_dir(folder).output();
    serde_json::from_slice(&output.expect("the command starts").stdout).expect("a JSON document")
}

/// JSON holds names as they are, escaped: machines compare them.
#[test]
fn machines_get_names_as_they_are() {
    let folder = folder("machines");
    let app = format!("{HOSTILE}app");
    let document = json(&folder, &["list", "--output-format", "json", "--", &app].map(OsStr::new));
    assert_eq!(document["inputs"][0]["path"], *app);
    let name = "acme.\u{1b}[31mred\n::error::boom\r\u{202e}##[error]hash";
    assert_eq!(document["inputs"][0]["modules"][0]["name"], name);
    let origin = &document["inputs"][0]["modules"][0]["origin"];
    assert_eq!(origin["file"], "::error::file##[error]\u{1b}[1m%0A::error::percent.c");
    let document = json(&folder, &["list", "--output-format", "json", "bsd.a"].map(OsStr::new));
    assert_eq!(document["inputs"][0]["member"], HOSTILE);
    // A lock says it again, and finds it again.
    let linktab = |arguments: &[&str]| {
        Command::new(command()).args(arguments).current_dir(&folder).output().expect("the command starts")
    };
    assert!(linktab(&["lock", "--lock", "app.lock", "--", &app]).status.success());
    assert!(linktab(&["lock", "--check", "--lock", "app.lock", "--", &app]).status.success());
    let told = linktab(&[
        "check",
        "--no-config",
        "--locked",
        "--lock",
        "app.lock",
        "-A",
        "LT001",
        "-A",
        "LT011",
        "--",
        &app,
    ]);
    assert!(told.status.success(), "{told:?}");
}

/// Paths need not be UTF-8: thin archives name their members beside them, and inputs are paths too.
#[test]
fn paths_need_not_be_utf_8() {
    let above = scratch("no-utf-8");
    fs::remove_dir_all(&above).expect("the scratch folder can be cleared");
    let folder = above.join(OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir_all(&folder).expect("the file system takes any name");
    let (target, runtime, object) = (rust_lld(), folder.join("runtime.o"), folder.join("modules.o"));
    target.compile("runtime.c", &[], &runtime);
    target.compile("modules.c", &[], &object);
    target.link(&[&runtime, &object], &[], &above.join("app"));
    fs::rename(above.join("app"), folder.join("app")).expect("it can be renamed");
    let bytes = fs::read(&object).expect("it was just compiled");
    let member = OsStr::from_bytes(b"modul\xe9.o");
    fs::rename(&object, folder.join(member)).expect("it can be renamed");
    fs::write(folder.join("thin.a"), thin(&[(member.as_bytes(), bytes.len())])).expect("it can be written");
    let at = |name: &str| folder.join(name).into_os_string();
    let list = |path: &OsStr| json(&above, &[OsStr::new("list"), OsStr::new("--output-format=json"), path]);
    for file in ["thin.a", "app"] {
        let document = list(&at(file));
        assert_eq!(document["inputs"][0]["modules"].as_array().map(Vec::len), Some(4), "{file}: {document}");
    }
    let check = |arguments: &[&OsStr]| {
        let mut check = Command::new(command());
        check.args(["check", "--no-config"]).args(arguments).arg(at("app")).current_dir(&above);
        let output = check.output().expect("the command starts");
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
    };
    let label = folder.join("app").display().to_string();
    let clean = (Some(0), format!("{label}: 4 modules, 0 errors, 0 warnings\n"));
    assert_eq!(check(&[]), clean);
    let mut inputs = OsStr::new("--inputs=").to_owned();
    inputs.push(at("thin.a"));
    assert_eq!(check(&[&inputs]), clean);
}
