//! The linkers that every promise about records is held against.

use std::process::Command;

/// One linker, and how rustc is told to use it.
#[derive(Clone, Copy, Debug)]
pub struct Linker {
    /// The name in messages.
    pub name: &'static str,
    /// The program whose presence decides whether the linker is installed.
    program: &'static str,
    /// Arguments for rustc.
    pub rustc: &'static [&'static str],
    /// Arguments for `cc`.
    pub cc: &'static [&'static str],
    /// What it writes into the section `.comment`; GNU ld writes nothing there.
    signature: Option<&'static str>,
}

/// Rust's own linker is what rustc uses on its own (x86-64 Linux, since 1.90); the others are Debian's.
const LINKERS: [Linker; 4] = [
    Linker { name: "rust-lld", program: "rustc", rustc: &[], cc: &[], signature: Some("src/llvm-project") },
    Linker {
        name: "GNU ld",
        program: "ld.bfd",
        rustc: &["-Clinker-features=-lld", "-Clink-arg=-fuse-ld=bfd"],
        cc: &["-fuse-ld=bfd"],
        signature: None,
    },
    Linker {
        name: "lld",
        program: "ld.lld",
        rustc: &["-Clinker-features=-lld", "-Clink-arg=-fuse-ld=lld"],
        cc: &["-fuse-ld=lld"],
        signature: Some("Linker: "),
    },
    Linker {
        name: "mold",
        program: "mold",
        rustc: &["-Clinker-features=-lld", "-Clink-arg=-fuse-ld=mold"],
        cc: &["-fuse-ld=mold"],
        signature: Some("mold "),
    },
];

/// The linkers that are installed. For the others a line `skipped: …` is printed.
pub fn linkers() -> Vec<Linker> {
    LINKERS
        .into_iter()
        .filter(|linker| {
            let installed = Command::new(linker.program).arg("--version").output().is_ok();
            if !installed {
                println!("skipped: {} is not installed", linker.name);
            }
            installed
        })
        .collect()
}

impl Linker {
    /// Whether a binary was linked by this linker, as far as the linkers sign their work.
    pub fn signed(&self, binary: &[u8]) -> bool {
        let contains = |text: &str| binary.windows(text.len()).any(|window| window == text.as_bytes());
        let others =
            LINKERS.iter().filter(|other| other.name != self.name).filter_map(|other| other.signature);
        match self.signature {
            // Both lld's sign with "Linker: "; Rust's adds where it comes from.
            Some("Linker: ") => contains("Linker: ") && !contains("src/llvm-project"),
            Some(signature) => contains(signature),
            None => !others.into_iter().any(contains),
        }
    }
}
