//! The tool against an independent reader, over every format and linker that C can be linked for here.
//! Other tests do the same with what they build: `verify_agreement`, `verify_emulated`, `verify_mach_o`,
//! `verify_committed` and `foreign_*`.

use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::cross_check::cross_check;
use linktab_tests::verify::targets::Target;
use linktab_tests::verify::{must, scratch};

/// A program, the same stripped, a library that imports one init function and exports others, and what
/// they are made of.
fn corpus(target: &Target) -> Vec<PathBuf> {
    let folder = scratch("cross-check");
    let path = |name: &str| folder.join(format!("{}-{name}", target.slug()));
    let compiled = |source: &str| {
        let object = path(source).with_extension("o");
        target.compile(source, &[], &object);
        object
    };
    let (modules, runtime) = (compiled("modules.c"), compiled("runtime.c"));
    let (program, stripped, library) = (path("app"), path("stripped"), path("library"));
    target.link(&[&runtime, &modules], &[], &program);
    must(Command::new("llvm-strip").arg(&program).arg("-o").arg(&stripped));
    let mut corpus = vec![program, stripped];
    if target.format != "pe" && !target.linker.contains(&"-static") {
        let imported: &Path = &compiled("imported.c");
        let shared: &[&str] = if target.format == "mach-o" { &["-dylib"] } else { &["-no-pie", "-shared"] };
        target.link(&[&modules, imported], shared, &library);
        corpus.push(library);
    }
    if target.format == "elf" {
        corpus.extend([modules, compiled("imported.c")]);
    }
    corpus
}

#[test]
fn an_independent_reader_agrees() {
    let corpus: Vec<PathBuf> = Target::installed().iter().flat_map(corpus).collect();
    cross_check(&corpus);
}
