//! A build that is done a second time: it is taken as it was, with no compiler, where nothing that it depends on is another,
//! and else done anew. And whatever people tell their pip for other times, it builds as ever.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::adopting::hurried;
use linktab_tests::verify::command;
use linktab_tests::{run, stock_python, target_dir, try_run};

use super::build::index;
use super::{adopt, systems};

/// What makes pip fail, install elsewhere or build something else where it is heeded.
const FOR_OTHER_TIMES: [(&str, &str); 8] = [
    ("PIP_DRY_RUN", "1"),
    ("PIP_EDITABLE", "."),
    ("PIP_NO_COMPILE", "1"),
    ("PIP_NO_USE_PEP517", "1"),
    ("PIP_PREFIX", "/nowhere"),
    ("PIP_REQUIREMENT", "/nowhere/requirements.txt"),
    ("PIP_ROOT", "/nowhere"),
    ("PIP_TARGET", "/nowhere"),
];

/// The same, in pip's file.
const IN_A_FILE: &str = "[global]\nrequire-virtualenv = true\nuser = true\n";

/// Compilers by their names, each of which fails.
fn broken_compilers(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder can be made");
    let broken = folder.join("broken");
    fs::write(&broken, "#!/bin/sh\necho 'a compiler was called' >&2\nexit 1\n").expect("it can be written");
    run(Command::new("chmod").arg("755").arg(&broken));
    for name in ["cc", "gcc", "clang", "x86_64-linux-gnu-gcc", "aarch64-linux-gnu-gcc"] {
        fs::copy(&broken, folder.join(name)).expect("it can be copied");
    }
}

/// The same CPython by another path.
fn another_python(folder: &Path) -> PathBuf {
    run(Command::new(stock_python()).args(["-m", "venv", "--without-pip"]).arg(folder));
    folder.join("bin/python3")
}

/// The same release with other contents, as only an index of one's own has it.
fn replace(index: &Path) {
    let other = super::sources("sources-of-others", &["one"]).concat();
    let renamed = Path::new(&other).with_file_name("acme_one-1.0");
    fs::rename(&other, &renamed).expect("a folder can be renamed");
    fs::write(renamed.join("more"), "").expect("a file can be written");
    let mut tar = Command::new("tar");
    tar.arg("czf").arg(index.join("acme_one-1.0.tar.gz")).arg("-C");
    run(tar.arg(renamed.parent().expect("it has one")).arg("acme_one-1.0"));
}

#[test]
fn a_build_is_taken_again_only_where_release_python_and_flags_are_the_same() {
    let place = target_dir("adopt").join("built-again");
    let _ = fs::remove_dir_all(&place);
    let compilers = place.join("compilers");
    broken_compilers(&compilers);
    let settings = place.join("pip.conf");
    fs::write(&settings, IN_A_FILE).expect("a file can be written");
    let index = index("index-of-one", &[("one", "acme_one-1.0")]);
    let path = std::env::var("PATH").expect("there is a PATH");
    let adopted = |python: &Path, path: String, variables: &[(&str, &str)]| {
        let mut call = Command::new(command());
        call.args(["adopt", "acme-one==1.0", "-o"]).arg(place.join("adopted")).arg("--python").arg(python);
        let call = hurried(&mut call).env("XDG_CACHE_HOME", place.join("caches")).env("PATH", path);
        call.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", &index).env("PIP_CONFIG_FILE", &settings);
        let output = try_run(call.envs(FOR_OTHER_TIMES).envs(variables.iter().copied()));
        String::from_utf8(output.stderr).expect("it prints UTF-8") + &String::from_utf8_lossy(&output.stdout)
    };
    let python = stock_python();
    let first = adopted(&python, path.clone(), &[]);
    assert!(first.contains("1 static, 0 kept as files, 0 refused; 0 of 1 packages failed"), "{first}");

    let broken = format!("{}:{path}", compilers.display());
    let takes = |python: &Path, variables: &[(&str, &str)]| {
        let said = adopted(python, broken.clone(), variables);
        let is_taken = said.contains(", as it was built before") && said.contains("\n1 static");
        assert_ne!(is_taken, said.contains("a compiler was called"), "{said}");
        is_taken
    };
    assert!(takes(&python, &[]), "nothing is another");
    assert!(!takes(&python, &[("CFLAGS", "-O2")]), "flags of the compiler are");
    assert!(!takes(&python, &[("CARGO_PROFILE_RELEASE_LTO", "fat")]), "cargo's are");
    assert!(!takes(&another_python(&place.join("python")), &[]), "the CPython is");
    replace(&index);
    assert!(!takes(&python, &[]), "the release is");
}

/// Each of these leaves what it made in the folder, and takes it as it is the next time, without a link.
#[test]
fn what_an_earlier_build_left_in_a_folder_is_linked_again() {
    let folders = systems("systems-again", &["cargo", "setuptools"]);
    let arguments: Vec<&str> = folders.iter().map(String::as_str).collect();
    let [first, again] = [0, 1].map(|_| adopt("left", &arguments));
    assert!(
        first.table.contains("2 static, 0 kept as files, 0 refused; 0 of 2 packages failed"),
        "{}{}",
        first.notes,
        first.table
    );
    assert_eq!(first.table, again.table);
}
