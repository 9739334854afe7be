//! The command line as people use it: several binaries, streams, colors, files, config and lock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::faulty::{faulty, rust_lld};
use linktab_tests::verify::{Ran, command, command_nobody_reads, command_reading, linktab, must, scratch};
use linktab_verify::commands::Exit;

/// A binary without a fault, in a folder of its own.
fn clean(name: &str) -> PathBuf {
    let folder = scratch("command").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the scratch folder is writable");
    let (target, program) = (rust_lld(), folder.join("app"));
    let (runtime, modules) = (folder.join("runtime.o"), folder.join("modules.o"));
    target.compile("runtime.c", &[], &runtime);
    target.compile("modules.c", &[], &modules);
    target.link(&[&runtime, &modules], &[], &program);
    program
}

fn text(path: &Path) -> &str {
    path.to_str().expect("an ASCII path")
}

/// What a run left, with a folder replaced.
fn told(ran: &Ran, folder: &Path) -> String {
    let folder = format!("{}/", folder.display());
    let (out, err) = (ran.out.replace(&folder, ""), ran.err.replace(&folder, ""));
    format!("{out}{err}exit {}\n", ran.exit as u8)
}

#[test]
fn several_binaries_are_summed_up() {
    let clean = clean("several");
    let folder = clean.parent().expect("a folder");
    let broken = folder.join("broken");
    fs::write(&broken, "no binary").expect("the scratch folder is writable");
    let other = folder.join("other");
    fs::copy(&clean, &other).expect("the scratch folder is writable");
    let check = |arguments: &[&str]| told(&linktab(["check", "--no-config"].iter().chain(arguments)), folder);
    let all = [
        check(&[text(&clean), text(&other)]),
        check(&["--expect", "acme.absent", text(&clean), text(&other)]),
        check(&[text(&clean), text(&broken)]),
        check(&["--exit-zero", "--expect", "acme.absent", text(&clean), text(&broken)]),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn quiet_says_nothing_and_verbose_says_what_was_read() {
    let clean = clean("quiet");
    let check =
        |arguments: &[&str]| linktab(["check", "--no-config"].iter().chain(arguments).chain([&text(&clean)]));
    let quiet = check(&["-q"]);
    assert_eq!((quiet.exit, &*quiet.out, &*quiet.err), (Exit::Clean, "", ""));
    let found = check(&["--quiet", "--expect", "acme.absent"]);
    assert!(found.exit == Exit::Findings && found.out.contains("LT002"), "{found:?}");
    let verbose = check(&["-v"]);
    let path = text(&clean);
    assert_eq!(verbose.err, format!("read {path}: elf x86-64 executable, 4 records\n"));
    assert_eq!(verbose.out, format!("{path}: 4 modules, 0 errors, 0 warnings\n"));
    assert_eq!(check(&["-q", "-v"]).exit, Exit::Usage);
}

#[test]
fn verify_is_another_word_for_check() {
    let program = faulty("alias");
    let ran = |command: &str| linktab([command, "--no-config", text(&program)]).out;
    assert_eq!(ran("verify"), ran("check"));
}

#[test]
fn standard_input_is_a_binary_too() {
    let (code, out) = command_reading(&clean("stdin"), &["check", "--no-config", "-"]);
    assert_eq!((code, &*out), (Some(0), "standard input: 4 modules, 0 errors, 0 warnings\n"));
}

/// `linktab check app | head -1` fails where `pipefail` is set, and says nothing of the pipe.
#[test]
fn a_closed_pipe_does_not_change_the_verdict() {
    for (program, code) in [(clean("pipe"), 0), (faulty("pipe"), 1)] {
        let left = command_nobody_reads(&["check", "--no-config", text(&program)]);
        assert_eq!(left, (Some(code), String::new()));
    }
}

#[test]
fn a_report_may_go_to_a_file() {
    let program = faulty("output");
    let file = program.with_file_name("report.txt");
    let plain = linktab(["check", "--no-config", text(&program)]);
    let ran = linktab(["check", "--no-config", "-o", text(&file), text(&program)]);
    assert_eq!((ran.exit, &*ran.out), (Exit::Findings, ""));
    assert_eq!(ran.err, format!("report written to {}\n", file.display()));
    assert_eq!(fs::read_to_string(&file).expect("the report"), plain.out);
    let ran = linktab(["check", "--no-config", "-o", "/nonexistent/report", text(&program)]);
    assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""));
    let before = fs::read(&program).expect("the program");
    let ran = linktab(["check", "--no-config", "-o", text(&program), text(&program)]);
    assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""));
    assert!(fs::read(&program).expect("the program") == before, "no report takes the program's place");
}

