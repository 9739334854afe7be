//! Machines other than this one that programs can be run for: Debian's C libraries for them, and
//! qemu's user mode. clang compiles, and the linker of the Rust toolchain links with the same start
//! files and libraries that a C compiler for that machine would name.
//!
//! Knows nothing of records. `targets.rs` does the same for programs that are only read.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::targets::rust_lld;
use super::{fixtures, has, must};

/// A machine.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// Its name in qemu's commands.
    pub name: &'static str,
    /// Its name in Debian's packages.
    debian: &'static str,
    /// Its folder below `/usr`.
    folder: &'static str,
    /// What clang compiles for.
    triple: &'static str,
    cflags: &'static [&'static str],
    emulation: &'static str,
    loader: &'static str,
    /// The only linker that links for it, where that is not the one of the Rust toolchain.
    own_linker: Option<&'static str>,
}

/// The loaders' names are those of glibc's ABI list (shlib-versions).
pub const ALL: &[Machine] = &[
    machine("aarch64", "arm64", "aarch64-linux-gnu", "aarch64linux", "ld-linux-aarch64.so.1"),
    Machine {
        triple: "armv7-linux-gnueabihf",
        ..machine("arm", "armhf", "arm-linux-gnueabihf", "armelf_linux_eabi", "ld-linux-armhf.so.3")
    },
    machine("i386", "i386", "i686-linux-gnu", "elf_i386", "ld-linux.so.2"),
    // 32 bits, big endian. Older code for it has a procedure linkage table that lld refuses.
    Machine {
        cflags: &["-msecure-plt"],
        ..machine("ppc", "powerpc", "powerpc-linux-gnu", "elf32ppc", "ld.so.1")
    },
    // Pointers to functions lead to descriptors (ELFv1), which no lld links.
    Machine {
        own_linker: Some("powerpc64-linux-gnu-ld"),
        ..machine("ppc64", "ppc64", "powerpc64-linux-gnu", "elf64ppc", "ld64.so.1")
    },
    machine("ppc64le", "ppc64el", "powerpc64le-linux-gnu", "elf64lppc", "ld64.so.2"),
    machine("riscv64", "riscv64", "riscv64-linux-gnu", "elf64lriscv", "ld-linux-riscv64-lp64d.so.1"),
    machine("s390x", "s390x", "s390x-linux-gnu", "elf64_s390", "ld64.so.1"),
];

const fn machine(
    name: &'static str,
    debian: &'static str,
    folder: &'static str,
    emulation: &'static str,
    loader: &'static str,
) -> Machine {
    Machine { name, debian, folder, triple: folder, cflags: &[], emulation, loader, own_linker: None }
}

/// A kind of program, and so an encoding of pointers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Loaded anywhere, by the C library's loader.
    Pie,
    /// The same with its relocations packed.
    Relr,
    /// The same with the linker's own relocations left in.
    EmitRelocs,
    /// Loaded at its address.
    Fixed,
    /// Without a loader, at its address.
    Static,
    /// Without a loader, anywhere.
    StaticPie,
    /// The table and its walker in a shared object.
    Shared,
}

/// Every kind.
pub const KINDS: [Kind; 7] =
    [Kind::Pie, Kind::Relr, Kind::EmitRelocs, Kind::Fixed, Kind::Static, Kind::StaticPie, Kind::Shared];

impl Machine {
    /// The machines whose emulator and C library are installed.
    #[must_use]
    pub fn installed() -> Vec<Machine> {
        ALL.iter().copied().filter(|machine| has(&machine.emulator()) && machine.has_library()).collect()
    }

    fn emulator(&self) -> String {
        format!("qemu-{}", self.name)
    }

    fn has_library(&self) -> bool {
        let wanted = [
            (self.library("crt1.o"), format!("libc6-dev-{}-cross", self.debian)),
            (self.compiler("libgcc.a"), format!("libgcc-12-dev-{}-cross", self.debian)),
        ];
        wanted.iter().all(|(file, package)| {
            if !file.is_file() {
                println!("skipped: {package} is not installed");
            }
            file.is_file()
        })
    }

    /// A file of the C library.
    fn library(&self, file: &str) -> PathBuf {
        Path::new("/usr").join(self.folder).join("lib").join(file)
    }

    /// A file of the compiler's own library.
    fn compiler(&self, file: &str) -> PathBuf {
        Path::new("/usr/lib/gcc-cross").join(self.folder).join("12").join(file)
    }

