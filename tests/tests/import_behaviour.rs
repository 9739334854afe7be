//! The tables of `docs/loading.md`, row by row: what each says comes out on the CPython at hand.
//!
//! A row of a table is the expected output, whole. The tests know programs by the first cell of the
//! rows; what those print stands in the page and nowhere else.

use std::collections::BTreeSet;
use std::fs;

use linktab_tests::behaviour::{Row, faults, rows, rows_of};
use linktab_tests::{build_at_hand, fixture, host_command, python_app, python_command, transcript};

const PAGE: &str = "loading.md";
const ROUTES: &str = "Extension";
const BEHAVIOURS: &str = "Behaviour";

/// The row of the page for the CPython at hand.
fn row(title: &str, key: &str) -> Row {
    let build = build_at_hand();
    let mut found = rows(PAGE, title);
    found.retain(|row| row.key == key && row.speaks_of(build));
    assert_eq!(found.len(), 1, "rows of `{key}` in {PAGE} that speak of {build:?}: {found:?}");
    found.remove(0)
}

/// Imports an extension of the host's, watched: what it calls, and what comes out.
fn route(key: &str) {
    let code = fs::read_to_string(fixture("behaviour").join("route.py")).expect("the program is there");
    let code = code.replace("NAME", &format!("witness.{key}"));
    let said = transcript(host_command(&python_app("fixture-import-host")).args(["watched", &code]), "");
    let row = row(ROUTES, key);
    assert_eq!(said, format!("{}\n{}\n", row.cells[2], row.cells[1]), "{row:?}");
}

/// Runs the program of a row, with its argument. Its first line may name a mode of the host's to run it in.
fn behaviour(key: &str) {
    let (program, argument) = key.split_once(' ').unwrap_or((key, ""));
    let file = fixture("behaviour").join(format!("{program}.py"));
    let code = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let code = code.replace("ARGUMENT", argument);
    let mode = code.lines().next().and_then(|line| line.strip_prefix("# host: "));
    let mut command = match mode {
        Some(mode) => {
            let mut command = host_command(&python_app("fixture-import-host"));
            command.arg(mode);
            command
        }
        None => {
            let mut command = python_command(&python_app("import-app"));
            command.arg("-c");
            command
        }
    };
    let said = transcript(command.arg(&code), "");
    let row = row(BEHAVIOURS, key);
    assert_eq!(said, format!("{}\n", row.cells[0]), "{row:?}");
}

macro_rules! tests {
    ($all:ident $run:ident: $($name:ident $key:literal)*) => {
        const $all: &[&str] = &[$($key),*];

        $(
            #[test]
            fn $name() {
                $run($key);
            }
        )*
    };
}

tests! { ALL_ROUTES route:
    route_of_multi "multi"
    route_of_single "single"
    route_of_export "export"
    route_of_multi_whose_name_is_not_ascii "été"
    route_of_single_whose_name_is_not_ascii "août"
    route_of_single_in_a_package_whose_name_is_not_ascii "dépôt.inner"
    route_of_multi_registered_as_single "multi_as_single"
    route_of_single_registered_as_multi "single_as_multi"
}

tests! { ALL_BEHAVIOURS behaviour:
    multi_attributes "multi_attributes"
    multi_again "multi_again"
    single_names "single_names"
    single_names_foreign "single_names_foreign"
    single_found "single_found"
    single_again_where_m_size_is_minus_1 "single_again _once"
    single_again_where_m_size_is_0 "single_again _again"
    init_imports "init_imports"
    reload "reload"
    multi_raises "multi_raises"
    single_raises "single_raises"
    multi_null "multi_null"
    single_null "single_null"
    both "both"
    uninitialized "uninitialized"
    no_module "no_module"
    exec_fails "exec_fails"
    wrong_phase "wrong_phase"
    export "export"
    not_ascii_multi "not_ascii_multi"
    not_ascii_single "not_ascii_single"
    isolated_multi "isolated_multi"
    isolated_single "isolated_single"
    subinterpreter_single "subinterpreter_single"
    late_multi "late_multi"
    late_single "late_single"
    missing "missing"
    find_spec "find_spec"
}

#[test]
fn every_row_has_its_test_and_every_cpython_its_row() {
    for (title, tests) in [(ROUTES, ALL_ROUTES), (BEHAVIOURS, ALL_BEHAVIOURS)] {
        let rows = rows(PAGE, title);
        let keys: BTreeSet<&str> = rows.iter().map(|row| &*row.key).collect();
        assert_eq!(keys, tests.iter().copied().collect(), "rows of {PAGE} and tests, under `{title}`");
        assert_eq!(faults(&rows), [""; 0]);
        let uncited: Vec<&Row> =
            rows.iter().filter(|row| row.cells.last().is_none_or(String::is_empty)).collect();
        assert!(uncited.is_empty(), "rows that cite nothing: {uncited:?}");
    }
}

#[test]
fn programs_are_named_by_a_row_each() {
    let folder = fs::read_dir(fixture("behaviour")).expect("the folder is there");
    let names = folder.map(|entry| entry.expect("it can be read").file_name().into_string().expect("UTF-8"));
    let programs: BTreeSet<String> = names.collect();
    let known = ALL_BEHAVIOURS.iter().chain(&["route"]).filter_map(|key| key.split(' ').next());
    let known = known.map(|program| format!("{program}.py")).collect();
    assert_eq!(programs, known);
}

/// The tests that the page names beside the tables.
#[test]
fn tests_that_the_page_names_are_there() {
    let mut sources = String::new();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests")).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_file() {
            sources.push_str(&fs::read_to_string(path).expect("it is UTF-8"));
        }
    }
    let named = rows(PAGE, "More");
    assert!(!named.is_empty(), "the page names further tests");
    for row in named {
        let missing: Vec<&str> =
            row.cpython.split(", ").filter(|test| !sources.contains(&format!("fn {test}()"))).collect();
        assert!(missing.is_empty(), "`{}` names tests that are not there: {missing:?}", row.key);
    }
}

#[test]
fn a_table_with_a_gap_or_an_overlap_is_found() {
    let table = |ranges: [&str; 2]| {
        let [one, two] = ranges.map(|range| format!("| `x` | {range} | `1` | here |\n"));
        let text =
            format!("| Behaviour | CPython | Comes out | Source |\n|---|---|---|---|\n{one}{two}\nend\n");
        faults(&rows_of(&text, BEHAVIOURS)).len()
    };
    assert_eq!(table(["3.9 to 3.11", "from 3.12"]), 0);
    assert_eq!(table(["3.9 to 3.13, from 3.14 with GIL", "from 3.14 free-threaded"]), 0);
    assert_eq!(table(["3.9 to 3.11, from 3.12 static", "from 3.12 shared"]), 0);
    // 3.12, static and shared.
    assert_eq!(table(["3.9 to 3.11", "from 3.13"]), 2);
    assert_eq!(table(["3.9 to 3.12", "from 3.12"]), 2);
}
