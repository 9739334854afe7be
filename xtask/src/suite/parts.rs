//! The table of parts. A new part is one entry here.

use std::process::Command;

use anyhow::Result;
use linktab_cpython::process;

use super::programs::{OUTSIDE, outside};
use super::run::Run;
use super::{book, checkers, demo, dist, instructions, memory, msrv, pythons, schemas};
use crate::hygiene;
use crate::needs::Need::{self, Component, Cxx, Packages, Python, Tools};
use crate::needs::Tools::{Book, Build, Checkers, Readers, Schemas, Wheel};
use crate::rust_src::{self, Sources};
use crate::workspace;

/// One thing that `cargo xtask test` runs.
#[derive(Debug)]
pub struct Part {
    /// What `--only` takes.
    pub name: &'static str,
    /// One line for `--list`.
    pub about: &'static str,
    /// What must be there before it starts, besides Rust and a C compiler.
    pub needs: &'static [Need],
    /// Runs it; what is counted is in the [`Run`].
    pub run: fn(&mut Run) -> Result<()>,
}

/// In the order in which they run: what fails fast comes first.
pub const PARTS: &[Part] = &[
    Part {
        name: "fmt",
        about: "the sources are formatted",
        needs: &[Component("rustfmt")],
        run: |run| {
            run.check(&mut run.cargo(&["fmt", "--all", "--check"]))?;
            // No target of cargo's: a build script compiles it.
            let mut stub = Command::new("rustfmt");
            stub.args(["--check", "--edition", "2024", "verify-tool/stub/main.rs"]);
            run.check(stub.current_dir(workspace::root()))
        },
    },
    Part {
        name: "clippy",
        about: "clippy has nothing to say",
        needs: &[Component("clippy"), Python],
        run: |run| run.clippy(),
    },
    Part {
        name: "hygiene",
        about: "no file has what no file of this repository may have, nor has a workflow or a dependency",
        needs: &[Python, Tools(Checkers), Tools(Schemas)],
        run: hygiene,
    },
    Part {
        name: "msrv",
        about: "nothing needs a younger Rust than Cargo.toml declares",
        needs: &[Component("clippy"), Python],
        run: msrv::check,
    },
    Part {
        name: "doc",
        about: "the documentation builds without a warning",
        needs: &[Python],
        run: |run| {
            let mut doc = run.looking(&["doc", "--workspace", "--lib", "--no-deps"]);
            run.check(doc.env("RUSTDOCFLAGS", "-D warnings"))
        },
    },
    Part {
        name: "unit",
        about: "registry, macros, finder, adopt, cpython, sdk and these commands, with their examples",
        needs: &[Python],
        run: |run| {
            let packages = [
                "linktab",
                "linktab-macros",
                "linktab-finder",
                "linktab-adopt",
                "linktab-build",
                "linktab-cpython",
                "linktab-sdk",
                "xtask",
            ];
            run.tests(&packages.map(|package| ["-p", package]).concat())?;
            run.examples(&["linktab", "linktab-macros", "linktab-finder", "linktab-build"])
        },
    },
    Part {
        name: "register",
        about: "what the macros say, the header under every compiler, a wheel from the same source",
        needs: &[Packages("c++"), Packages("clang"), Python, Tools(Wheel)],
        run: |run| run.tests(&outside(&["--test", "register_*"])),
    },
    Part {
        name: "memory",
        about: "the index under the sanitizer for addresses, thorough also for threads, and under Miri where it is",
        needs: &[],
        run: memory::check,
    },
    Part {
        name: "verify",
        about: "the command `linktab`, on binaries with and without faults",
        needs: &[
            Packages("alterations"),
            Packages("clang"),
            Packages("linkers"),
            Packages("llvm"),
            Packages("machines"),
            Packages("python"),
            Packages("valgrind"),
            Packages("windows"),
            Tools(Readers),
        ],
        run: |run| {
            run.tests(&outside(&["--lib", "--test", "verify_*"]))?;
            run.examples(&OUTSIDE)
        },
    },
    Part {
        name: "macos",
        about: "the Rust crates for macOS and Windows, with a standard library from source",
        needs: &[Packages("llvm"), Packages("windows"), Tools(Readers)],
        run: foreign,
    },
    Part {
        name: "python",
        about: "imports through the finder, in one executable, on CPythons of every version; what takes long, on the oldest and the newest",
        needs: &[
            Packages("alterations"),
            Packages("linkers"),
            Packages("strace"),
            Packages("valgrind"),
            Python,
        ],
        run: pythons::check,
    },
    Part {
        name: "cpython",
        about: "CPython's own tests, of its loader and of whole suites",
        needs: &[],
        run: pythons::own_suites,
    },
    Part {
        name: "third-party",
        about: "extensions by every binding generator, on the newest CPython",
        needs: &[Packages("c++")],
        run: pythons::third_party,
    },
    Part {
        name: "project",
        about: "projects of people's own, outside of this repository: found, built, linked, checked",
        needs: &[Packages("c++"), Packages("python"), Python, Tools(Build)],
        run: |run| run.tests(&outside(&["--test", "project_*"])),
    },
    Part {
        name: "pages",
        about: "the page of a report in a browser; the book of docs/, its links, and what it repeats of the sources",
        needs: &[
            Packages("browser"),
            Packages("clang"),
            Packages("python"),
            Python,
            Tools(Book),
            Tools(Checkers),
        ],
        run: |run| {
            book::check(run)?;
            run.tests(&outside(&["--test", "pages_*"]))
        },
    },
    Part {
        name: "pages-root",
        about: "every page of docs/ that has commands, word for word, in a root that has nothing but what it says; thorough, the projects of examples/build/ there",
        needs: &[Packages("roots"), Python, Tools(Wheel)],
        run: |run| {
            // What others' builds take is the time of this one.
            let programs = if run.environment.thorough() { "root_*" } else { "root_pages" };
            run.tests(&outside(&["--test", programs]))
        },
    },
    Part {
        name: "one-file",
        about: "applications of packages from PyPI, packed and run in an empty root, on the newest CPython",
        needs: &[],
        run: pythons::one_file,
    },
    Part {
        name: "adopt",
        about: "packages from PyPI, built by their own build systems, inside one executable",
        needs: &[
            Packages("build-systems"),
            Packages("c++"),
            Packages("clang"),
            Packages("libraries"),
            Packages("mpi"),
            Packages("pip"),
            Packages("strace"),
            Python,
        ],
        run: adopt,
    },
    Part {
        name: "sdk",
        about: "hosts in C and C++ that CMake, Meson and make build with what `linktab install-sdk` installed",
        needs: &[Packages("build-systems"), Packages("c++"), Packages("python"), Python],
        run: |run| run.tests(&outside(&["--test", "sdk_*"])),
    },
    Part {
        name: "dist",
        about: "the command as a wheel, installed and started; its size; the packages of the crates; the action",
        needs: &[Python, Tools(Wheel)],
        run: dist::check,
    },
    Part {
        name: "bench",
        about: "what measures: the pages that it writes, a packed program beside a virtual environment, and a file system that is slow on purpose",
        needs: &[Packages("strace"), Python, Cxx],
        run: |run| run.tests(&["-p", "linktab-bench", "-p", "linktab-slow-files"]),
    },
    Part {
        name: "instructions",
        about: "an import, a batch, a miss and a start take as many instructions as they did",
        needs: &[Packages("valgrind"), Python, Cxx],
        run: instructions::check,
    },
    Part {
        name: "matrix",
        about: "every record is kept: linkers x profiles x kinds of executable",
        needs: &[Packages("linkers"), Python, Cxx],
        run: |run| run.tests(&outside(&["--test", "matrix_*"])),
    },
    Part {
        name: "demo",
        about: "`cargo xtask demo` from beginning to end, its executable under valgrind, and as one file",
        needs: &[Packages("strace"), Packages("valgrind")],
        run: demo::check,
    },
];

