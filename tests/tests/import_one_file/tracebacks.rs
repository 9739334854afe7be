//! Where packed code says that it comes from: a name that no file of the current folder stands in for, and with
//! `--source` the lines themselves.

use std::path::{Path, PathBuf};

use linktab_tests::subinterpreters::INTERPRETERS;
use linktab_tests::{python_app, transcript};

use super::{alone, fresh, linktab, packed, write};

/// A folder with files that a traceback could take for those of the archive, and a script.
fn planted(name: &str) -> PathBuf {
    let folder = fresh(name);
    for file in ["town/street.py", "street.py", "_linktab_start.py", "app/town/street.py"] {
        write(&folder.join(file), &"planted = 'in the current folder'\n".repeat(20));
    }
    // A folder of the name would be the package itself.
    let text =
        "import sys, town\nsys.path.insert(0, sys.path.pop())\nimport town.street\ntown.street.fail()\n";
    write(&folder.join("scripts/main.py"), text);
    write(&folder.join("scripts/street.py"), &"planted = 'beside the script'\n".repeat(20));
    folder
}

/// The last words of code in that folder that fails in the archive: printed by CPython and by `traceback`, in the main
/// interpreter and in another.
fn said(app: &Path, name: &str) -> String {
    let folder = planted(name);
    let script = Path::new("scripts/main.py");
    let printed = format!(
        "{INTERPRETERS}
interpreters.run_string(interpreter, '''
import town.street, traceback
try:
    town.street.fail()
except ValueError:
    traceback.print_exc(limit=-1)
''')
interpreters.destroy(interpreter)
"
    );
    let run = |words: &[&str]| {
        let said = transcript(alone(app).current_dir(&folder).args(words), "");
        let app = app.display().to_string();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace");
        let app = app.replace(&workspace.display().to_string(), "<workspace>");
        // From 3.11 on there are marks below the lines, and CPython does not tell its own frames alike.
        let lines = said.lines().skip_while(|line| !line.contains("street.py"));
        lines
            .filter(|line| !line.trim().starts_with(['^', '~']))
            .map(|line| line.replace(&app, "<app>") + "\n")
            .collect::<String>()
    };
    let of_script = run(&[&script.display().to_string()]);
    // Before 3.11 the current folder comes first for `-c`.
    let of_other = run(&["-I", "-c", &printed]);
    format!("{of_script}\nin a subinterpreter\n{of_other}")
}

#[test]
fn a_traceback_names_the_file_and_shows_no_line_of_another() {
    let Some(app) = packed() else { return };
    insta::assert_snapshot!(said(app, "planted"));
}

#[test]
fn with_sources_a_traceback_shows_the_lines() {
    if packed().is_none() {
        return;
    }
    let (code, build, app) = (fresh("source-code"), python_app("import-app"), fresh("source").join("app"));
    write(&code.join("town/__init__.py"), "");
    write(&code.join("town/street.py"), "def fail():\n    raise ValueError('no such street')\n");
    let words = [&*build, Path::new("--output"), &app, Path::new("--code"), &code, Path::new("--source")];
    let (exit, out) = linktab(&words);
    assert_eq!(exit, 0, "{out}");
    insta::assert_snapshot!(said(&app, "planted-source"));
}
