//! `linktab pack --entry` and `-m`: the file is the application.

use std::path::{Path, PathBuf};

use linktab_tests::{python_app, transcript};

use super::{alone, fresh, linktab, packed, write};

const CLI: &str = "
import argparse, multiprocessing, os, sys

def work(number):
    return [number, __name__, sys.flags.isolated]

class Depot:
    @staticmethod
    def main():
        # From 3.14 on, argparse names a module that is run after the interpreter and `-m`.
        prog = os.path.basename(sys.argv[0]) if __name__ == '__main__' else None
        parser = argparse.ArgumentParser(prog, '%(prog)s [-h] [-c CODE] [WORD...]', add_help=False)
        parser.add_argument('-h', action='store_true')
        parser.add_argument('-c', metavar='CODE')
        parser.add_argument('words', nargs='*')
        arguments = parser.parse_args()
        if arguments.h:
            return parser.print_usage()
        print(arguments)
        print(sys.argv[1:], os.path.samefile(sys.argv[0], sys.executable), sys.flags.inspect, sys.flags.isolated)
        for method in 'spawn', 'forkserver':
            with multiprocessing.get_context(method).Pool(1) as pool:
                print(method, pool.map(work, [1]))
        return 3

if __name__ == '__main__':
    sys.exit(Depot.main())
";

/// The application, packed with some more words.
fn application(name: &str, words: &[&str]) -> PathBuf {
    let code = fresh(&format!("{name}-code"));
    write(&code.join("depot/__init__.py"), "");
    write(&code.join("depot/cli.py"), CLI);
    let (build, app) = (python_app("import-app"), fresh(name).join("depot"));
    let mut arguments = vec![&*build, Path::new("--output"), &app, Path::new("--code"), &code];
    arguments.extend(words.iter().map(Path::new));
    let (exit, said) = linktab(&arguments);
    assert_eq!(exit, 0, "{said}");
    app
}

/// What it says to arguments that a `python` would take for its own, in an environment that would change one.
fn said(app: &Path) -> String {
    let run = |words: &[&str]| {
        let mut command = alone(app);
        command.env("PYTHONINSPECT", "1").env("PYTHONUTF8", "nonsense").args(words);
        format!("$ depot {}\n{}", words.join(" "), transcript(&mut command, ""))
    };
    [&["-h"][..], &["-c", "1", "-", "two"], &["-V"]].map(run).concat().replace("<executable>", "depot")
}

#[test]
fn a_packed_application_is_one() {
    if packed().is_none() {
        return;
    }
    let entry = said(&application("entry", &["--entry", "depot.cli:Depot.main"]));
    let module = said(&application("module", &["-m", "depot.cli"]));
    insta::assert_snapshot!(format!("--entry depot.cli:Depot.main\n{entry}\n-m depot.cli\n{module}"));
}

#[test]
fn an_application_that_is_to_hear_of_variables_does() {
    if packed().is_none() {
        return;
    }
    let app = application("variables", &["--entry", "sys:flags.__repr__", "--python-options"]);
    let said = |variable: &str| transcript(alone(&app).env(variable, "1"), "");
    let said = said("PYTHONDONTWRITEBYTECODE");
    assert!(said.starts_with("exit code 1\n") && said.contains("dont_write_bytecode=1"), "{said}");
}

#[test]
fn what_is_no_entry_is_told() {
    let Some(app) = packed() else { return };
    let output = fresh("no-entry").join("app");
    let said = |words: &[&str]| {
        let mut arguments = vec![app, Path::new("--output"), &output];
        arguments.extend(words.iter().map(Path::new));
        linktab(&arguments).1
    };
    let said = [
        said(&["--entry", "depot.cli"]),
        said(&["--entry", "depot.cli:"]),
        said(&["-m", "depot/cli.py"]),
        said(&["--python-options"]),
    ];
    insta::assert_snapshot!(said.concat());
    assert!(!output.exists());
}
