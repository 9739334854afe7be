//! The command from outside: what it shows, and what it counts.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server, and the folder on which it shows its files.
struct Mounted {
    process: Child,
    input: ChildStdin,
    answers: BufReader<ChildStdout>,
    mountpoint: PathBuf,
    /// Asked for between the last two counts.
    bytes: u64,
}

/// Three files to show, in a new folder; or a named skip.
fn mounted(name: &str, options: &[&str]) -> Option<Mounted> {
    if fs::OpenOptions::new().read(true).write(true).open("/dev/fuse").is_err() {
        println!("skipped: /dev/fuse is not here, or not for this user");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let (source, mountpoint) = (folder.join("source"), folder.join("mounted"));
    fs::create_dir_all(source.join("folder")).expect("a folder can be made");
    fs::create_dir_all(&mountpoint).expect("a folder can be made");
    fs::write(source.join("folder/one"), "one\n").expect("a file can be written");
    fs::write(source.join("two"), vec![2; 300_000]).expect("a file can be written");
    let _ = fs::remove_file(source.join("link"));
    std::os::unix::fs::symlink("folder/one", source.join("link")).expect("a link can be made");
    let mut command = Command::new(env!("CARGO_BIN_EXE_slow-files"));
    command.arg(source).arg(&mountpoint).args(options).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().expect("it was built");
    let (input, output) = (process.stdin.take().expect("piped"), process.stdout.take().expect("piped"));
    let mut mounted = Mounted { process, input, answers: BufReader::new(output), mountpoint, bytes: 0 };
    assert_eq!(mounted.line(), "mounted\n");
    Some(mounted)
}

impl Mounted {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it speaks UTF-8");
        line
    }

    fn counts(&mut self) -> String {
        self.input.write_all(b"\n").expect("it listens");
        let mut text = String::new();
        while !text.ends_with("end\n") {
            text += &self.line();
        }
        let mut words = text.replace('\n', " ");
        // First by name; the kernel asks for whole pages, and for more than anybody wants.
        self.bytes = 0;
        if let Some((bytes, rest)) = words.strip_prefix("bytes ").and_then(|rest| rest.split_once(' ')) {
            (self.bytes, words) = (bytes.parse().expect("a number"), rest.to_owned());
        }
        words
    }

    fn stop(mut self) {
        drop(self.input);
        assert!(self.process.wait().expect("it ends").success());
        let rest = fs::read_dir(self.mountpoint).expect("the folder is there").count();
        assert_eq!(rest, 0, "still mounted");
    }
}

#[test]
fn files_are_shown_and_requests_are_counted() {
    // For a minute the kernel believes what it was told, however slow the machine is.
    let Some(mut server) = mounted("counts", &["--latency-us", "0", "--cache-ms", "60000"]) else { return };
    let path = |name: &str| server.mountpoint.join(name);
    let [one, two, link, none] = ["folder/one", "two", "link", "none"].map(path);
    assert_eq!(fs::read_to_string(&one).expect("it is shown"), "one\n");
    let mut text = format!("a file: {}\n", server.counts());
    assert_eq!(fs::read_to_string(&one).expect("it is shown"), "one\n");
    text += &format!("again: {}\n", server.counts());
    assert!(fs::read(&two).expect("it is shown").iter().eq([2; 300_000].iter()));
    // How many pages the kernel asks for at once is its own affair.
    let reads = server.counts();
    assert!(server.bytes >= 300_000, "{}", server.bytes);
    assert!(reads.starts_with("lookup 1 open 1 read ") || reads.starts_with("getattr"), "{reads}");
    assert_eq!(fs::read_link(&link).expect("it is shown").to_str(), Some("folder/one"));
    text += &format!("a link: {}\n", server.counts());
    for _ in 0..3 {
        fs::metadata(&none).expect_err("it is not there");
    }
    text += &format!("what is not there, three times: {}\n", server.counts());
    fs::write(&two, "").expect_err("nobody may write");
    let names = fs::read_dir(&server.mountpoint)
        .expect("it is shown")
        .map(|entry| entry.expect("an entry").file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["folder", "link", "two"]);
    server.stop();
    insta::assert_snapshot!(text);
}

#[test]
fn every_request_takes_its_time() {
    let Some(mut server) = mounted("latency", &["--latency-us", "20000", "--cache-ms", "0"]) else { return };
    server.counts();
    let start = Instant::now();
    for at in 0..5 {
        fs::metadata(server.mountpoint.join(format!("none-{at}"))).expect_err("it is not there");
    }
    // No less, whatever else the machine does.
    assert!(start.elapsed() >= Duration::from_millis(5 * 20));
    assert!(server.counts().contains("lookup 5 "));
    server.stop();
}
