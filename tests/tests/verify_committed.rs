//! Programs that were linked elsewhere and committed (`fixtures/verify/committed/README.md` says how):
//! the real Rust crates for macOS and Windows, stripped, read on every machine.

use std::fs;
use std::path::PathBuf;

use linktab_tests::verify::account::decoded;
use linktab_tests::verify::chained::{Encoding, reencode};
use linktab_tests::verify::cross_check::cross_check;
use linktab_tests::verify::{fixtures, linktab, scratch};
use linktab_verify::commands::Exit;

fn committed() -> Vec<PathBuf> {
    let files = fs::read_dir(fixtures().join("committed")).expect("the folder is in the repository");
    let mut files: Vec<PathBuf> = files.map(|entry| entry.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_none_or(|extension| extension != "md"));
    files.sort();
    files
}

#[test]
fn programs_from_elsewhere_are_read() {
    let files = committed();
    let mut told = String::new();
    for file in &files {
        let (path, name) =
            (file.to_str().expect("ASCII"), file.file_name().expect("a file").to_string_lossy());
        let check = linktab(["check", "--no-config", path]);
        assert_eq!((check.exit, &*check.err), (Exit::Clean, ""), "{}", check.out);
        let list = linktab(["list", path]);
        told.push_str(&list.out.replace(path, &name));
    }
    insta::assert_snapshot!(told);
    cross_check(&files);
}

#[test]
fn rust_code_with_signed_pointers_is_read() {
    let file = fixtures().join("committed/rust-aarch64-apple-darwin");
    let bytes = fs::read(&file).expect("it is in the repository");
    let expected = decoded(&file);
    assert_eq!(expected.len(), 5);
    let copies =
        [(6, false), (1, false), (1, true), (9, true), (12, false), (12, true)].map(|(pointers, signed)| {
            let copy = scratch("committed").join(format!("format-{pointers}-{signed}"));
            let encoding = Encoding { pointers, signed, imports: 1 };
            fs::write(&copy, reencode(&bytes, encoding)).expect("the scratch folder is writable");
            assert_eq!(decoded(&copy), expected, "{encoding:?}");
            copy
        });
    println!("{} files re-encoded", copies.len());
}
