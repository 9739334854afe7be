//! Programs of this machine that walk their own table, linked by a C compiler with each linker that is
//! installed, and run. `machines.rs` does the same for other machines.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use super::targets::rust_lld;
use super::{fixtures, has, must};
use crate::linkers;

/// Where a program is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anywhere.
    Pie,
    /// At its address.
    Fixed,
    /// At its address, without a loader.
    Static,
}

/// Every place.
pub const PLACES: [Place; 3] = [Place::Pie, Place::Fixed, Place::Static];

impl Place {
    fn compiler(self) -> &'static str {
        if self == Place::Pie { "-fPIE" } else { "-fno-pie" }
    }

    fn linker(self) -> &'static str {
        match self {
            Place::Pie => "-pie",
            Place::Fixed => "-no-pie",
            Place::Static => "-static",
        }
    }
}

/// What tells clang to take a linker, by the linker's name: those that are installed.
///
/// # Panics
///
/// When the Rust toolchain has no linker.
#[must_use]
pub fn native_linkers() -> Vec<(&'static str, String)> {
    if !has("clang") {
        return Vec::new();
    }
    let own = rust_lld().with_file_name("gcc-ld").join("ld.lld");
    let flag = |cc: &[&str]| {
        cc.first().map_or_else(|| format!("-fuse-ld={}", own.display()), |&flag| flag.to_owned())
    };
    linkers().iter().map(|linker| (linker.name, flag(linker.cc))).collect()
}

/// Compiles a fixture.
pub fn compile(place: Place, source: &str, flags: &[&str], object: &Path) {
    compile_with("clang", source, &[&[place.compiler(), "-ffunction-sections"], flags].concat(), object);
}

/// Compiles a fixture with a compiler of this machine.
pub fn compile_with(compiler: &str, source: &str, flags: &[&str], object: &Path) {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry/include");
    let mut command = Command::new(compiler);
    command.current_dir(fixtures().join("c")).args(["-O1", "-c", source]).args(flags);
    must(command.arg("-I").arg(include).arg("-o").arg(object));
}

/// Links objects to a program.
pub fn link(place: Place, linker: &str, inputs: &[PathBuf], flags: &[&str], output: &Path) {
    let mut clang = Command::new("clang");
    clang.args([linker, place.linker(), "-Wl,--gc-sections"]).args(inputs).args(flags);
    must(clang.arg("-o").arg(output));
}

/// What a program prints, its lines in order.
///
/// # Panics
///
/// When it does not run to its end.
#[must_use]
pub fn printed(program: &Path) -> Vec<String> {
    let output = output_of(program);
    assert!(output.status.success(), "{}: {output:?}", program.display());
    let text = String::from_utf8(output.stdout).expect("the fixture prints UTF-8");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Of a file that was just written, another thread may have a copy of the descriptor for a moment, in the
/// child that it makes (`execve(2)`, ETXTBSY).
fn output_of(program: &Path) -> Output {
    for _ in 0..1000 {
        match Command::new(program).output() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                thread::sleep(Duration::from_millis(10));
            }
            output => return output.unwrap_or_else(|error| panic!("{}: {error}", program.display())),
        }
    }
    panic!("{} is being written to for ever", program.display())
}
