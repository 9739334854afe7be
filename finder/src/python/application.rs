//! Whether this program is an application of its own and no `python`: its mark and its command line in.
//!
//! `linktab pack --entry` and `-m` make one. What it runs is in the archive (`pack_application.py`).

use std::ffi::CString;

use linktab::layout::mark::{APPLICATION, PYTHON_OPTIONS};

use super::{attachment, mark};

/// What Python runs: the application, by whatever name it has.
pub const COMMAND: &str = "__import__('_linktab_shared').run()\n";

/// An application, whose command line is its own.
#[derive(Clone, Copy)]
pub struct Application {
    /// Whether `PYTHON…` variables count all the same.
    pub environment: bool,
}

/// The application that this process is to run, unless it is a `python` or one of its own workers.
pub fn of(arguments: &[CString]) -> Option<Application> {
    attachment::find()?;
    let options = mark::read().options();
    if options & APPLICATION == 0 || is_worker(arguments) {
        return None;
    }
    Some(Application { environment: options & PYTHON_OPTIONS != 0 })
}

/// Whether these are the arguments with which `multiprocessing` starts a process, its server or its tracker:
/// options of `python`, then `-c` and code of its own (`get_command_line` in Lib/multiprocessing/spawn.py,
/// `ensure_running` in forkserver.py and resource_tracker.py).
fn is_worker(arguments: &[CString]) -> bool {
    let mut arguments = arguments.iter().skip(1).map(|argument| argument.to_bytes());
    let mut is_value = false;
    let command = arguments.by_ref().find(|argument| {
        let is_option = argument.starts_with(b"-") && *argument != b"-c";
        let passed = is_value || is_option;
        is_value = is_option && matches!(*argument, b"-X" | b"-W");
        !passed
    });
    command == Some(b"-c") && arguments.next().is_some_and(is_of_multiprocessing)
}

/// Since gh-144503 the server takes the arguments of its parent from `sys.argv`.
fn is_of_multiprocessing(code: &[u8]) -> bool {
    code.strip_prefix(b"import sys; ").unwrap_or(code).starts_with(b"from multiprocessing.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_multiprocessing_starts_is_a_worker() {
        let is_worker = |words: &[&str]| {
            let words = [&["app"], words].concat();
            is_worker(&words.iter().map(|word| CString::new(*word).unwrap()).collect::<Vec<_>>())
        };
        let code = "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=4, pipe_handle=6)";
        assert!(is_worker(&["-c", code, "--multiprocessing-fork"]));
        assert!(is_worker(&["-I", "-X", "utf8", "-Wdefault", "-c", code]));
        let server =
            "import sys; from multiprocessing.forkserver import main; main(3, 4, [], sys_argv=sys.argv[1:])";
        assert!(is_worker(&["-I", "-c", server, "-", "two"]));
        assert!(!is_worker(&["-c", "print(1)"]));
        assert!(!is_worker(&["-c", "import sys; print(sys.argv)"]));
        assert!(!is_worker(&["file", "-c", code]));
        assert!(!is_worker(&["-I"]));
        assert!(!is_worker(&[]));
    }
}
