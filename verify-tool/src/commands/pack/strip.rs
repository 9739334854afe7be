//! The copy of an executable in, the same without symbols for debuggers out, by a program of the machine. What
//! `linktab check` reads stays: the table and its notes are none of those symbols, and the others are named.

use std::io;
use std::process::{Command, Stdio};

use super::super::Stop;
use super::input::Input;
use super::output::Part;
use crate::plain;
use crate::records::symbols_of_facts;

/// GNU's, LLVM's: both take the options below.
const PROGRAMS: [&str; 2] = ["strip", "llvm-strip"];

/// Returns where the mark is by now.
pub fn strip(part: &mut Part, input: &Input) -> Result<u64, Stop> {
    let usage = |why: String| Stop::Usage(format!("--strip: {why}"));
    if !input.is_elf {
        return Err(usage(
            "only ELF executables are stripped here: strip this one first, and pack then".to_owned(),
        ));
    }
    let begins = symbols_of_facts().into_iter().map(|name| format!("{name}*"));
    for program in PROGRAMS {
        let mut strip = Command::new(program);
        strip.args(["--strip-all", "--wildcard"]);
        let kept = begins.clone().chain(input.symbols.iter().cloned());
        strip.args(kept.map(|name| format!("--keep-symbol={name}"))).arg(part.path());
        let output = match strip.stdin(Stdio::null()).output() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            output => output.map_err(|error| usage(format!("cannot start `{program}`: {error}")))?,
        };
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().last().unwrap_or_default();
            return Err(usage(format!("`{program}` failed ({}): {}", output.status, plain::plain(last))));
        }
        part.measure().map_err(|error| usage(error.to_string()))?;
        return Ok(Input::recognise(part.path())?.mark);
    }
    Err(usage(
        "needs `strip` or `llvm-strip`, and neither is installed (Debian: binutils, or llvm)".to_owned(),
    ))
}
