//! CPython's own tests: of its extension loader, with linktab's finder doing the loading; and whole
//! suites, with an executable of ours as the interpreter. Both must come out as with the stock
//! interpreter, but for what `docs/differences.md` lists.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use linktab_tests::{fixture, python_app, python_command, python_minor, run, stock_python, target_dir};

/// Outcomes by the name of the test.
type Outcomes = BTreeMap<String, String>;

/// `run.py` in a folder of its own.
fn start(program: &Path, folder: &str, arguments: &[&str]) -> Command {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = target_dir("cpython").join(format!("{folder}-{count}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    let mut command = python_command(program);
    command.arg(fixture("cpython").join("run.py")).args(arguments).current_dir(&folder);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("TMPDIR", folder).stdin(Stdio::null());
    command
}

fn outcomes(output: &str) -> Outcomes {
    let line =
        |line: &str| line.split_once('\t').map(|(name, outcome)| (name.to_owned(), outcome.to_owned()));
    output.lines().filter_map(line).collect()
}

/// Runs the same tests by both, at the same time.
fn both(stock: Command, ours: Command) -> [Outcomes; 2] {
    let threads = [stock, ours].map(|mut command| {
        std::thread::spawn(move || {
            let output = command.output().expect("it can be started");
            let [said, wrote] =
                [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
            assert!(output.status.success(), "{command:?}\n{wrote}");
            (outcomes(&said), wrote)
        })
    });
    let [stock, ours] = threads.map(|thread| thread.join().expect("the suite runs to its end"));
    if stock.0 != ours.0 {
        println!("--- what ours wrote\n{}", ours.1);
    }
    [stock.0, ours.0]
}

/// The tests that `docs/differences.md` lists for this version: rows `| name | from | to | why |`.
fn listed() -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/differences.md");
    let text = fs::read_to_string(file).expect("it is there");
    let row = |line: &str| -> Option<String> {
        let cells: Vec<&str> = line.strip_prefix("| `")?.split(" | ").collect();
        let minor = |cell: &str| cell.trim_start_matches("3.").parse::<u32>().ok();
        let (name, from, to) = (cells.first()?, minor(cells.get(1)?)?, minor(cells.get(2)?)?);
        (from..=to).contains(&python_minor()).then(|| name.trim_end_matches('`').to_owned())
    };
    text.lines().filter_map(row).collect()
}

/// Runs tests by the stock interpreter and by `program`, compares, and counts. A few tests of CPython
/// look at the clock, and a machine may be busy: what differs is run once more, by itself.
fn compare(program: &Path, option: Option<&str>, names: &[&str]) {
    let run = |names: &[&str]| {
        let ours: Vec<&str> = option.into_iter().chain(names.iter().copied()).collect();
        both(start(&stock_python(), "stock", names), start(program, "ours", &ours))
    };
    let [stock, ours] = run(names);
    let passed = ours.values().filter(|outcome| *outcome == "ok").count();
    println!("{} tests, {passed} passed, {} listed as different", ours.len(), listed().len());
    assert!(passed > 20, "hardly anything ran: {ours:?}");
    let mut different = differences(&stock, &ours);
    if !different.is_empty() {
        let again: Vec<&str> = different.keys().map(String::as_str).collect();
        println!("run once more: {again:?}");
        let [stock, ours] = run(&again);
        different = differences(&stock, &ours);
    }
    let different: Vec<String> = different.into_values().collect();
    assert!(different.is_empty(), "{} tests differ\n{}", different.len(), different.join("\n"));
}

/// What is not listed and differs, by name.
fn differences(stock: &Outcomes, ours: &Outcomes) -> BTreeMap<String, String> {
    let listed = listed();
    let missing = &"did not run".to_owned();
    let names = stock.keys().chain(ours.keys().filter(|name| !stock.contains_key(*name)));
    names
        .filter(|name| stock.get(*name) != ours.get(*name) && !listed.contains(name))
        .map(|name| {
            let of = |outcomes: &Outcomes| outcomes.get(name).unwrap_or(missing).clone();
            (name.clone(), format!("{name}\n  stock: {}\n  ours:  {}", of(stock), of(ours)))
        })
        .collect()
}

/// Whether CPython's tests are installed; where not, says so.
fn suite_is_there() -> bool {
    let code = "import importlib.util; print(importlib.util.find_spec('test.test_importlib') is not None)";
    let there = run(python_command(&stock_python()).args(["-c", code])) == "True\n";
    if !there {
        println!("skipped: the test suite of CPython 3.{} is not installed", python_minor());
    }
    there
}

#[test]
fn the_loader_passes_what_cpythons_own_passes() {
    if !suite_is_there() {
        return;
    }
    let mut names =
        vec!["test.test_importlib.extension.test_loader", "test.test_importlib.extension.test_finder"];
    if python_minor() >= 12 {
        names.extend(["test.test_import.SinglephaseInitTests", "test.test_import.SubinterpImportTests"]);
    }
    if python_minor() >= 13 {
        // `NonModuleExtensionTests` runs it in a child.
        names.push("test.test_importlib.extension._test_nonmodule_cases");
    }
    if python_minor() >= 15 {
        names.push("test.test_import.ModexportTests");
    }
    compare(&python_app("cpython-app"), Some("--driven"), &names);
}

#[test]
fn whole_suites_come_out_as_with_the_stock_interpreter() {
    if !suite_is_there() {
        return;
    }
    let spawn = if python_minor() >= 12 {
        "test.test_multiprocessing_spawn.test_processes.WithProcessesTestProcess"
    } else {
        "test.test_multiprocessing_spawn.WithProcessesTestProcess"
    };
    // Each process that they start costs as much as a program: where nobody asks for all, a few do.
    let few = ["test_process", "test_parent_process", "test_active_children", "test_recursion"];
    let few = few.map(|method| format!("{spawn}.{method}"));
    let mut names = vec!["test.test_importlib", "test.test_import", "test.test_pkgutil", "test.test_pickle"];
    if env::var_os("LINKTAB_PYTHONS").is_some() {
        names.push(spawn);
    } else {
        names.extend(few.iter().map(String::as_str));
    }
    compare(&python_app("import-app"), None, &names);
}
