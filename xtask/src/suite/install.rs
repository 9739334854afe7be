//! The parts to run in; what they need and this machine lacks is installed, and nothing else.
//!
//! Knows groups of Debian packages by name only: `.ci/install` says what is in them. What is unpacked below
//! `target/` is the business of [`crate::environment`].

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Result, ensure};
use linktab_cpython::process;

use super::parts::Part;
use crate::needs::Need;
use crate::workspace;

/// Installs it.
///
/// # Errors
/// Something cannot be installed: what it is has been said by then.
pub fn install(parts: &[&Part]) -> Result<()> {
    if let Some(mut script) = packages(parts) {
        let status = script.status()?;
        ensure!(status.success(), "the tests cannot start: what is missing is named above");
    }
    for component in components(parts) {
        let mut probe = Command::new("cargo");
        // `cargo fmt` is in the component `rustfmt`.
        probe.args([component.trim_start_matches("rust"), "--version"]);
        if !probe.output().is_ok_and(|output| output.status.success()) {
            process::output(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// The script that CI starts with, told which groups these parts need.
fn packages(parts: &[&Part]) -> Option<Command> {
    let needs = parts.iter().flat_map(|part| part.needs);
    let groups: BTreeSet<&str> =
        needs.filter_map(|need| if let Need::Packages(group) = need { Some(*group) } else { None }).collect();
    // Without a group it would install all of them.
    (!groups.is_empty()).then(|| script(groups))
}

fn script<'a>(groups: impl IntoIterator<Item = &'a str>) -> Command {
    let mut script = Command::new("bash");
    script.arg(".ci/install").args(groups).current_dir(workspace::root());
    script
}

fn components(parts: &[&Part]) -> BTreeSet<&'static str> {
    let needs = parts.iter().flat_map(|part| part.needs);
    needs.filter_map(|need| if let Need::Component(name) = need { Some(*name) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::{env, fs};

    use super::*;
    use crate::suite::parts::PARTS;
    use linktab_cpython::files;
    use linktab_cpython::process::write_executable;

    /// What the script starts, on a machine with nothing: each says what it would there, and apt-get notes what
    /// it is to install.
    const BARE: [(&str, &str); 5] = [
        ("bash", r#"exec /bin/bash "$@""#),
        ("id", "echo 0"),
        ("dpkg", "echo amd64"),
        ("dpkg-query", "exit 1"),
        ("apt-get", r#"[ "$1" = update ] || { shift 4; echo "$@" >> "$NOTES"; }"#),
    ];

    /// What `script` installs, and what it says when it fails, where there are only these programs.
    fn installed(script: &mut Command, programs: &[(&str, &str)]) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("linktab-bare-{}-{count}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in programs {
            write_executable(&folder.join(name), &format!("#!/bin/sh\n{text}\n")).unwrap();
        }
        let notes = folder.join("notes");
        let output = script.env("PATH", &folder).env("NOTES", &notes).output().unwrap();
        let packages = fs::read_to_string(&notes).unwrap_or_default();
        fs::remove_dir_all(&folder).unwrap();
        match output.status.code() {
            Some(0) if packages.is_empty() => "nothing".to_owned(),
            Some(0) => packages.trim().to_owned(),
            code => format!("exit code {code:?}: {}", String::from_utf8_lossy(&output.stderr).trim()),
        }
    }

    fn needed(part: &Part) -> String {
        let installed = packages(&[part]).map(|mut script| installed(&mut script, &BARE));
        format!("{}: {}", part.name, installed.as_deref().unwrap_or("nothing, the script does not start"))
    }

    #[test]
    fn a_part_alone_installs_on_a_bare_machine_what_it_needs() {
        let needed: Vec<String> = PARTS.iter().map(needed).collect();
        insta::assert_snapshot!(needed.join("\n"));
    }

    fn words(packages: &str) -> BTreeSet<String> {
        packages.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn without_a_group_everything_is_installed_and_a_whole_run_needs_all_of_it() {
        let every: Vec<&Part> = PARTS.iter().collect();
        let needed = words(&installed(&mut packages(&every).unwrap(), &BARE));
        // Without what is in `rust`, no part could have been compiled.
        let rust = words(&installed(&mut script(["rust"]), &BARE));
        assert_eq!(words(&installed(&mut script([]), &BARE)), &needed | &rust);
    }

    /// The beginnings of test programs, and the part that runs them.
    const PROGRAMS: [(&str, &str); 14] = [
        ("pages_", "pages"),
        ("root_", "pages-root"),
        ("project_", "project"),
        ("adopt_", "adopt"),
        ("register_", "register"),
        ("sdk_", "sdk"),
        ("verify_", "verify"),
        ("foreign_", "macos"),
        ("import_", "python"),
        ("memory_", "python"),
        ("matrix_", "matrix"),
        ("cpython_", "cpython"),
        ("third_party_", "third-party"),
        ("one_file_", "one-file"),
    ];

    /// What the parts lack that `text`, a test program called `name`, looks for.
    fn lacking(name: &str, text: &str) -> Vec<String> {
        let (_, part) = PROGRAMS.iter().find(|(start, _)| name.starts_with(start)).expect(name);
        let part = PARTS.iter().find(|other| other.name == *part).expect(part);
        let installed = packages(&[part]).map(|mut script| installed(&mut script, &BARE));
        let installed = words(installed.as_deref().unwrap_or_default());
        let script = fs::read_to_string(workspace::root().join(".ci/install")).unwrap();
        let needs = script.lines().filter_map(|line| line.split_once("needs ")).filter_map(|(_, rest)| {
            let mut words = rest.split_whitespace();
            Some((words.next()?, words.next()?))
        });
        let is_asked_for = |(_, program): &(&str, &str)| {
            ["has(\"", "Command::new(\""].iter().any(|call| text.contains(&format!("{call}{program}\"")))
        };
        // A C compiler is there wherever cargo is.
        let is_lacking = |(package, _): &(&str, &str)| *package != "gcc" && !installed.contains(*package);
        let say =
            |(package, program)| format!("{name} looks for {program}, and its part installs no {package}");
        needs.filter(is_asked_for).filter(is_lacking).map(say).collect()
    }

    #[test]
    fn a_part_installs_what_its_tests_look_for() {
        let tests = workspace::root().join("tests/tests");
        let mut found = Vec::new();
        for name in files::names_in(&tests).iter().filter(|name| name.ends_with(".rs")) {
            found.extend(lacking(name, &fs::read_to_string(tests.join(name)).unwrap()));
        }
        assert_eq!(found, [""; 0]);
        insta::assert_snapshot!(lacking("matrix_planted.rs", "if has(\"strace\") { Command::new(\"ld.mold\") }").join("\n"), @"matrix_planted.rs looks for strace, and its part installs no strace");
    }

    #[test]
    fn what_is_there_is_not_installed_and_a_wrong_name_is_refused() {
        let mut programs = BARE.to_vec();
        programs.retain(|(name, _)| *name != "dpkg-query");
        programs.extend([
            ("dpkg-query", "echo installed"),
            ("valgrind", ""),
            ("ld.bfd", ""),
            ("ld.mold", ""),
        ]);
        let said = ["valgrind", "linkers", "linker"].map(|group| installed(&mut script([group]), &programs));
        insta::assert_snapshot!(said.join("\n"));
    }
}
