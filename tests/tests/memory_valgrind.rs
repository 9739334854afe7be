//! Every extension of the fixture, sound and broken, imported twice under valgrind: nothing is read,
//! written or freed that may not be.
//!
//! Not asked for are uses of uninitialised values: CPython itself has hundreds (`maybe_small_long`), with
//! linktab and without.

use std::process::Command;

use linktab_tests::{build_at_hand, python_app, python_command, transcript};

const CODE: &str = "
import importlib, linktab, sys, warnings
warnings.simplefilter('ignore')
loaded = failed = 0
for _ in range(2):
    for extension in linktab.modules():
        try:
            importlib.import_module(extension.name)
            loaded += 1
        except Exception:
            failed += 1
    for name in [name for name in sys.modules if name.split('.')[0] in ('acme', 'native', 'broken', 'exported')]:
        del sys.modules[name]
print(loaded > 20, failed > 10)
";

#[test]
fn no_memory_is_misused() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: valgrind is not installed");
        return;
    }
    let mut command = python_command("valgrind".as_ref());
    command.args(["-q", "--undef-value-errors=no", "--error-exitcode=99"]).arg(python_app("import-app"));
    // CPython's own allocator would hide its blocks from valgrind. Free-threaded builds have no other.
    if !build_at_hand().free_threaded {
        command.env("PYTHONMALLOC", "malloc");
    }
    command.args(["-c", CODE]);
    assert_eq!(transcript(&mut command, ""), "True True\n");
}
