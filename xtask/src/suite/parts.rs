//! The table of parts. A new part is one entry here.

use std::process::Command;

use anyhow::Result;

use super::run::Run;
use crate::environment::Needs;
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
        needs: Needs::Python,
        run: |run| {
            run.tests(&["-p", "linktab", "-p", "linktab-macros", "-p", "linktab-finder", "-p", "xtask"])
        },
    },
    Part {
        name: "miri",
        about: "the index under Miri, where the toolchain brings it",
        needs: Needs::Nothing,
        run: miri,
    },
];

/// The index over ordinary slices: Miri does not know linkme's extern statics.
fn miri(run: &mut Run) -> Result<()> {
    let nightly = |args: &[&str]| {
        let mut command = Command::new("rustup");
        command.args(["run", "nightly", "cargo", "miri"]).args(args).current_dir(workspace::root());
        command
    };
    let installed = nightly(&["--version"]).output().is_ok_and(|output| output.status.success());
    if !installed {
        run.skip("miri is not installed");
        return Ok(());
    }
    run.runner(
        nightly(&["test", "-p", "linktab", "--lib", "index"]).env("MIRIFLAGS", "-Zmiri-strict-provenance"),
    )
}
