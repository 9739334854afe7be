//! Programs that initialise Python by themselves, in Rust and in C.

use linktab_tests::{build_at_hand, c_host, host_command, python_app, run, transcript};

fn host(mode: &str, code: &str) -> String {
    transcript(host_command(&python_app("fixture-import-host")).args([mode, code]), "")
}

const USE_BOTH_PHASES: &str = "
import acme.geo._core as core, acme.old._once as once
print(core, once, core.Point.__module__, once.Point.__module__, once.find() is once)
";

#[test]
fn a_rust_host_installs_into_its_interpreter() {
    insta::assert_snapshot!(host("prepared", USE_BOTH_PHASES));
}

#[test]
fn installing_needs_an_interpreter() {
    insta::assert_snapshot!(host("uninitialised", ""));
}

#[test]
fn a_host_that_did_not_prepare_can_import_all_the_same() {
    let said = host(
        "late",
        "
import sys, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    import acme.geo._core as core, acme.old._once as once
print(core, once, once.Point.__module__)
needs_slot = (3, 12) <= sys.version_info < (3, 15)
print(len(caught) == needs_slot and (once.find() is once) != needs_slot)
if caught:
    print(caught[0].message, file=sys.stderr)
",
    );
    let (output, warning) = said.split_once("--- errors\n").unwrap_or((&said, ""));
    insta::assert_snapshot!(output);
    if !warning.is_empty() {
        insta::assert_snapshot!("a_host_that_did_not_prepare_is_told", warning);
    }
}

#[test]
fn python_may_be_initialised_and_finalised_again_and_again() {
    insta::assert_snapshot!(host(
        "again",
        "
import acme.geo._core as core, acme.old._once as once, linktab, sys
print(core, once, once.find() is once, once.__name__, sys.meta_path[0] is linktab.finder)
"
    ));
}

/// CPython's caches fill up for some twenty cycles and fluctuate then, and a program that adds to the table
/// of built-in modules leaves that behind: the least that a later cycle adds, in which a leak would be, is
/// compared with a program without linktab.
#[test]
fn a_cycle_leaves_nothing_of_linktab_behind() {
    let growth = |mode: &str, code: &str| {
        let mut host = host_command(&python_app("fixture-import-host"));
        // Every block by malloc, and the same dictionaries in each run. Free-threaded builds have an
        // allocator of their own: there only what Rust takes is counted.
        if !build_at_hand().free_threaded {
            host.env("PYTHONMALLOC", "malloc");
        }
        let said = run(host.env("PYTHONHASHSEED", "0").args([mode, code]));
        let lent: Vec<i64> = said.lines().map(|line| line.parse().expect("it prints bytes")).collect();
        lent.windows(2).map(|pair| pair[1] - pair[0]).skip(16).min()
    };
    let with =
        "import acme.geo._core, acme.old._once, native, linktab; linktab.modules(), linktab.find('os')";
    let (Some(with), Some(without)) =
        (growth("cycles", with), growth("bare-cycles", "import _core, _once, native"))
    else {
        println!("skipped: glibc, which tells what malloc has lent, is not installed");
        return;
    };
    // 3.12.1, 3.13.0 and debug builds leave 130 to 190 kB of their own behind, which grow with the names in
    // a program: linktab's are 1.2 to 2.2 % more. Others leave nothing, and there nothing more is allowed;
    // a cycle may give back more than it takes.
    let usual = without.max(0);
    assert!(with <= usual + usual / 33, "{with} bytes a cycle, without linktab {without}");
}

#[test]
fn a_c_host_links_the_static_library_with_gnu_ld() {
    insta::assert_snapshot!(transcript(host_command(&c_host("c-host", &[])).arg(USE_BOTH_PHASES), ""));
}
