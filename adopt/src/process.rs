//! Commands that are run to their end, with what they said.

use std::env;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines of a log that are shown when something failed.
const TAIL: usize = 20;

/// What a command printed, or why it failed, in its own last words.
pub fn output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("cannot start {program}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{program} ended with {}\n{}", output.status, tail(&String::from_utf8_lossy(&said))))
}

/// Runs a command that writes into a log, or returns the end of the log.
pub fn logged(command: &mut Command, log: &Path) -> Result<(), String> {
    let opened = File::options().create(true).truncate(true).read(true).write(true).open(log);
    let mut file = opened.map_err(|error| format!("cannot write {}: {error}", log.display()))?;
    let both = file.try_clone().and_then(|out| Ok((out, file.try_clone()?)));
    let (out, err) = both.map_err(|error| format!("cannot write {}: {error}", log.display()))?;
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.stdout(out).stderr(err).status();
    let status = status.map_err(|error| format!("cannot start {program}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut bytes));
    read.map_err(|error| format!("cannot read {}: {error}", log.display()))?;
    Err(tail(&String::from_utf8_lossy(&bytes)))
}

/// The program of a name, or of a path.
pub fn on_path(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| path.is_file());
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Whether a compiler, Meson or CMake says in a line what is wrong. The heading that pip puts over all of it says nothing.
pub fn is_error(line: &str) -> bool {
    let says = [" error: ", "ERROR: ", "CMake Error"].iter().any(|words| line.contains(words));
    says && !line.contains("error: subprocess-exited-with-error")
}

/// The last lines, and the last of a compiler. What pip adds behind a build's own words is left out: it is the same for every failure.
fn tail(text: &str) -> String {
    let text = text.rsplit_once("[end of output]").map_or(text, |(own, _)| own);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let (before, last) = lines.split_at(lines.len().saturating_sub(TAIL));
    // A build system's own traceback behind it may be longer than that.
    let is_said = |line: &&&str| is_error(line);
    let said = if last.iter().any(|line| is_said(&line)) { None } else { before.iter().rfind(is_said) };
    said.into_iter().chain(last).copied().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{TAIL, is_error, tail};

    #[test]
    fn what_a_compiler_said_is_shown_with_the_last_lines() {
        let traceback = "  in a build system\n".repeat(TAIL);
        let text = format!("cc -c a.c\na.c:1:2: error: planted\n{traceback}[end of output]\nfailed\n");
        assert_eq!(tail(&text), format!("a.c:1:2: error: planted\n{}", traceback.trim_end()));
        assert_eq!(tail("a.c:1:2: error: planted\nfailed"), "a.c:1:2: error: planted\nfailed");
    }

    #[test]
    fn a_build_system_says_what_is_wrong_and_pips_heading_does_not() {
        let text = "  error: subprocess-exited-with-error\n  ../meson.build:1:0: ERROR: Unknown compiler(s): [['gfortran']]\n  A \
                    full log can be found at meson-log.txt\n";
        let said: Vec<&str> = text.lines().filter(|line| is_error(line)).collect();
        assert_eq!(said, ["  ../meson.build:1:0: ERROR: Unknown compiler(s): [['gfortran']]"]);
        assert!(is_error("CMake Error at CMakeLists.txt:3 (find_package):"));
        assert!(!is_error("no errors: all is well"));
    }
}
