//! Runs a program to its end; folders of fixtures.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::Duration;

/// The folder of a fixture below `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// A folder below `target/` in which a test builds its fixture.
pub fn target_dir(name: &str) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace");
    // Tests run in tests/, cargo in the workspace: a relative folder is meant from there.
    let target = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
    workspace.join(target.unwrap_or_else(|| "target".into())).join("fixtures").join(name)
}

/// What a program printed to its standard output.
///
/// # Panics
///
/// When it cannot be started or fails: with the command and everything that it printed.
pub fn run(command: &mut Command) -> String {
    let output = try_run(command);
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("the program prints UTF-8")
}

/// The outcome of a program that may fail.
///
/// # Panics
///
/// When it cannot be started.
pub fn try_run(command: &mut Command) -> Output {
    // What cargo tells this test is not meant for the cargo that the test runs.
    for (key, _) in std::env::vars() {
        if key.starts_with("CARGO_PKG_") || key == "CARGO_MANIFEST_DIR" || key == "RUSTFLAGS" {
            command.env_remove(key);
        }
    }
    when_written(|| command.output()).unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"))
}

/// Starts a program that this process may have written. What another thread forks holds the file open until it is a
/// program itself, and so long execve(2) says ETXTBSY.
///
/// # Errors
///
/// The start's own; ETXTBSY when it lasts longer than any fork does.
pub fn when_written<T>(mut start: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..1000 {
        match start() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                sleep(Duration::from_millis(10))
            }
            ended => return ended,
        }
    }
    start()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;
    use std::thread;

    use super::*;

    #[test]
    fn a_program_that_is_open_for_writing_is_started_once_it_is_closed() {
        let program = std::env::temp_dir().join(format!("linktab-busy-{}", std::process::id()));
        fs::copy("/bin/true", &program).expect("a program can be copied");
        let open = fs::OpenOptions::new().append(true).open(&program).expect("it can be opened");
        let writer = thread::spawn(move || {
            sleep(Duration::from_millis(100));
            drop(open);
        });
        let ended = when_written(|| Command::new(&program).status());
        writer.join().expect("the thread ends");
        fs::remove_file(&program).expect("it can be removed");
        assert!(ended.expect("it can be started").success());
    }
}