    /// Why this machine has no program of a kind that a linker makes.
    #[must_use]
    pub fn lacks(&self, kind: Kind, linker: &str) -> Option<String> {
        if kind != Kind::StaticPie {
            return None;
        }
        if !self.library("rcrt1.o").is_file() {
            return Some("Debian's glibc 2.36 has no rcrt1.o for it".to_owned());
        }
        // Seen with lld 14 and 22, natively and under qemu.
        (self.name == "i386" && linker != "ld.bfd")
            .then(|| "a static-pie that lld links crashes before main, an empty one too".to_owned())
    }

    /// The linkers that link for it here.
    #[must_use]
    pub fn linkers(&self) -> Vec<&'static str> {
        if let Some(linker) = self.own_linker {
            return vec![linker];
        }
        // This machine's GNU ld is also that of its smaller sibling.
        if self.name == "i386" && has("ld.bfd") { vec!["rust-lld", "ld.bfd"] } else { vec!["rust-lld"] }
    }

    /// Compiles a fixture for a kind of program.
    pub fn compile(&self, kind: Kind, source: &str, flags: &[&str], object: &Path) {
        let is_fixed = matches!(kind, Kind::Fixed | Kind::Static);
        must(
            Command::new("clang")
                .current_dir(fixtures().join("c"))
                .args(["-target", self.triple, "-O1", "-ffunction-sections", "-c", source])
                .arg(if is_fixed { "-fno-pic" } else { "-fPIC" })
                .args(self.cflags)
                .args(flags)
                .arg("-isystem")
                .arg(Path::new("/usr").join(self.folder).join("include"))
                .arg("-I")
                .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry/include"))
                .arg("-o")
                .arg(object),
        );
    }

    /// Links objects to a program of a kind.
    pub fn link(&self, kind: Kind, linker: &str, inputs: &[&Path], output: &Path) {
        let mut command = self.linker(linker);
        let (start, begin, end) = match kind {
            Kind::Fixed => ("crt1.o", None, None),
            Kind::Static => ("crt1.o", Some("crtbeginT.o"), Some("crtend.o")),
            Kind::StaticPie => ("rcrt1.o", Some("crtbeginS.o"), Some("crtendS.o")),
            Kind::Pie | Kind::Relr | Kind::EmitRelocs | Kind::Shared => ("Scrt1.o", None, None),
        };
        match kind {
            Kind::Static => command.arg("-static"),
            Kind::StaticPie => command.args(["-static", "-pie", "--no-dynamic-linker", "-z", "text"]),
            Kind::Fixed => command.args(["-no-pie", "--dynamic-linker", &self.interpreter()]),
            _ => command.args(["-pie", "--dynamic-linker", &self.interpreter()]),
        };
        match kind {
            Kind::Relr => command.args(["-z", "pack-relative-relocs"]),
            Kind::EmitRelocs => command.arg("--emit-relocs"),
            Kind::Shared => command.args(["-rpath", "$ORIGIN"]),
            _ => &mut command,
        };
        command.arg(self.library(start)).arg(self.library("crti.o"));
        command.args(begin.map(|file| self.compiler(file))).args(inputs);
        command.args(["--start-group", "-lc"]);
        if begin.is_some() {
            command.args(["-lgcc", "-lgcc_eh"]);
        }
        command.arg("--end-group").args(end.map(|file| self.compiler(file)));
        must(command.arg(self.library("crtn.o")).arg("-o").arg(output));
    }

    /// Links objects to a shared object.
    pub fn link_shared(&self, linker: &str, inputs: &[&Path], output: &Path) {
        let mut command = self.linker(linker);
        command.arg("-shared").args(["-soname", &output.file_name().expect("a file").to_string_lossy()]);
        must(command.args(inputs).arg("-lc").arg("-o").arg(output));
    }

    fn linker(&self, linker: &str) -> Command {
        let mut command = if linker == "rust-lld" {
            let mut lld = Command::new(rust_lld());
            lld.args(["-flavor", "gnu"]);
            lld
        } else {
            Command::new(linker)
        };
        command.args(["-m", self.emulation, "--gc-sections", "-z", "noexecstack", "-L"]);
        command.arg(self.library("")).arg("-L").arg(self.compiler(""));
        command
    }

    fn interpreter(&self) -> String {
        format!("/lib/{}", self.loader)
    }

    /// What a program prints.
    #[must_use]
    pub fn run(&self, program: &Path) -> Vec<String> {
        let mut command = Command::new(self.emulator());
        let output = must(command.arg("-L").arg(Path::new("/usr").join(self.folder)).arg(program));
        let text = String::from_utf8(output.stdout).expect("the fixture prints UTF-8");
        text.lines().map(str::to_owned).collect()
    }
}
