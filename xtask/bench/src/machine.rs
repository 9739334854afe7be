//! Nothing in, a description of what measured out: without it no number means anything.

use std::env;
use std::fs;
use std::process::Command;

use crate::run;

/// One line each.
pub fn describe() -> Vec<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system =
        release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).unwrap_or("?").trim_matches('"');
    vec![
        format!("{processors} x {}", model.map_or("an unnamed processor", |(_, model)| model)),
        format!("{system}, Linux {}", first_line("uname", "-r")),
        format!("CPython {}", python()),
        format!(
            "{}; {}; {}",
            first_line("cc", "--version"),
            first_line("rustc", "--version"),
            first_line("valgrind", "--version")
        ),
    ]
}

/// `sys.version` names the build, not just the version: counts of instructions belong to that.
pub fn python() -> String {
    let python = env::var_os("LINKTAB_PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = Command::new(python);
    run::output(command.args(["-c", "import sys; print(sys.version.replace(chr(10), ' '))"]))
        .map_or_else(|_| "?".to_owned(), |said| said.trim().to_owned())
}

/// The first line that a tool says of itself.
pub fn first_line(tool: &str, option: &str) -> String {
    let said = run::output(Command::new(tool).arg(option));
    said.ok().and_then(|said| said.lines().next().map(str::to_owned)).unwrap_or_else(|| format!("no {tool}"))
}
