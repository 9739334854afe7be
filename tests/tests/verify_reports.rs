//! Whole reports, in every format, of one binary with many mistakes; the contract of the command line
//! around them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use linktab_tests::verify::faulty::{faulty, report, rust_lld, without_addresses};
use linktab_tests::verify::{Ran, command, command_nobody_reads, command_reading, linktab, must, scratch};
use linktab_verify::commands::Exit;
use serde_json::Value;

#[test]
fn reports_for_people() {
    let program = faulty("people");
    insta::assert_snapshot!("text", report(&program, "text"));
    insta::assert_snapshot!("concise", report(&program, "concise"));
    insta::assert_snapshot!("github", report(&program, "github"));
}

#[test]
fn json_is_what_its_schema_says() {
    let text = report(&faulty("json"), "json");
    insta::assert_snapshot!("json", text);
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verify-tool/schema/report.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    // Addresses are replaced in the snapshot: validate a report as it comes.
    let program = faulty("json");
    let path = program.to_str().expect("an ASCII path");
    let clean = linktab(["check", "--no-config", "--output-format", "json", "-A", "LT005", path]);
    let broken = linktab(["check", "--no-config", "--output-format", "json", "/nonexistent", path]);
    assert_eq!(broken.exit, Exit::Unreadable);
    for ran in [linktab(["check", "--no-config", "--output-format", "json", path]), clean, broken] {
        let document: Value = serde_json::from_str(&ran.out).expect("JSON");
        let faults: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(faults, Vec::<String>::new());
    }
    let wrong = serde_json::json!({ "schema": "linktab-report" });
    assert!(!validator.is_valid(&wrong), "the schema refuses something");
}

#[test]
fn every_code_is_explained() {
    let ran = linktab(["explain", "--all"]);
    assert_eq!(ran.exit, Exit::Clean);
    insta::assert_snapshot!("explain", ran.out);
    assert_eq!(linktab(["explain", "shared-init"]).out, linktab(["explain", "lt009"]).out);
    assert_eq!(linktab(["explain", "unsupported-file"]).out, linktab(["explain", "LT903"]).out);
    for short in ["LT7", "lt7", "7", "lt0007"] {
        assert_eq!(linktab(["explain", short]).out, linktab(["explain", "LT007"]).out, "{short}");
    }
    for unknown in ["LT999", "LT", "", "LT07x", "+7"] {
        assert_eq!(linktab(["explain", unknown]).exit, Exit::Usage, "{unknown}");
    }
    insta::assert_snapshot!("explain_alone", linktab(["explain"]).out);
}

#[test]
fn help_fits_a_screen_and_shows_two_examples() {
    for arguments in [
        &["--help"][..],
        &["check", "--help"],
        &["report", "--help"],
        &["list", "--help"],
        &["diff", "--help"],
        &["lock", "--help"],
        &["explain", "--help"],
        &["needs", "--help"],
    ] {
        let Ran { exit, out, .. } = linktab(arguments);
        assert_eq!(exit, Exit::Clean);
        assert!(out.lines().count() <= 40, "{arguments:?}: {} lines", out.lines().count());
        assert!(out.matches("\n  linktab ").count() >= 2, "{out}");
    }
    insta::assert_snapshot!("help", linktab(["check", "--help"]).out);
    assert_eq!(linktab(["check"]).exit, Exit::Usage);
    assert_eq!(linktab(["check", "--nonsense", "x"]).exit, Exit::Usage);
}

#[test]
fn completions_and_the_manual_come_from_the_definitions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(linktab(["completions", shell]).out.contains("max-records"), "{shell}");
    }
    let manual = linktab(["man"]).out;
    assert!(manual.starts_with(".ie") && manual.contains("max\\-records"), "{manual}");
}

#[test]
fn a_suppression_without_a_reason_is_refused() {
    let program = faulty("suppression");
    let config = program.with_file_name("linktab.toml");
    let path = program.to_str().expect("an ASCII path");
    let file = config.to_str().expect("an ASCII path");
    let run = |text: &str| {
        fs::write(&config, text).expect("the scratch folder is writable");
        linktab(["check", "--config", file, path])
    };
    let ran = run("[[allow]]\ncode = \"LT005\"\n");
    assert_eq!(ran.exit, Exit::Usage);
    let told = "error: a suppression needs a `reason`\n --> FILE:2:8\n  |\n2 | code = \"LT005\"\n  |        ^^^^^^^\n";
    assert_eq!(ran.err.replace(file, "FILE"), told);
    assert_eq!(
        run("[[allow]]\ncode = \"LT005\"\nmodule = \"_json\"\nreason = \"a test\"\n").exit,
        Exit::Findings
    );
    assert_eq!(run("[levels]\nLT999 = \"error\"\n").exit, Exit::Usage);
    assert_eq!(run("[levels]\nshadowed-builtin = \"loud\"\n").exit, Exit::Usage);
    assert_eq!(run("nonsense = 1\n").exit, Exit::Usage);
    let all = "[levels]\nLT001 = \"note\"\nLT005 = \"allow\"\n";
    assert_eq!(run(all).exit, Exit::Clean);
    assert_eq!(linktab(["check", "--config", file, "-D", "LT018", path]).exit, Exit::Findings);
    assert_eq!(linktab(["check", "--config", file, "-D", "LT018", "--exit-zero", path]).exit, Exit::Clean);
}

