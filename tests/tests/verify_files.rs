//! What the command reads beside binaries has to be a regular file of a sensible size, and a binary may be
//! anything: what never ends is left alone.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use linktab_tests::verify::faulty::rust_lld;
use linktab_tests::verify::{command, must, scratch};

/// A folder with a clean binary, and with everything that is no file to read.
fn folder(name: &str) -> PathBuf {
    let folder = scratch("files").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("folder")).expect("the scratch folder is writable");
    let (target, runtime, modules) = (rust_lld(), folder.join("runtime.o"), folder.join("modules.o"));
    target.compile("runtime.c", &[], &runtime);
    target.compile("modules.c", &[], &modules);
    target.link(&[&runtime, &modules], &[], &folder.join("app"));
    must(Command::new("mkfifo").arg(folder.join("pipe")));
    let huge = File::create(folder.join("huge")).expect("the scratch folder is writable");
    huge.set_len(1 << 40).expect("sparse files are allowed");
    folder
}

/// Exit code, and everything that was said.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(command()).current_dir(folder).args(arguments).output();
    let output = output.expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("an exit code");
    format!("{}{}exit {code}\n", text(output.stdout), text(output.stderr))
}

#[test]
fn config_lock_and_response_files_are_regular_and_small() {
    let folder = folder("regular");
    let mut told = String::new();
    for file in ["pipe", "folder", "huge", "/dev/zero", "folder/absent", "app"] {
        let response = format!("@{file}");
        for arguments in [
            &["check", "--config", file, "app"][..],
            &["check", "--no-config", "--lock", file, "app"],
            &["check", "--no-config", "--inputs", &response, "--", "app"],
            &["lock", "--check", "--lock", file, "app"],
        ] {
            let ran = run(&folder, arguments);
            assert!(!ran.contains("exit 0\n"), "{arguments:?}: {ran}");
            told.push_str(&format!("$ linktab {}\n{ran}\n", arguments.join(" ")));
        }
    }
    insta::assert_snapshot!(told);
    assert_eq!(fs::metadata(folder.join("huge")).expect("it is there").len(), 1 << 40);
}

/// A socket's name is limited to a hundred bytes, less than a path below the target folder may have.
#[test]
fn a_socket_is_no_config() {
    let folder = std::env::temp_dir().join(format!("linktab-test-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
    let socket = UnixListener::bind(folder.join("linktab.toml")).expect("a socket");
    let told = run(&folder, &["check", "absent"]);
    drop(socket);
    fs::remove_dir_all(&folder).expect("it can be removed");
    assert_eq!(told, "error: linktab.toml: expected a regular file, found a socket\nexit 2\n");
}

/// What is looked for by default is no better than what is asked for.
#[test]
fn a_pipe_in_the_place_of_the_config_is_not_waited_for() {
    let folder = folder("default");
    for name in ["linktab.toml", "linktab.lock"] {
        fs::rename(folder.join("pipe"), folder.join(name)).expect("it can be renamed");
        let told = run(&folder, &["check", "app"]);
        assert_eq!(told, format!("error: {name}: expected a regular file, found a pipe\nexit 2\n"));
        fs::rename(folder.join(name), folder.join("pipe")).expect("it can be renamed");
    }
}

#[test]
fn a_device_without_end_is_left_alone() {
    let folder = folder("device");
    for command in ["check", "list"] {
        let told = run(&folder, &[command, "/dev/zero"]);
        let error = "error[LT901]: /dev/zero: expected an ELF, Mach-O or PE/COFF file, or an archive of those, found \
                     something else";
        assert!(told.starts_with(error) && told.ends_with("exit 3\n"), "{told}");
    }
    let told = run(&folder, &["lock", "--lock", "new.lock", "/dev/zero"]);
    assert!(told.ends_with("exit 3\n") && !folder.join("new.lock").exists(), "{told}");
    assert!(run(&folder, &["diff", "/dev/zero", "app"]).ends_with("exit 3\n"));
    let mut zeros = Command::new(command());
    zeros.args(["check", "--no-config", "-"]).stdin(File::open("/dev/zero").expect("a device"));
    assert_eq!(zeros.output().expect("the command starts").status.code(), Some(3));
}

/// A binary comes through a pipe, a file as standard input, or a pipe with a name.
#[test]
fn binaries_come_through_pipes() {
    let folder = folder("pipes");
    let listed = run(&folder, &["list", "app"]).replace("app", "standard input");
    let listing = |stdin: Stdio| {
        let mut list = Command::new(command());
        let child = list.args(["list", "-"]).stdin(stdin).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("the command starts");
        // Longer than what is held in memory: zeros behind the binary change nothing.
        let long = child.stdin.take().map(|mut pipe| {
            let mut bytes = fs::read(folder.join("app")).expect("the binary");
            bytes.resize(40 << 20, 0);
            thread::spawn(move || pipe.write_all(&bytes))
        });
        let output = child.wait_with_output().expect("the command ends");
        if let Some(long) = long {
            long.join().expect("no panic").expect("the command reads to the end");
        }
        format!("{}exit {}\n", String::from_utf8(output.stdout).expect("UTF-8"), output.status)
            .replace("exit exit status: ", "exit ")
    };
    assert_eq!(listing(File::open(folder.join("app")).expect("the binary").into()), listed);
    assert_eq!(listing(Stdio::piped()), listed);
    // Who reads a file before us leaves us the rest.
    let mut begun = File::open(folder.join("app")).expect("the binary");
    begun.read_exact(&mut [0; 16]).expect("there is more");
    assert!(listing(begun.into()).ends_with("exit 3\n"));

    let (pipe, app) = (folder.join("pipe"), folder.join("app"));
    let writer = thread::spawn(move || fs::copy(app, pipe));
    assert_eq!(run(&folder, &["list", "pipe"]), run(&folder, &["list", "app"]).replace("app", "pipe"));
    writer.join().expect("no panic").expect("the command reads to the end");
}

/// However many are checked, and whatever is behind a dot in their names.
#[test]
fn a_config_says_of_each_program_what_it_has() {
    let folder = folder("programs");
    for copy in ["app-1.2", "tool.exe", "other"] {
        fs::copy(folder.join("app"), folder.join(copy)).expect("the scratch folder is writable");
    }
    let allow = |program: &str, code: &str, module: &str| {
        format!("[[{program}allow]]\ncode = \"{code}\"\nmodule = \"{module}\"\nreason = \"a test\"\n")
    };
    let config = [
        "expect = [\"acme.everywhere\"]\n".to_owned(),
        // Met in one program is used; met in none is told once.
        allow("", "LT002", "acme.lost"),
        allow("", "LT018", "acme.nothing"),
        "[program.app]\nexpect = [\"acme.app\", \"acme.lost\"]\n".to_owned(),
        "[program.\"app-1.2\"]\nexpect = [\"acme.versioned\"]\n".to_owned(),
        "[program.app-1]\nexpect = [\"acme.cut\"]\n".to_owned(),
        "[program.tool]\nexpect = [\"acme.tool\"]\n".to_owned(),
        allow("program.tool.", "LT002", "acme.everywhere"),
        allow("program.tool.", "LT009", "acme.tool"),
        "[program.absent]\nexpect = [\"acme.absent\"]\n".to_owned(),
    ];
    fs::write(folder.join("linktab.toml"), config.concat()).expect("the scratch folder is writable");
    let check = ["check", "--output-format", "concise", "app", "app-1.2", "tool.exe", "other"];
    insta::assert_snapshot!(run(&folder, &check));
}