/// no-color.org and bixense.com/clicolors; the option wins over both.
#[test]
fn colors_follow_the_conventions() {
    let (tool, program) = (command(), faulty("colors"));
    let is_colored = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = Command::new(&tool);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command.args(["check", "--no-config"]).args(arguments).arg(&program).envs(variables.iter().copied());
        command.output().expect("the command starts").stdout.contains(&0x1b)
    };
    let (force, no, off) = (("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1"), ("CLICOLOR", "0"));
    assert!(!is_colored(&[], &[]), "no terminal");
    assert!(is_colored(&[], &[force]));
    assert!(!is_colored(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!is_colored(&[], &[force, no]));
    assert!(is_colored(&[], &[force, ("NO_COLOR", "")]), "an empty NO_COLOR says nothing");
    assert!(is_colored(&[], &[force, off]));
    assert!(is_colored(&["--color", "always"], &[no]));
    assert!(!is_colored(&["--color", "never"], &[force]));
    assert!(!is_colored(&["--color", "always", "--output-format", "json"], &[]), "only text has colors");
}

#[test]
fn the_lock_is_written_once_and_checked_ever_after() {
    let program = clean("lock");
    let folder = program.parent().expect("a folder").to_owned();
    let lock = folder.join("linktab.lock");
    let run = |arguments: &[&str]| {
        let ran = linktab(["lock", "--lock", text(&lock)].iter().chain(arguments).chain([&text(&program)]));
        told(&ran, &folder)
    };
    let check = |arguments: &[&str]| {
        let all = ["check", "--no-config", "--lock", text(&lock)];
        told(&linktab(all.iter().chain(arguments).chain([&text(&program)])), &folder)
    };
    let mut all = vec![run(&["--check"])];
    assert!(!lock.exists(), "`--check` writes nothing");
    all.extend([run(&[]), run(&["--check"]), check(&["--locked"])]);
    let written = fs::read_to_string(&lock).expect("the lock");
    all.push(written.clone());
    let shorter = written.rsplit_once("\n[[module]]").expect("a module").0;
    fs::write(&lock, format!("{shorter}\n")).expect("the scratch folder is writable");
    all.extend([run(&["--check"]), check(&[]), check(&["--locked"])]);
    insta::assert_snapshot!(all.join("\n"));
    // A second time changes nothing, and says nothing.
    fs::write(&lock, written.replace('\n', "\r\n")).expect("the scratch folder is writable");
    assert_eq!(run(&[]), "exit 0\n", "line ends are git's business");
}

#[test]
fn mistakes_in_config_and_lock_are_quoted() {
    let program = clean("config");
    let folder = program.parent().expect("a folder").to_owned();
    let (config, lock) = (folder.join("linktab.toml"), folder.join("linktab.lock"));
    let check = |file: &Path, option: &str, content: &str| {
        fs::write(file, content).expect("the scratch folder is writable");
        told(&linktab(["check", option, text(file), text(&program)]), &folder)
    };
    let configs = [
        "expect = [\"acme.gamma\"\n",
        "expcet = [\"acme.gamma\"]\n",
        "expect = [\"acme.gamma\"]\npython = \"3.x\"\n",
        "[levels]\nLT999 = \"error\"\n",
        "[levels]\nLT001 = \"loud\"\n",
        "[[allow]]\ncode = \"LT001\"\nmodule = \"acme.gamma\"\n",
        "[[allow]]\ncode = \"LT001\"\nreason = \"  \"\n",
        "lock = \"absent.lock\"\n",
    ];
    let mut all: Vec<String> = configs.iter().map(|content| check(&config, "--config", content)).collect();
    all.push(check(&lock, "--lock", "version = 7\n"));
    all.push(check(&lock, "--lock", "version = 1\n[[module]]\nname = \"acme.gamma\"\n"));
    insta::assert_snapshot!(all.join("\n"));
}

