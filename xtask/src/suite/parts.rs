//! The table of parts. A new part is one entry here.

use anyhow::Result;

use super::run::Run;
use super::{demo, instructions, memory, msrv, pythons};
use crate::environment::Needs;
use crate::hygiene;
use crate::rust_src::{self, Sources};
use crate::workspace;

/// One thing that `cargo xtask test` runs.
#[derive(Debug)]
pub struct Part {
    /// What `--only` takes.
    pub name: &'static str,
    /// One line for `--list`.
    pub about: &'static str,
    /// What must be found before it starts.
    pub needs: Needs,
    /// Runs it; what is counted is in the [`Run`].
    pub run: fn(&mut Run) -> Result<()>,
}

/// In the order in which they run: what fails fast comes first.
pub const PARTS: &[Part] = &[
    Part {
        name: "fmt",
        about: "the sources are formatted",
        needs: Needs::Nothing,
        run: |run| run.check(&mut run.cargo(&["fmt", "--all", "--check"])),
    },
    Part {
        name: "clippy",
        about: "clippy has nothing to say",
        needs: Needs::Tools,
        run: |run| {
            run.check(&mut run.cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
        },
    },
    Part {
        name: "hygiene",
        about: "no file has what no file of this repository may have",
        needs: Needs::Nothing,
        run: hygiene,
    },
    Part {
        name: "msrv",
        about: "nothing needs a younger Rust than Cargo.toml declares",
        needs: Needs::Tools,
        run: msrv::check,
    },
    Part {
        name: "doc",
        about: "the documentation builds without a warning",
        needs: Needs::Tools,
        run: |run| {
            let mut doc = run.cargo(&["doc", "--workspace", "--lib", "--no-deps"]);
            run.check(doc.env("RUSTDOCFLAGS", "-D warnings"))
        },
    },
    Part {
        name: "unit",
        about: "registry, macros, finder and these commands, with their examples",
        needs: Needs::Tools,
        run: |run| {
            // 100,000 cases against a map: minutes without optimisation.
            run.tests(&["--release", "-p", "linktab"])?;
            let packages =
                ["linktab-macros", "linktab-macro-tests", "linktab-finder", "xtask", "linktab-slow-files"];
            run.tests(&packages.map(|package| ["-p", package]).concat())?;
            run.tests(&["-p", "linktab-tests", "--lib", "--test", "register_*"])
        },
    },
    Part {
        name: "memory",
        about: "the index under the sanitizers for addresses and threads, and under Miri where it is",
        needs: Needs::Nothing,
        run: memory::check,
    },
    Part {
        name: "verify",
        about: "the command `linktab`, on binaries with and without faults",
        needs: Needs::Tools,
        run: |run| {
            run.tests(&["-p", "linktab-verify"])?;
            run.tests(&["-p", "linktab-tests", "--test", "verify_*"])
        },
    },
    Part {
        name: "macos",
        about: "the Rust crates for macOS and Windows, with a standard library from source",
        needs: Needs::Tools,
        run: foreign,
    },
    Part {
        name: "python",
        about: "imports through the finder, in one executable, on every CPython",
        needs: Needs::Tools,
        run: pythons::check,
    },
    Part {
        name: "cpython",
        about: "CPython's own tests, of its loader and of whole suites",
        needs: Needs::Tools,
        run: pythons::own_suites,
    },
    Part {
        name: "third-party",
        about: "extensions by every binding generator, on the oldest and the newest CPython",
        needs: Needs::Tools,
        run: pythons::third_party,
    },
    Part {
        name: "instructions",
        about: "an import, a batch, a miss and a start take as many instructions as they did",
        needs: Needs::Tools,
        run: instructions::check,
    },
    Part {
        name: "matrix",
        about: "every record is kept: linkers x profiles x kinds of executable",
        needs: Needs::Tools,
        run: |run| run.tests(&["-p", "linktab-tests", "--test", "matrix_*"]),
    },
    Part {
        name: "demo",
        about: "`cargo xtask demo` from beginning to end, its executable under valgrind, and as one file",
        needs: Needs::Nothing,
        run: demo::check,
    },
];

fn foreign(run: &mut Run) -> Result<()> {
    match rust_src::provide(&workspace::target())? {
        Sources::None(reason) => {
            run.skip(&reason);
            Ok(())
        }
        Sources::Folder(library) => {
            let mut test =
                run.cargo(&["test", "--no-fail-fast", "-p", "linktab-tests", "--test", "foreign_*"]);
            run.runner(test.env("LINKTAB_RUST_SRC", library).args(["--", "--show-output"]))
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
    Ok(())
}
