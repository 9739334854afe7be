//! The documentation of each published crate is built from what is uploaded, as docs.rs does it.

use std::fs;
use std::process::Command;

use linktab_tests::packages::unpack;
use linktab_tests::projects::tested_versions;
use linktab_tests::{target_dir, try_run};

#[test]
fn documentation_of_what_is_uploaded_builds_as_docs_rs_builds_it() {
    let folder = target_dir("docs-rs");
    // What cargo builds there is kept.
    let sources = folder.join("sources");
    let _ = fs::remove_dir_all(&sources);
    let crates = unpack(&sources);
    assert!(crates.len() > 5, "{crates:?}");
    let members: Vec<&str> = crates.iter().map(|(_, folder)| folder.as_str()).collect();
    let patches: String =
        crates.iter().map(|(name, folder)| format!("{name} = {{ path = {folder:?} }}\n")).collect();
    let manifest =
        format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[patch.crates-io]\n{patches}");
    fs::write(sources.join("Cargo.toml"), manifest).expect("it can be written");
    fs::write(sources.join("Cargo.lock"), tested_versions()).expect("it can be written");
    let mut doc = Command::new(env!("CARGO"));
    doc.args(["doc", "--quiet", "--workspace", "--lib", "--no-deps"]).current_dir(&sources);
    // It has the nightly compiler, sets these two, and has an interpreter but nothing that `linktab python` tells.
    for (key, _) in std::env::vars() {
        if ["PYO3_", "LINKTAB_"].iter().any(|start| key.starts_with(start)) {
            doc.env_remove(key);
        }
    }
    doc.env("RUSTC_BOOTSTRAP", "1").env("DOCS_RS", "1").env("RUSTDOCFLAGS", "--cfg docsrs -D warnings");
    doc.env("CARGO_TARGET_DIR", folder.join("target"));
    let output = try_run(&mut doc);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    for (name, _) in crates {
        let page = folder.join("target/doc").join(name.replace('-', "_")).join("index.html");
        assert!(page.is_file(), "{}", page.display());
    }
}
