//! Which lines a report quotes. File names come out of the binary, and reports end up in public logs: only
//! source code below the folder is shown, whatever a name, a link or a pipe makes of it.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use linktab_tests::verify::faulty::rust_lld;
use linktab_tests::verify::{command, must, scratch};

/// The folder that the command runs in, with everything that the records of `quoted.c` name.
fn folder() -> PathBuf {
    let above = scratch("sources");
    fs::remove_dir_all(&above).expect("the scratch folder can be cleared");
    let folder = above.join("here");
    for path in ["src", ".cargo", "folder.c"] {
        fs::create_dir_all(folder.join(path)).expect("the scratch folder is writable");
    }
    let secret = "secret of this file\n".repeat(20);
    let shown: String = (1..10).map(|line| format!("LINKTAB_MODULE(…) // {line}\n")).collect();
    let wide = format!("{}\n", "wide ".repeat(1000)).repeat(20);
    for (path, text) in [
        ("src/shown.c", shown),
        (".cargo/credentials.toml", secret.clone()),
        ("linktab.lock", secret.clone()),
        ("../beside.c", secret.clone()),
        ("wide.c", wide),
    ] {
        fs::write(folder.join(path), text).expect("the scratch folder is writable");
    }
    let large = File::create(folder.join("large.c")).expect("the scratch folder is writable");
    large.set_len(1 << 40).expect("sparse files are allowed");
    symlink("../beside.c", folder.join("linked-away.c")).expect("a link");
    symlink(".cargo/credentials.toml", folder.join("linked-secret.c")).expect("a link");
    must(Command::new("mkfifo").arg(folder.join("pipe.c")));
    let (target, object, runtime) = (rust_lld(), above.join("quoted.o"), above.join("runtime.o"));
    target.compile("quoted.c", &[], &object);
    target.compile("runtime.c", &[], &runtime);
    target.link(&[&runtime, &object], &[], &folder.join("app"));
    folder
}

#[test]
fn only_source_code_below_the_folder_is_quoted() {
    let folder = folder();
    let told = |arguments: &[&str]| {
        let mut check = Command::new(command());
        check.current_dir(&folder).args(["check", "app"]).args(arguments);
        let output = check.output().expect("the command starts");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let text = told(&["--no-config", "--lock", "pinned.lock", "--python", "3.15"]);
    assert_eq!(text, "", "there is no such lock yet");
    // What the user says is expected is quoted, for it is the user's.
    let lock = "version = 1\n[[module]]\nname = \"acme.absent\"\nphase = \"multi\"\n";
    fs::write(folder.join("pinned.lock"), lock).expect("the folder is writable");
    let quiet = ["-A", "LT010", "-A", "LT015", "--lock", "pinned.lock", "--python", "3.15", "--no-config"];
    let text = told(&quiet);
    assert!(!text.contains("secret of this file"), "{text}");
    let (before, address) = text.split_once("(0x").expect("a report with an address");
    let after = address.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    insta::assert_snapshot!(format!("{before}(0x…{after}"));
    for format in ["concise", "json", "sarif", "github", "html"] {
        let text = told(&[&quiet[..], &["--output-format", format]].concat());
        assert!(text.contains("beside.c") && !text.contains("secret of this file"), "{text}");
    }
}