#[test]
fn what_cannot_be_read_is_never_clean() {
    let folder = scratch("unreadable");
    let cases: [(&str, &[u8]); 4] = [
        ("empty", b""),
        ("text", b"hello, world\n"),
        ("cut-off", b"\x7fELF\x02\x01\x01\0"),
        ("archive", b"!<arch>\nxx"),
    ];
    let mut told = String::new();
    for (name, bytes) in cases {
        let path = folder.join(name);
        fs::write(&path, bytes).expect("the scratch folder is writable");
        for command in ["list", "check"] {
            let ran = linktab([command, path.to_str().expect("an ASCII path")]);
            assert_eq!(ran.exit, Exit::Unreadable, "{command} {name}");
            told.push_str(
                &format!("{command} {}{}\n", ran.out, ran.err).replace(folder.to_str().expect("ASCII"), ""),
            );
        }
    }
    insta::assert_snapshot!("unreadable", told);
}

#[test]
fn differences_between_two_binaries() {
    let new = faulty("diff");
    let target = rust_lld();
    let folder = scratch("reports/diff");
    let (object, old) = (folder.join("old.o"), folder.join("old"));
    target.compile("modules.c", &[], &object);
    target.link(&[&folder.join("runtime.o"), &object], &[], &old);
    let ran = linktab(["diff", old.to_str().expect("ASCII"), new.to_str().expect("ASCII")]);
    assert_eq!((ran.exit, &*ran.err), (Exit::Clean, ""));
    insta::assert_snapshot!("diff", ran.out);
    let paths = [&old, &new].map(|path| path.to_str().expect("ASCII"));
    insta::assert_snapshot!("diff_narrow", in_terminal(60, &["diff", paths[0], paths[1]]));
    assert_eq!(in_terminal(200, &["diff", paths[0], paths[1]]), ran.out);
    let list = |columns| in_terminal(columns, &["list", paths[1]]).replace(paths[1], "app");
    insta::assert_snapshot!("list_narrow", without_addresses(&list(60)));
    let narrowest = without_addresses(&list(36)) + &in_terminal(36, &["diff", paths[0], paths[1]]);
    // A word is not broken, that it can be copied.
    let is_wide = |line: &&str| line.chars().count() > 36 && line.trim().contains(' ');
    assert_eq!(narrowest.lines().skip(1).find(is_wide), None);
    insta::assert_snapshot!("narrowest", narrowest);
    assert_eq!(list(200), linktab(["list", paths[1]]).out.replace(paths[1], "app"));
}

/// What the command writes into a terminal of so many columns.
fn in_terminal(columns: usize, arguments: &[&str]) -> String {
    let line = format!("stty rows 24 cols {columns}; exec {} {}", command().display(), arguments.join(" "));
    // bsdutils, which Debian cannot be without.
    let output = must(Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()));
    String::from_utf8(output.stdout).expect("UTF-8").replace("\r\n", "\n")
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    assert_eq!(command_nobody_reads(&["explain", "--all"]), (Some(0), String::new()));
}

/// Standard input cannot seek.
#[test]
fn standard_input_can_be_listed() {
    let (_, text) = command_reading(&faulty("stdin"), &["list", "-"]);
    assert!(text.starts_with("standard input: 13 modules (elf x86-64 executable)\n"), "{text}");
}

/// Of a process: what is a terminal, and what the variables say, is the process's.
#[test]
fn help_is_colored_where_a_reader_sees_colors_and_nowhere_else() {
    let help = |variables: &[(&str, &str)]| {
        let mut command = Command::new(command());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        let output = command.args(["check", "--help"]).envs(variables.iter().copied()).output();
        String::from_utf8(output.expect("the command starts").stdout).expect("UTF-8")
    };
    let piped = help(&[]);
    assert!(!piped.contains('\u{1b}') && piped.contains("Usage: linktab check"), "{piped}");
    let forced = help(&[("CLICOLOR_FORCE", "1")]);
    assert!(forced.contains("\u{1b}[1m\u{1b}[32mUsage:\u{1b}[0m"), "{forced:?}");
    assert_eq!(help(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), piped);
}
