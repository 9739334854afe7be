//! Builds an application of a fixture with one profile and one linker.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{Linker, fixture, linkers, run, side_by_side, target_dir, try_run};

/// What every cell of a matrix has in common.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    /// The folder below `tests/fixtures`, a cargo workspace.
    pub fixture: &'a str,
    /// The package; its binary is called the same.
    pub package: &'a str,
    /// cargo's names of the profiles.
    pub profiles: &'a [&'a str],
    /// Whether executables can be loaded anywhere, or have a fixed address: one of them, or both.
    pub position_independent: &'a [bool],
    /// The arguments of the program.
    pub arguments: &'a [&'a str],
}

impl Matrix<'_> {
    /// Builds the program with each profile and each linker that is installed, and runs it: each has to print the
    /// same.
    ///
    /// # Panics
    ///
    /// When one cannot be built, or prints something else.
    pub fn prints_everywhere(&self, expected: &str) {
        side_by_side(self.profiles.iter().copied(), |profile| {
            for &position_independent in self.position_independent {
                for linker in linkers() {
                    let Matrix { fixture, package, .. } = *self;
                    let cell = CargoBuild { fixture, package, profile, linker, position_independent };
                    let program = cell.build().unwrap_or_else(|said| panic!("{cell:?}\n{said}"));
                    assert_eq!(run(Command::new(program).args(self.arguments)), expected, "{cell:?}");
                }
            }
        });
    }
}

/// One cell of a matrix: which application, and how it is built.
#[derive(Clone, Copy, Debug)]
pub struct CargoBuild<'a> {
    /// The folder below `tests/fixtures`, a cargo workspace.
    pub fixture: &'a str,
    /// The package; its binary is called the same.
    pub package: &'a str,
    /// cargo's name of the profile.
    pub profile: &'a str,
    /// The linker of the last step.
    pub linker: Linker,
    /// Whether the executable can be loaded anywhere, or has a fixed address.
    pub position_independent: bool,
}

impl CargoBuild<'_> {
    /// Builds it, or returns what cargo and the linker said.
    ///
    /// # Errors
    ///
    /// When the build fails: everything that was printed.
    pub fn build(&self) -> Result<PathBuf, String> {
        // One folder for both kinds, so that the macros are compiled once: cargo tells apart what it compiles
        // with different flags, and keeps builds of one profile from each other.
        let target_dir = target_dir(self.fixture);
        // With a target, the flags below are for the application and its crates, not for their macros.
        let target = run(Command::new("rustc").args(["--print", "host-tuple"]));
        let mut cargo = Command::new("cargo");
        cargo.current_dir(fixture(self.fixture)).env("CARGO_TARGET_DIR", &target_dir);
        cargo.args(["rustc", "--quiet", "--locked", "--package", self.package, "--profile", self.profile]);
        cargo.args(["--target", target.trim()]);
        if !self.position_independent {
            cargo.args(["--config", "build.rustflags=[\"-Crelocation-model=static\"]"]);
        }
        let output = try_run(cargo.arg("--").args(self.linker.rustc));
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let folder = if self.profile == "dev" { "debug" } else { self.profile };
        let program = target_dir.join(target.trim()).join(folder).join(self.package);
        self.check(&fs::read(&program).expect("cargo built it"));
        Ok(program)
    }

    /// Makes sure that the cell is what it says.
    fn check(&self, binary: &[u8]) {
        assert!(self.linker.signed(binary), "{self:?}: linked by another linker");
        // e_type (gABI, "ELF Header"): 2 is ET_EXEC, 3 is ET_DYN.
        assert_eq!(binary[16], if self.position_independent { 3 } else { 2 }, "{self:?}");
    }
}