/// Nobody reads thousands of findings, but thousands that are not told are no reason to tell of more.
#[test]
fn what_is_not_told_is_not_counted() {
    let folder = scratch("command").join("thousands");
    fs::create_dir_all(&folder).expect("the scratch folder is writable");
    let (source, object, app) = (folder.join("init.s"), folder.join("init.o"), folder.join("app"));
    let functions: String = (0..1500)
        .map(|index| {
            format!(".globl PyInit_x{index}\n.type PyInit_x{index}, @function\nPyInit_x{index}: ret\n")
        })
        .collect();
    fs::write(&source, functions).expect("the scratch folder is writable");
    let target = rust_lld();
    must(Command::new("clang").args(["-target", target.triple, "-c"]).arg(&source).arg("-o").arg(&object));
    let (runtime, modules) = (folder.join("runtime.o"), folder.join("modules.o"));
    target.compile("runtime.c", &[], &runtime);
    target.compile("modules.c", &[], &modules);
    target.link(&[&runtime, &modules, &object], &["--no-gc-sections"], &app);
    let last = |arguments: &[&str]| {
        let ran = linktab(["check"].iter().chain(arguments).chain([&text(&app)]));
        let line = ran.out.lines().last().unwrap_or_default().replace(&format!("{}/", folder.display()), "");
        format!("{line}, exit {}", ran.exit as u8)
    };
    assert_eq!(last(&["--no-config"]), "app: 4 modules, 1 error, 1000 warnings, exit 1");
    let clean = "app: 4 modules, 0 errors, 0 warnings, exit 0";
    assert_eq!(last(&["--no-config", "-A", "LT018"]), clean);
    let allow = |count: usize| {
        let allow = |index| {
            format!(
                "[[allow]]\ncode = \"LT018\"\nmodule = \"PyInit_x{index}\"\nreason = \"loaded by hand\"\n"
            )
        };
        let config = folder.join("linktab.toml");
        fs::write(&config, (0..count).map(allow).collect::<String>())
            .expect("the scratch folder is writable");
        last(&["--config", text(&config)])
    };
    assert_eq!(allow(1500), clean);
    assert_eq!(allow(1498), "app: 4 modules, 0 errors, 2 warnings, exit 0");
    assert_eq!(allow(1501), "app: 4 modules, 0 errors, 1 warning, exit 0", "one that suppresses nothing");
}

#[test]
fn inputs_come_from_response_files_too() {
    let program = clean("response");
    let folder = program.parent().expect("a folder").to_owned();
    let spaced = folder.join("not linked.o");
    rust_lld().compile("archived.c", &[], &spaced);
    let file = folder.join("link.rsp");
    let arguments = format!(
        "-o \"{}\" -lm \"{}\"\n{}/modules.o\n",
        program.display(),
        spaced.display(),
        folder.display()
    );
    fs::write(&file, arguments).expect("the scratch folder is writable");
    let response = format!("@{}", file.display());
    let ran = linktab(["check", "--no-config", "--inputs", &response, "--", text(&program)]);
    insta::assert_snapshot!(told(&ran, &folder));
    let absent = linktab(["check", "--no-config", "--inputs", "@/nonexistent", "--", text(&program)]);
    assert_eq!(absent.exit, Exit::Usage);
}

/// Objects and archives are no programs, with records and without: nothing of them is clean.
#[test]
fn what_is_not_linked_is_not_called_clean() {
    let program = clean("not-linked");
    let folder = program.parent().expect("a folder").to_owned();
    let (silent, with_records) = (folder.join("libsilent.a"), folder.join("libmodules.a"));
    rust_lld().compile("runtime.c", &["-DNO_RUNTIME"], &folder.join("plain.o"));
    for (archive, member) in [(&silent, "plain.o"), (&with_records, "modules.o")] {
        must(Command::new("llvm-ar").arg("crs").arg(archive).arg(folder.join(member)));
    }
    let mut all = Vec::new();
    for input in [&silent, &with_records, &folder.join("modules.o")] {
        all.push(told(&linktab(["check", "--no-config", text(input)]), &folder));
        let lock = folder.join("other.lock");
        all.push(told(&linktab(["lock", "--lock", text(&lock), text(input)]), &folder));
        assert!(!lock.exists(), "nothing to lock");
        all.push(told(&linktab(["diff", text(&program), text(input)]), &folder));
    }
    insta::assert_snapshot!(all.join("\n"));
}

/// Names come from whoever made the file. Only JSON and SARIF hold them as they are, escaped.
#[test]
fn names_speak_to_no_terminal_and_no_ci_service() {
    let program = clean("hostile-names");
    let folder = program.parent().expect("a folder").to_owned();
    let (object, hostile) = (folder.join("hostile.o"), folder.join("hostile"));
    rust_lld().compile("hostile.c", &[], &object);
    rust_lld().link(&[&folder.join("runtime.o"), &object], &[], &hostile);
    let path = text(&hostile);
    let check = |format| linktab(["check", "--no-config", "--output-format", format, path]);
    let mut all = Vec::new();
    for ran in [
        check("text"),
        check("concise"),
        check("github"),
        linktab(["list", path]),
        linktab(["diff", path, text(&program)]),
    ] {
        assert!(!ran.out.contains(['\u{1b}', '\r', '\u{202e}']), "{ran:?}");
        let has_own_line = ran.out.lines().any(|line| line.starts_with("::error::boom"));
        assert!(!has_own_line, "{}", ran.out);
        all.push(told(&ran, &folder));
    }
    for format in ["json", "sarif"] {
        assert!(!check(format).out.contains(['\u{1b}', '\r']), "{format}");
    }
    // Columns of the list move with the addresses.
    all.remove(3);
    insta::assert_snapshot!(all.join("\n"));
}
