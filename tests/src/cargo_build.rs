//! Builds an application of a fixture with one profile, and links it with every linker.
//!
//! Compiling is most of the work, and the same whatever links: a driver (`fixtures/each-linker`) links what rustc hands it
//! several times.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Linker, by_turns, fixture, linkers, profile, run, side_by_side, target_dir, try_run};

/// What every cell of a matrix has in common.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    /// The folder below `tests/fixtures`, a cargo workspace.
    pub fixture: &'a str,
    /// The package; its binary is called the same.
    pub package: &'a str,
    /// The names of the profiles: cargo's, or of `profile.rs`.
    pub profiles: &'a [&'a str],
    /// Whether executables can be loaded anywhere, or have a fixed address: one of them, or both.
    pub position_independent: &'a [bool],
    /// The arguments of the program.
    pub arguments: &'a [&'a str],
}

impl Matrix<'_> {
    /// Builds the program with each profile, as one of the kinds or in a thorough run as all, links it with each linker that is
    /// installed, and runs it: each has to print the same.
    ///
    /// # Panics
    ///
    /// When one cannot be built, or prints something else.
    pub fn prints_everywhere(&self, expected: &str) {
        let Matrix { fixture, package, position_independent: kinds, .. } = *self;
        let of = |(turn, &profile): (usize, &_)| {
            by_turns(kinds.iter(), turn, kinds.len()).map(move |&kind| (profile, kind))
        };
        side_by_side(self.profiles.iter().enumerate().flat_map(of), |(profile, position_independent)| {
            let build = CargoBuild { fixture, package, profile, position_independent };
            for (linker, linked) in build.with_each_linker() {
                let program = linked.unwrap_or_else(|said| panic!("{build:?}, {}\n{said}", linker.name));
                let printed = run(Command::new(program).args(self.arguments));
                assert_eq!(printed, expected, "{build:?}, {}", linker.name);
            }
        });
    }
}

/// One row of a matrix: which application, and how it is compiled.
#[derive(Clone, Copy, Debug)]
pub struct CargoBuild<'a> {
    /// The folder below `tests/fixtures`, a cargo workspace.
    pub fixture: &'a str,
    /// The package; its binary is called the same.
    pub package: &'a str,
    /// The name of the profile: cargo's, or of `profile.rs`.
    pub profile: &'a str,
    /// Whether the executable can be loaded anywhere, or has a fixed address.
    pub position_independent: bool,
}

impl CargoBuild<'_> {
    /// Compiles it once, and links it with each linker that is installed: the program, or what the linker said, or what
    /// the compiler did, which links by itself where it optimises the whole program.
    ///
    /// # Panics
    ///
    /// When a program is not what it has to be.
    pub fn with_each_linker(&self) -> Vec<(Linker, Result<PathBuf, String>)> {
        let linkers = linkers();
        let flags: Vec<&str> = linkers.iter().flat_map(|linker| linker.cc).copied().collect();
        // One folder for both kinds, so that the macros are compiled once: cargo tells apart what it compiles
        // with different flags and settings, and keeps builds of one folder from each other.
        let target_dir = target_dir(self.fixture);
        let kind = if self.position_independent { "pie" } else { "fixed" };
        let linked = target_dir.join("linked").join(format!("{}-{}-{kind}", self.package, self.profile));
        // With a target, the flags below are for the application and its crates, not for their macros.
        let target = run(Command::new("rustc").args(["--print", "host-tuple"]));
        let mut cargo = Command::new("cargo");
        cargo.current_dir(fixture(self.fixture)).env("CARGO_TARGET_DIR", &target_dir);
        cargo.args(["rustc", "--quiet", "--locked", "--package", self.package]);
        cargo.args(profile::options(self.profile));
        cargo.args(["--target", target.trim()]);
        if !self.position_independent {
            cargo.args(["--config", "build.rustflags=[\"-Crelocation-model=static\"]"]);
        }
        cargo.env("LINKTAB_LINKED", &linked).env("LINKTAB_LINKERS", flags.join(" "));
        cargo.arg("--").arg(format!("-Clinker={}", fixture("each-linker").display()));
        // cargo knows nothing of those variables: it builds again where they are others.
        cargo.arg(format!("--cfg=linkers=\"{}\"", flags.join(" ")));
        let output = try_run(&mut cargo);
        let compiled = output.status.success().then_some(linked).ok_or(output.stderr);
        let outcome = |linker| match &compiled {
            Ok(folder) => self.linked(linker, folder),
            Err(said) => Err(String::from_utf8_lossy(said).into_owned()),
        };
        linkers.into_iter().map(|linker| (linker, outcome(linker))).collect()
    }

    /// What one linker left in the folder.
    fn linked(&self, linker: Linker, folder: &Path) -> Result<PathBuf, String> {
        let name = linker.cc.first().and_then(|flag| flag.strip_prefix("-fuse-ld=")).unwrap_or("rustc");
        if let Ok(said) = fs::read_to_string(folder.join(format!("{name}.said"))) {
            return Err(said);
        }
        let program = folder.join(name);
        let binary = fs::read(&program).unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        assert!(linker.signed(&binary), "{self:?}: {} did not link it", linker.name);
        // e_type (gABI, "ELF Header"): 2 is ET_EXEC, 3 is ET_DYN.
        assert_eq!(binary[16], if self.position_independent { 3 } else { 2 }, "{self:?}");
        Ok(program)
    }
}
