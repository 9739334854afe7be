//! CPython's own tests: of its extension loader, with linktab's finder doing the loading; and whole
//! suites, with an executable of ours as the interpreter. Both must come out as with the stock
//! interpreter, but for what `docs/differences.md` lists, and that must still differ.

use std::env;

use linktab_tests::suites::Comparison;
use linktab_tests::{is_thorough, python_app, python_command, python_minor, run, stock_python};

type Suites = Vec<(&'static str, Vec<String>)>;

/// The suites that are installed; says which are not.
fn installed(mut suites: Suites) -> Suites {
    suites.retain(|(suite, names)| {
        let mut parts = names[0].splitn(3, '.');
        let module = [parts.next(), parts.next()].map(Option::unwrap_or_default).join(".");
        let code = format!(
            "import importlib.util as i; print(i.find_spec('test') and i.find_spec('{module}') is not None)"
        );
        let there = run(python_command(&stock_python()).args(["-c", &code])) == "True\n";
        if !there {
            println!("skipped: the test suite of CPython 3.{} is not installed: {suite}", python_minor());
        }
        there
    });
    suites
}

fn hold(comparison: &Comparison<'_>) {
    if comparison.suites.is_empty() {
        return;
    }
    let faults = comparison.faults();
    assert!(faults.is_empty(), "{} tests are not as they should be\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_loader_passes_what_cpythons_own_passes() {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let extension =
        ["test.test_importlib.extension.test_loader", "test.test_importlib.extension.test_finder"];
    let mut suites = vec![("extension", names(&extension))];
    if python_minor() >= 12 {
        suites.push(("singlephase", names(&["test.test_import.SinglephaseInitTests"])));
        suites.push(("subinterp", names(&["test.test_import.SubinterpImportTests"])));
    }
    if python_minor() >= 13 {
        // `NonModuleExtensionTests` runs it in a child.
        suites.push(("nonmodule", names(&["test.test_importlib.extension._test_nonmodule_cases"])));
    }
    if python_minor() >= 15 {
        suites.push(("modexport", names(&["test.test_import.ModexportTests"])));
    }
    let ours = python_app("cpython-app");
    hold(&Comparison {
        ours,
        option: Some("--driven"),
        table: "Test of the loader",
        suites: installed(suites),
    });
}

#[test]
fn whole_suites_come_out_as_with_the_stock_interpreter() {
    let spawn = if python_minor() >= 12 {
        "test.test_multiprocessing_spawn.test_processes.WithProcessesTestProcess"
    } else {
        "test.test_multiprocessing_spawn.WithProcessesTestProcess"
    };
    // Each process that they start costs as much as a program: where nobody asks for all, a few do.
    let few = ["test_process", "test_parent_process", "test_active_children", "test_recursion"];
    let asked = is_thorough() || env::var_os("LINKTAB_PYTHONS").is_some_and(|wish| !wish.is_empty());
    let processes = if asked {
        vec![spawn.to_owned()]
    } else {
        few.iter().map(|method| format!("{spawn}.{method}")).collect()
    };
    let whole = ["test_importlib", "test_import", "test_pkgutil", "test_pickle"];
    let mut suites: Suites = whole.iter().map(|&suite| (suite, vec![format!("test.{suite}")])).collect();
    suites.push(("spawn", processes));
    suites.extend(crashes(asked));
    hold(&Comparison {
        ours: python_app("import-app"),
        option: None,
        table: "Test of a suite",
        suites: installed(suites),
    });
}

/// What dies of a signal, and who notices: the signals are those of the stock interpreter.
fn crashes(all: bool) -> Suites {
    let module = "test.test_concurrent_futures";
    let code = format!(
        "import importlib.util as i
spec = i.find_spec('test') and i.find_spec('{module}')
print(bool(spec and spec.submodule_search_locations))"
    );
    let is_split = run(python_command(&stock_python()).args(["-c", &code])) == "True\n";
    let deadlock = if is_split { format!("{module}.test_deadlock") } else { module.to_owned() };
    let one = if all { "" } else { ".test_crash_during_func_exec_on_worker" };
    let pools = ["Fork", "Forkserver", "Spawn"]
        .map(|method| format!("{deadlock}.ProcessPool{method}ExecutorDeadlockTest{one}"));
    let regrtest = if all { "test.test_regrtest" } else { "test.test_regrtest.ArgsTestCase.test_crashed" };
    vec![
        ("faulthandler", vec!["test.test_faulthandler".to_owned()]),
        ("regrtest", vec![regrtest.to_owned()]),
        ("pools", pools.to_vec()),
    ]
}
