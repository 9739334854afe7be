//! What a check costs, in instructions, which do not depend on who else uses the machine: thousands of
//! locked modules, expectations and suppressions cost little more than none.

use std::fs;
use std::path::Path;
use std::process::Command;

use linktab_tests::verify::{handed_out, has, many, must, scratch};

/// Runs the command under callgrind: how many instructions it took.
fn instructions(folder: &Path, arguments: &[&str]) -> u64 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(handed_out("linktab"));
    let ran = must(valgrind.args(arguments).current_dir(folder));
    let said = String::from_utf8_lossy(&ran.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, count)| count.trim());
    count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{said}"))
}

#[test]
fn a_lock_and_a_config_of_ten_thousand_entries_cost_little() {
    if !has("valgrind") {
        return;
    }
    const COUNT: usize = 10_000;
    let folder = scratch("costs");
    let program = many::program(&folder, COUNT);
    let app = program.to_str().expect("an ASCII path");
    let without = instructions(&folder, &["check", "--no-config", app]);
    let _ = fs::remove_file(folder.join("app.lock"));
    let write = instructions(&folder, &["lock", "--lock", "app.lock", app]);
    let fresh = instructions(&folder, &["lock", "--check", "--lock", "app.lock", app]);
    let with = instructions(&folder, &["check", "--no-config", "--locked", "--lock", "app.lock", app]);
    let inputs = ["check", "--no-config", "--locked", "--lock", "app.lock", app, "--inputs", "many.o"];
    let inputs = instructions(&folder, &inputs);
    let config = |count: usize| {
        let name = |index: usize| format!("application.package{:03}._native{index:05}", index % 500);
        let expect: Vec<String> = (0..count).map(|index| format!("{:?},\n", name(index))).collect();
        let allow = |index: usize| {
            let module = name(index);
            format!("[[allow]]\ncode = \"LT018\"\nmodule = \"{module}\"\nreason = \"it is loaded by hand\"\n")
        };
        let allow: String = (0..count).map(allow).collect();
        let text = format!("expect = [\n{}]\n{allow}", expect.concat());
        fs::write(folder.join("linktab.toml"), text).expect("the scratch folder is writable");
        // Suppressions that suppress nothing are warnings.
        instructions(&folder, &["check", "--config", "linktab.toml", "-A", "LT017", app]) - without
    };
    let (tenth, whole) = (config(COUNT / 10), config(COUNT));
    println!(
        "check {without}, with a lock {with}, and inputs {inputs}, lock {write}, lock --check {fresh}, config {tenth}, \
         {whole}"
    );
    assert!(with * 10 <= without * 13, "a check takes {without} instructions, with a lock {with}");
    // The object that the program was linked from is as large as it, and holds every record once more.
    assert!(
        inputs * 10 <= without * 25,
        "a check takes {without} instructions, with a lock and inputs {inputs}"
    );
    // For whoever compares two commits, on any machine: a module's part.
    assert!(without <= 12_000 * COUNT as u64, "a check takes {without} instructions");
    for lock in [write, fresh] {
        assert!(lock <= without * 2, "a check takes {without} instructions, a lock {lock}");
    }
    assert!(whole <= tenth * 13, "a config takes {tenth} instructions, one of ten times its size {whole}");
}
