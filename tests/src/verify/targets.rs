//! Formats and linkers that this machine can link C for, without any C library: clang compiles, and
//! each target says how its linker is called. Small on purpose: a link takes a few milliseconds.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use super::{fixtures, has, must, scratch};
use crate::alone::alone;

/// A way to make binaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name in tables.
    pub name: &'static str,
    /// What clang compiles for.
    pub triple: &'static str,
    /// More flags for clang.
    pub cflags: &'static [&'static str],
    /// The linker and its flags; `rust-lld` is the one of the Rust toolchain.
    pub linker: &'static [&'static str],
    /// The word of the reports for the format.
    pub format: &'static str,
}

const PIC: &[&str] = &["-fPIC"];
const NO_PIC: &[&str] = &["-fno-pic", "-mcmodel=small"];

/// Flags of ELF linkers for a program without a C library: position-independent, and not.
macro_rules! elf {
    ($name:literal, $triple:literal, pie, $($linker:literal),+) => {
        Target {
            name: $name, triple: $triple, cflags: PIC, format: "elf",
            linker: &[$($linker,)+ "-pie", "--no-dynamic-linker", "--gc-sections", "-z", "noexecstack"],
        }
    };
    ($name:literal, $triple:literal, static, $($linker:literal),+) => {
        Target {
            name: $name, triple: $triple, cflags: NO_PIC, format: "elf",
            linker: &[$($linker,)+ "-static", "--gc-sections", "-z", "noexecstack"],
        }
    };
}

macro_rules! mach_o {
    ($name:literal, $triple:literal, $arch:literal, $chains:literal) => {
        Target {
            name: $name,
            triple: $triple,
            cflags: PIC,
            format: "mach-o",
            linker: &[
                "rust-lld",
                "-flavor",
                "darwin",
                "-arch",
                $arch,
                "-platform_version",
                "macos",
                "13.0",
                "14.0",
                "-lSystem",
                "-dead_strip",
                $chains,
            ],
        }
    };
}

/// Every target that this file knows.
pub const ALL: &[Target] = &[
    elf!("elf x86-64 pie bfd", "x86_64-linux-gnu", pie, "ld.bfd"),
    elf!("elf x86-64 pie lld", "x86_64-linux-gnu", pie, "ld.lld"),
    elf!("elf x86-64 pie mold", "x86_64-linux-gnu", pie, "ld.mold"),
    elf!("elf x86-64 pie rust-lld", "x86_64-linux-gnu", pie, "rust-lld", "-flavor", "gnu"),
    elf!("elf x86-64 static bfd", "x86_64-linux-gnu", static, "ld.bfd"),
    elf!("elf x86-64 static lld", "x86_64-linux-gnu", static, "ld.lld"),
    elf!("elf x86-64 static mold", "x86_64-linux-gnu", static, "ld.mold"),
    elf!("elf x86-64 static rust-lld", "x86_64-linux-gnu", static, "rust-lld", "-flavor", "gnu"),
    elf!("elf x86 pie (REL)", "i386-linux-gnu", pie, "rust-lld", "-flavor", "gnu", "-m", "elf_i386"),
    elf!(
        "elf arm pie (REL)",
        "armv7-linux-gnueabihf",
        pie,
        "rust-lld",
        "-flavor",
        "gnu",
        "-m",
        "armelf_linux_eabi"
    ),
    elf!("elf aarch64 pie", "aarch64-linux-gnu", pie, "rust-lld", "-flavor", "gnu", "-m", "aarch64linux"),
    elf!("elf riscv64 pie", "riscv64-linux-gnu", pie, "rust-lld", "-flavor", "gnu", "-m", "elf64lriscv"),
    elf!(
        "elf powerpc64le pie",
        "powerpc64le-linux-gnu",
        pie,
        "rust-lld",
        "-flavor",
        "gnu",
        "-m",
        "elf64lppc"
    ),
    // Function descriptors (ELFv1), which no lld links.
    elf!("elf powerpc64 pie (descriptors)", "powerpc64-linux-gnu", pie, "powerpc64-linux-gnu-ld"),
    elf!(
        "elf s390x pie (big endian)",
        "s390x-linux-gnu",
        pie,
        "rust-lld",
        "-flavor",
        "gnu",
        "-m",
        "elf64_s390"
    ),
    elf!(
        "elf aarch64 pie relr",
        "aarch64-linux-gnu",
        pie,
        "rust-lld",
        "-flavor",
        "gnu",
        "--pack-dyn-relocs=relr"
    ),
    mach_o!("mach-o arm64 chained", "arm64-apple-macos13.0", "arm64", "-fixup_chains"),
    mach_o!("mach-o arm64 dyld info", "arm64-apple-macos13.0", "arm64", "-no_fixup_chains"),
    mach_o!("mach-o x86-64 chained", "x86_64-apple-macos13.0", "x86_64", "-fixup_chains"),
    mach_o!("mach-o x86-64 dyld info", "x86_64-apple-macos13.0", "x86_64", "-no_fixup_chains"),
    Target {
        name: "pe x86-64",
        triple: "x86_64-w64-windows-gnu",
        cflags: &[],
        linker: &["rust-lld", "-flavor", "gnu", "-m", "i386pep", "--entry", "_start"],
        format: "pe",
    },
    Target {
        name: "pe x86-64 bfd",
        triple: "x86_64-w64-windows-gnu",
        cflags: &[],
        linker: &["x86_64-w64-mingw32-ld", "--entry", "_start"],
        format: "pe",
    },
    Target {
        name: "pe aarch64",
        triple: "aarch64-w64-windows-gnu",
        cflags: &[],
        linker: &["rust-lld", "-flavor", "gnu", "-m", "arm64pe", "--entry", "_start"],
        format: "pe",
    },
];