/// For `--list`: what each part is about, and what it needs besides Rust.
pub fn list() -> String {
    let entry = |part: &Part| {
        let needs: Vec<String> = part.needs.iter().map(Need::to_string).collect();
        let needs = if needs.is_empty() { "nothing".to_owned() } else { needs.join(", ") };
        format!("{:12} {}\n{:12}   needs {needs}\n", part.name, part.about, "")
    };
    PARTS.iter().map(entry).collect()
}

/// Everything with the usual CPython; less with those that somebody wishes for, and with the oldest and the newest of a
/// thorough run; of packages that were asked for, those.
fn adopt(run: &mut Run) -> Result<()> {
    let tests = outside(&["--test", "adopt_*"]);
    if !run.packages.is_empty() {
        let mut test =
            run.cargo(&[&["test", "--no-fail-fast"], &tests[..], &["--", "--show-output"]].concat());
        test.env("LINKTAB_ADOPT_PACKAGES", run.packages.join(" "));
        return run.runner(test.arg("packages_from_pypi"));
    }
    if !pythons::is_wished() {
        run.tests(&tests)?;
    }
    if pythons::is_wished() || run.environment.thorough() { pythons::adopt(run) } else { Ok(()) }
}

fn foreign(run: &mut Run) -> Result<()> {
    match rust_src::provide(&workspace::target())? {
        Sources::None(reason) => {
            run.skip(&reason);
            Ok(())
        }
        Sources::Folder(library) => {
            let variables = [process::variable("LINKTAB_RUST_SRC", library)];
            run.tests_with(&outside(&["--test", "foreign_*"]), &variables)
        }
    }
}

fn hygiene(run: &mut Run) -> Result<()> {
    for (rule, faults) in hygiene::check(workspace::root())? {
        for fault in &faults {
            eprintln!("{fault}");
        }
        run.judge(faults.is_empty(), rule.holds);
    }
    checkers::check(run)?;
    schemas::check(run)
}
