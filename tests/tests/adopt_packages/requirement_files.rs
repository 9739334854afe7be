//! Files of requirements: what they say of hashes, indexes and settings holds for what is built, and not only for what pip
//! would have installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use linktab_tests::adopting::{hurried, is_one_more};
use linktab_tests::verify::command;
use linktab_tests::{run, stock_python, target_dir, try_run};

use super::build::index;
use super::sources;

/// All that the command says of what it is asked for, in a folder of this name.
fn said(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut call = Command::new(command());
    call.arg("adopt").args(arguments).arg("-o").arg(target_dir("adopt").join(name));
    let call = hurried(call.arg("--python").arg(stock_python()));
    let output = try_run(call.envs(variables.iter().copied()));
    String::from_utf8(output.stderr).expect("it prints UTF-8") + &String::from_utf8_lossy(&output.stdout)
}

/// Of a release there is a wheel and its sources: a file of requirements has the hash of one, and then of both. The
/// build has a requirement of its own, of which nobody has a hash.
#[test]
fn sources_whose_hash_a_file_of_requirements_does_not_have_are_not_built() {
    let index = index("index-of-hashes", &[("quiet", "acme_quiet-8.0"), ("pure", "acme_pure-6.0")]);
    let hash = |ending: &str| {
        let mut files = fs::read_dir(&index).expect("it was made").flatten().map(|entry| entry.path());
        let is_it = |path: &Path| {
            let path = path.display().to_string();
            path.contains("quiet") && path.ends_with(ending)
        };
        let file = files.find(|path| is_it(path)).expect("it is there");
        let said = run(Command::new("sha256sum").arg(file));
        format!(" --hash=sha256:{}", said.split(' ').next().expect("a hash"))
    };
    let list = target_dir("adopt").join("hashes.txt").display().to_string();
    let place = index.display().to_string();
    let variables = [("PIP_NO_INDEX", "1"), ("PIP_FIND_LINKS", &place), ("PIP_REQUIRE_HASHES", "1")];
    let with = |hashes: &str| {
        fs::write(&list, format!("acme-quiet==8.0{hashes}\n")).expect("a file can be written");
        said("hashes", &["-r", &list], &variables)
    };
    let of_wheel = with(&hash(".whl"));
    assert!(
        of_wheel.contains("DO NOT MATCH THE HASHES") && of_wheel.contains("1 of 1 packages failed"),
        "{of_wheel}"
    );
    let of_both = with(&(hash(".whl") + &hash(".tar.gz")));
    assert!(of_both.contains("0 of 1 packages failed"), "{of_both}");
    for of_none in [with(""), said("hashes", &["acme-quiet"], &variables)] {
        assert!(
            of_none.starts_with("error: pip wants a hash of all that is asked for (PIP_REQUIRE_HASHES, ")
        );
        assert!(!of_none.contains("building "), "{of_none}");
    }
}

/// The index is known to the file alone, by its place beside it. Settings of a line are for a newer pip than the oldest CPython's.
#[test]
fn indexes_and_settings_of_a_file_of_requirements_hold_for_what_is_built() {
    if is_one_more() {
        return;
    }
    let index = index("index-of-settings", &[("pure", "acme_pure-6.0")]);
    let folder = index.parent().expect("it has one");
    let placed = sources("sources-of-settings", &["one"]).concat();
    let list = folder.join("settings.txt");
    let lines = [
        "--no-index",
        "--find-links index-of-settings",
        "acme-pure==6.0 --config-settings=mode=fast --config-settings=words='a b'",
        "acme-pure==6.0 ; python_version < '3' --config-settings=mode=slow",
        &format!("{placed} --config-settings=mode=placed"),
    ];
    fs::write(&list, lines.join("\n")).expect("a file can be written");
    let said = said("settings", &["-r", &list.display().to_string()], &[("PIP_FIND_LINKS", "")]);
    let of = |release: &str| {
        let file = folder.join("settings/site").join(format!("{release}.dist-info/settings.json"));
        fs::read_to_string(file).unwrap_or_else(|_| format!("none: {said}"))
    };
    assert_eq!(of("acme_pure-6.0"), r#"{"mode": "fast", "words": "a b"}"#);
    assert_eq!(of("acme_one-1.0"), r#"{"mode": "placed"}"#);
}