impl Target {
    /// The targets whose tools are installed.
    pub fn installed() -> Vec<Target> {
        if !has("clang") {
            return Vec::new();
        }
        ALL.iter().copied().filter(|target| target.linker[0] == "rust-lld" || has(target.linker[0])).collect()
    }

    /// What makes a shared object instead of a program.
    pub fn shared(&self) -> &'static [&'static str] {
        match self.format {
            "mach-o" => &["-dylib"],
            "pe" => &["-shared"],
            _ => &["-no-pie", "-shared"],
        }
    }

    /// A short name for files.
    pub fn slug(&self) -> String {
        self.name.replace([' ', '(', ')'], "-")
    }

    /// Compiles a fixture with flags, and writes the object. Targets that differ in their linkers alone, and
    /// tests of one program, have the same one compiled once.
    pub fn compile(&self, source: &str, flags: &[&str], object: &Path) {
        type Objects = HashMap<Vec<String>, Arc<OnceLock<Vec<u8>>>>;
        static COMPILED: LazyLock<Mutex<Objects>> = LazyLock::new(Mutex::default);
        let target = ["-target", self.triple];
        let words = target.iter().chain(self.cflags).chain(flags).chain([&source]);
        let words: Vec<String> = words.map(|&word| word.to_owned()).collect();
        // The lock is not held while clang works.
        let compiled =
            COMPILED.lock().expect("no thread panics with it").entry(words.clone()).or_default().clone();
        let bytes = compiled.get_or_init(|| {
            clang(&words, object);
            fs::read(object).expect("clang wrote it")
        });
        // Tests change objects where they lie.
        fs::write(object, bytes).expect("the scratch folder is writable");
    }

    /// Links objects and archives.
    pub fn link(&self, inputs: &[&Path], flags: &[&str], output: &Path) {
        let mut command = self.linker_command();
        command.args(&self.linker[1..]).args(flags).args(inputs).arg("-o").arg(output);
        if self.format == "mach-o" {
            command.arg("-syslibroot").arg(sdk());
        }
        must(&mut command);
    }

    fn linker_command(&self) -> Command {
        if self.linker[0] == "rust-lld" { Command::new(rust_lld()) } else { Command::new(self.linker[0]) }
    }
}

fn clang(words: &[String], object: &Path) {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry/include");
    must(
        Command::new("clang")
            // File names in records shall not depend on where the checkout is.
            .current_dir(fixtures().join("c"))
            .args(["-ffreestanding", "-O1", "-ffunction-sections", "-c"])
            .args(["-Wno-unused-function", "-fno-stack-protector"])
            .args(words)
            .arg("-I")
            .arg(include)
            .arg("-o")
            .arg(object),
    );
}

/// The linker of the Rust toolchain.
pub fn rust_lld() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let output = must(Command::new("rustc").args(["--print", "target-libdir"]));
        let folder = String::from_utf8(output.stdout).expect("rustc prints a path");
        Path::new(folder.trim()).with_file_name("bin").join("rust-lld")
    })
}

/// A folder with a libSystem that says which symbols there would be, and nothing else. Rust's standard
/// library names it in three ways.
pub fn sdk() -> PathBuf {
    static SDK: OnceLock<PathBuf> = OnceLock::new();
    SDK.get_or_init(|| {
        let folder = scratch("sdk").join("usr/lib");
        fs::create_dir_all(&folder).expect("the scratch folder is writable");
        let targets = "[ x86_64-macos, arm64-macos ]";
        let stub = format!(
            "--- !tapi-tbd\ntbd-version: 4\ntargets: {targets}\ninstall-name: '/usr/lib/libSystem.B.dylib'\nexports:\n  \
             - targets: {targets}\n    symbols: [ dyld_stub_binder, _PyInit_missing ]\n...\n"
        );
        let alone = alone("sdk");
        for file in ["libSystem.tbd", "libc.tbd", "libm.tbd"].map(|name| folder.join(name)) {
            // A linker of another test program may be reading it.
            if !fs::read_to_string(&file).is_ok_and(|before| before == stub) {
                fs::write(file, &stub).expect("the scratch folder is writable");
            }
        }
        drop(alone);
        scratch("sdk")
    })
    .clone()
}
