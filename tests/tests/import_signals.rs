//! Signals do in our `python` what they do in the stock interpreter: nothing of Rust's runtime is left.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::{python_app, python_command, run, stock_python, target_dir, transcript};

/// What a program says that a shell starts after `before`, without a core file.
fn after(before: &str, program: &Path, code: &str) -> String {
    let mut shell = python_command(Path::new("sh"));
    shell.args(["-c", &format!("ulimit -c 0; {before} exec \"$0\" -c \"$1\"")]).arg(program).arg(code);
    let said = transcript(&mut shell, "");
    said.replace(&program.display().to_string(), "<executable>").replace(" (core dumped)", "")
}

/// The same by both interpreters, which must agree.
fn both(before: &str, code: &str) -> String {
    let ours = after(before, &python_app("import-app"), code);
    assert_eq!(after(before, &stock_python(), code), ours, "{before} {code}");
    ours
}

const KILL: &str = "import os, signal; os.kill(os.getpid(), signal.NAME); print('lives on')";

#[test]
fn signals_end_the_program_as_ever() {
    let signals = ["SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGABRT", "SIGPIPE", "SIGXFSZ"];
    let said = signals.map(|signal| format!("{signal}: {}", both("", &KILL.replace("NAME", signal))));
    insta::assert_snapshot!(said.concat());
}

#[test]
fn signals_that_the_parent_ignores_are_ignored() {
    for signal in ["SEGV", "BUS"] {
        let said = both(&format!("trap '' {signal};"), &KILL.replace("NAME", &format!("SIG{signal}")));
        assert_eq!(said, "lives on\n");
    }
}

/// Python ignores SIGPIPE once it is initialised; `--help` is earlier.
#[test]
fn a_pipe_that_nobody_reads_ends_the_program_as_ever() {
    for before in ["", "trap '' PIPE;"] {
        let say = |program: &Path| {
            let mut shell = python_command(Path::new("sh"));
            let words = format!("{before} {{ sleep 0.3; \"$0\" --help 2>&-; echo $? >&2; }} | true");
            transcript(shell.args(["-c", &words]).arg(program), "")
        };
        assert_eq!(say(&stock_python()), say(&python_app("import-app")), "{before}");
    }
}

/// Handlers of Python's own, and of `faulthandler`, which lays its own over what it finds.
const HANDLERS: &str = "
import faulthandler, signal, sys
print(signal.getsignal(signal.SIGSEGV), signal.getsignal(signal.SIGBUS), signal.getsignal(signal.SIGPIPE))
print(faulthandler.is_enabled())
faulthandler.enable()
faulthandler.disable()
print(signal.signal(signal.SIGBUS, lambda number, frame: print('heard', number)))
signal.raise_signal(signal.SIGBUS)
print(open('/proc/self/status').read().partition('SigIgn')[2].split()[1:4])
";

#[test]
fn handlers_and_masks_are_those_of_the_stock_interpreter() {
    let said = both("", HANDLERS);
    assert!(said.contains("heard 7"), "{said}");
}

#[test]
fn an_overflow_of_the_stack_ends_as_ever() {
    // CPython has a function for that.
    let code = "import sys, faulthandler; sys.stderr = None; faulthandler._stack_overflow()";
    assert!(both("", code).contains("SIGSEGV"));
    // Younger versions count better, and raise.
    let code = "
import sys
sys.setrecursionlimit(10 ** 6)
class Deep:
    def __getattr__(self, name):
        return getattr(self, name)
try:
    Deep().deeper
except RecursionError:
    print('counted')
";
    both("ulimit -s 1024;", code);
}

#[test]
fn processes_die_of_what_kills_them() {
    let script = target_dir("import").join("processes_die.py");
    let code = "
import multiprocessing, os, signal, sys
from concurrent.futures import ProcessPoolExecutor, process

def die(number):
    os.kill(os.getpid(), number)
    return 'lives on'

if __name__ == '__main__':
    for method in 'spawn', 'forkserver', 'fork':
        context = multiprocessing.get_context(method)
        for number in signal.SIGSEGV, signal.SIGBUS:
            with ProcessPoolExecutor(1, mp_context=context) as executor:
                try:
                    print(method, number.name, executor.submit(die, number).result(60))
                except process.BrokenProcessPool:
                    print(method, number.name, 'broke the pool')
            child = context.Process(target=die, args=(number,))
            child.start()
            child.join()
            print(method, number.name, child.exitcode)
";
    fs::write(&script, code).expect("a file can be written");
    let say = |program: &Path| transcript(python_command(program).args(["-W", "ignore"]).arg(&script), "");
    let ours = say(&python_app("import-app"));
    assert_eq!(say(&stock_python()), ours);
    insta::assert_snapshot!(ours);
}

#[test]
fn crash_reporters_of_the_program_stay() {
    let reporter = python_app("import-reporter");
    for before in ["", "REPORTER=segv"] {
        let said = after(before, &reporter, &KILL.replace("NAME", "SIGSEGV"));
        assert_eq!(said, "exit code 77\n--- errors\nthe program's own reporter: signal 11\n", "{before}");
    }
}

#[test]
fn handlers_that_were_there_before_rust_stay() {
    let library = preloaded();
    let before = format!("LD_PRELOAD={}", library.display());
    let said = both(&before, &KILL.replace("NAME", "SIGBUS"));
    assert_eq!(said, "exit code 66\n--- errors\nheard before main\n");
}

/// A shared object with handlers of the very form that Rust's have.
fn preloaded() -> PathBuf {
    let source = target_dir("import").join("preloaded.c");
    let code = r#"
#include <signal.h>
#include <unistd.h>
static void hear(int number, siginfo_t *info, void *context) {
    (void)!write(2, "heard before main\n", 18);
    _exit(66);
}
__attribute__((constructor)) static void listen(void) {
    struct sigaction action = {0};
    action.sa_sigaction = hear;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, 0);
    sigaction(SIGBUS, &action, 0);
}
"#;
    fs::write(&source, code).expect("a file can be written");
    let library = source.with_extension("so");
    run(Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source));
    library
}
