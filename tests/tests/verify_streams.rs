//! Streams that nobody reads, that are closed, or behind which the disk is full: none of them turns a
//! verdict into another, and a report that could not be written is never called clean.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use linktab_tests::alone::alone;
use linktab_tests::verify::faulty::{faulty, rust_lld};
use linktab_tests::verify::{Project, cargo_command, command, linktab, scratch, target};
use linktab_verify::commands::Exit;

/// What a stream of the command is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stream {
    /// Somebody reads it.
    Read,
    /// A pipe whose reader has gone.
    Gone,
    /// A disk without room.
    Full,
}

impl Stream {
    fn open(self) -> Stdio {
        match self {
            Stream::Read => Stdio::piped(),
            Stream::Gone => {
                let (reader, writer) = io::pipe().expect("a pipe");
                drop(reader);
                writer.into()
            }
            Stream::Full => File::create("/dev/full").expect("a device of Linux").into(),
        }
    }
}

/// The exit code with these streams, and what was said to those that somebody reads.
fn run(program: &Path, arguments: &[&str], out: Stream, err: Stream) -> (Option<i32>, String, String) {
    let child = Command::new(program).args(arguments).stdout(out.open()).stderr(err.open()).spawn();
    let output = child.expect("the command starts").wait_with_output().expect("the command ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The exit code with streams that are not even open.
fn run_closed(program: &Path, arguments: &[&str], closed: &str) -> Option<i32> {
    let script = format!("exec \"$0\" \"$@\" {closed}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).arg(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    shell.status().expect("a shell is there").code()
}

struct Files {
    folder: PathBuf,
    clean: String,
    faulty: String,
    broken: String,
}

impl Files {
    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().expect("an ASCII path").to_owned()
    }
}

/// Made once: the tests run at the same time.
static FILES: LazyLock<Files> = LazyLock::new(files);

fn files() -> Files {
    let folder = scratch("streams");
    let (target, program) = (rust_lld(), folder.join("clean"));
    let (runtime, modules) = (folder.join("runtime.o"), folder.join("modules.o"));
    target.compile("runtime.c", &[], &runtime);
    target.compile("modules.c", &[], &modules);
    target.link(&[&runtime, &modules], &[], &program);
    fs::write(folder.join("broken"), "no binary").expect("the scratch folder is writable");
    fs::write(folder.join("stale.lock"), "version = 1\n").expect("the scratch folder is writable");
    let faulty = faulty("streams").to_str().expect("an ASCII path").to_owned();
    let files = Files { folder, clean: String::new(), faulty, broken: String::new() };
    let files = Files { clean: files.path("clean"), broken: files.path("broken"), ..files };
    let _ = fs::remove_file(files.path("fresh.lock"));
    assert_eq!(linktab(["lock", "--lock", &*files.path("fresh.lock"), &*files.clean]).exit, Exit::Clean);
    files
}

/// Every command, in every way that it ends.
fn calls(files: &Files) -> Vec<Vec<String>> {
    let (clean, faulty, broken) = (&*files.clean, &*files.faulty, &*files.broken);
    let (stale, fresh, report) =
        (&*files.path("stale.lock"), &*files.path("fresh.lock"), &*files.path("report"));
    let check = ["check", "--no-config", "--lock", fresh];
    let calls: Vec<Vec<&str>> = vec![
        [&check[..], &[clean]].concat(),
        [&check[..], &[faulty]].concat(),
        [&check[..], &["-v", faulty]].concat(),
        [&check[..], &["-v", clean]].concat(),
        [&check[..], &["-o", report, faulty]].concat(),
        [&check[..], &["-o", report, clean]].concat(),
        [&check[..], &[broken]].concat(),
        [&check[..], &["--exit-zero", faulty]].concat(),
        vec!["list", clean],
        vec!["list", broken],
        vec!["list", "--output-format", "json", broken],
        vec!["diff", clean, faulty],
        vec!["diff", clean, broken],
        vec!["lock", "--check", "--lock", stale, clean],
        vec!["lock", "--check", "--lock", fresh, clean],
        vec!["lock", "--lock", fresh, broken],
        vec!["pack", broken, "-o", report],
        vec!["explain", "--all"],
        vec!["explain", "LT999"],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["check", "--help"],
        vec!["--version"],
        vec![],
    ];
    calls.into_iter().map(|call| call.into_iter().map(str::to_owned).collect()).collect()
}

/// Holds a call against itself with every stream as it should be. Before each something may be done.
fn judge(program: &Path, call: &[&str], prepare: &mut dyn FnMut()) -> Option<i32> {
    let mut run = |out, err| {
        prepare();
        run(program, call, out, err)
    };
    let (code, out, _) = run(Stream::Read, Stream::Read);
    for (out, err) in [
        (Stream::Gone, Stream::Read),
        (Stream::Read, Stream::Gone),
        (Stream::Gone, Stream::Gone),
        (Stream::Read, Stream::Full),
    ] {
        assert_eq!(run(out, err).0, code, "{call:?}, {out:?} and {err:?}");
    }
    for closed in [">&-", "2>&-", ">&- 2>&-"] {
        assert_eq!(run_closed(program, call, closed), code, "{call:?} {closed}");
    }
    let (full, _, err) = run(Stream::Full, Stream::Read);
    if out.is_empty() {
        assert_eq!(full, code, "{call:?} writes nothing");
    } else {
        assert_eq!(full, Some(Exit::Unreadable as i32), "{call:?}: {err}");
        assert!(err.contains("error: cannot write the report: No space left on device"), "{call:?}: {err}");
    }
    code
}

#[test]
fn no_stream_changes_the_verdict_of_any_command() {
    let (program, files) = (command(), &*FILES);
    let mut codes = Vec::new();
    for call in calls(files) {
        let call: Vec<&str> = call.iter().map(String::as_str).collect();
        codes.push(judge(&program, &call, &mut || {}).expect("an exit code"));
    }
    // Every way to end was tried.
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes, [0, 1, 2, 3]);
}

/// `linktab lock --check app 2>&1 | head`: what is said goes to standard error alone.
#[test]
fn a_report_into_a_file_that_cannot_hold_it_is_no_report() {
    let (program, files) = (command(), &*FILES);
    for (binary, format) in [(&files.clean, "text"), (&files.faulty, "text"), (&files.faulty, "sarif")] {
        let call = ["check", "--no-config", "--output-format", format, "-o", "/dev/full", binary];
        let (code, out, err) = run(&program, &call, Stream::Read, Stream::Read);
        let said = "error: /dev/full: No space left on device (os error 28)\n";
        assert_eq!((code, &*out, &*err), (Some(Exit::Usage as i32), "", said));
    }
    let call = ["lock", "--lock", "/dev/full", &*files.clean];
    let (code, _, err) = run(&program, &call, Stream::Read, Stream::Read);
    assert_ne!(code, Some(0), "{err}");
}

#[test]
fn no_stream_changes_the_verdict_of_cargo_linktab() {
    let main = "fn main() {\n    linktab::Registry::global().unwrap();\n}\n";
    let library = "pub struct PyObject;\n\n#[linktab::extension_module(\"acme.geo\")]\nunsafe extern \"C\" fn init() \
                   -> *mut PyObject {\n    std::ptr::without_provenance_mut(1)\n}\n";
    let project = Project::new("streams", main, &[("geo", &[("src/lib.rs", library)])]);
    let manifest = project.path("Cargo.toml").to_str().expect("ASCII").to_owned();
    let folder = target().join("verify-projects").to_str().expect("ASCII").to_owned();
    let program = cargo_command();
    let mut codes = Vec::new();
    // Others build in the same folder.
    let _alone = alone("cargo");
    for named in [false, true] {
        let call = ["linktab", "check", "--manifest-path", &manifest, "--", "--target-dir", &folder];
        let text = if named { format!("use geo as _;\n{main}") } else { main.to_owned() };
        let mut edits = 0;
        // It says the most of what it has not built yet.
        codes.push(judge(&program, &call, &mut || {
            edits += 1;
            project.write("src/main.rs", &format!("{text}// {edits}\n"));
        }));
        let wrong = text.replace("main()", "main(");
        project.write("src/main.rs", &wrong);
        assert_eq!(judge_failed_build(&program, &call), Some(Exit::Usage as i32));
    }
    assert_eq!(codes, [Some(Exit::Findings as i32), Some(Exit::Clean as i32)]);
}

fn judge_failed_build(program: &Path, call: &[&str]) -> Option<i32> {
    let (code, out, err) = run(program, call, Stream::Read, Stream::Read);
    assert!(out.is_empty() && err.contains("error: cargo could not build the program"), "{out}{err}");
    assert!(err.contains("src/main.rs:"), "what cargo says comes through: {err}");
    assert_eq!(run(program, call, Stream::Gone, Stream::Gone).0, code);
    code
}
