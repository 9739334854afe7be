//! A compiler whose optimiser at link time crashes in the link of a twin, as GCC 12's does with large C++: it is asked for less, and
//! where that does not help, the module stays a file and it is said why.

use std::fs;
use std::process::Command;

use linktab_tests::adopting::hurried;
use linktab_tests::verify::command;
use linktab_tests::{run, stock_python, target_dir, try_run};

use super::sources;

/// The table for a package that is compiled with such a compiler; `helps` is an option with which it does not crash.
fn table(name: &str, helps: &str) -> String {
    let folder = target_dir("adopt").join(name);
    fs::create_dir_all(&folder).expect("a folder can be made");
    let real = run(Command::new("sh").args(["-c", "command -v gcc"]));
    let gcc = folder.join("gcc");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*{helps}*) ;;\n*nolto-rel*) echo 'lto1: internal compiler error: planted' >&2\n\
         echo 'collect2: error: ld returned 1 exit status' >&2; exit 1 ;;\nesac\nexec {} \"$@\"\n",
        real.trim()
    );
    fs::write(&gcc, script).expect("a file can be written");
    run(Command::new("chmod").arg("755").arg(&gcc));
    let mut call = Command::new(command());
    call.arg("adopt").args(sources(&format!("sources-{name}"), &["one"])).arg("--python").arg(stock_python());
    let path = std::env::var("PATH").expect("there is a PATH");
    let call = hurried(call.arg("-o").arg(folder.join("adopted")));
    let output = try_run(call.env("PATH", format!("{}:{path}", folder.display())));
    String::from_utf8(output.stdout).expect("it prints UTF-8")
}

#[test]
fn an_optimiser_that_crashes_is_asked_to_do_all_at_once() {
    let helped = table("crashes-in-parts", "-flto-partition=one");
    assert!(helped.starts_with("acme_one._core  static "), "{helped}");
    insta::assert_snapshot!(table("crashes", "-no-such-option"), @r"
    acme_one._core  refused  acme-one 1.0  the partial link failed: lto1: internal compiler error: planted
    help: a refused module works as a file; `--keep NAME` says that it is meant to be one
    0 static, 0 kept as files, 1 refused; 0 of 1 packages failed
    ");
}
