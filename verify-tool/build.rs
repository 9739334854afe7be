//! Builds the stub (`stub/main.rs`), with which a file begins that `linktab pack --compress=all` makes: for the machine that
//! the command is built for, by the compiler that builds the command.
//!
//! Where that is none that the stub knows, or nothing links for it here, the command has none, and says so when it is asked.
//!
//! And deflates the texts that the command hands on, for `src/texts.rs`: as they are, they would be a fiftieth of it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=stub");
    println!("cargo::rerun-if-changed=src/bytes/compressed");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let folder = PathBuf::from(variable("OUT_DIR"));
    let stub = if is_known() { build(&folder) } else { None };
    fs::write(folder.join("stub"), stub.unwrap_or_default()).expect("OUT_DIR can be written to");
    for (name, files) in TEXTS {
        let texts = files.iter().map(|file| text(Path::new(file)));
        let text = texts.collect::<String>();
        let deflated = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 9);
        fs::write(folder.join(name), deflated).expect("OUT_DIR can be written to");
    }
}

/// Which texts, each of which files one after the other. Of `linktab pack`: what packs, and what goes into archives.
const TEXTS: [(&str, &[&str]); 5] = [
    (
        "pack",
        &[
            "src/commands/pack.py",
            "src/commands/pack_links.py",
            "src/commands/pack_libraries.py",
            "src/commands/pack_files.py",
            "src/commands/pack_entries.py",
            "src/commands/pack_first.py",
            "src/commands/pack_strip.py",
            "src/commands/pack_tests.py",
        ],
    ),
    ("start", &["src/commands/pack_start.py", "src/commands/pack_resources.py"]),
    ("data", &["src/commands/pack_data.py"]),
    (
        "shared",
        &["src/commands/pack_shared.py", "src/commands/pack_extract.py", "src/commands/pack_application.py"],
    ),
    ("page", &["src/report/html/page.html"]),
];

fn text(file: &Path) -> String {
    println!("cargo::rerun-if-changed={}", file.display());
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn is_known() -> bool {
    variable("CARGO_CFG_TARGET_OS") == "linux"
        && variable("CARGO_CFG_TARGET_POINTER_WIDTH") == "64"
        && ["x86_64", "aarch64"].contains(&&*variable("CARGO_CFG_TARGET_ARCH"))
        && variable("CARGO_CFG_TARGET_ENDIAN") == "little"
}

/// No library, no code that unwinds, and no page that holds one segment alone; pages of 64 KiB are the largest that
/// AArch64 has.
const OPTIONS: [&str; 15] = [
    "opt-level=2",
    "panic=abort",
    "lto=fat",
    "codegen-units=1",
    "force-unwind-tables=no",
    "relocation-model=static",
    "strip=symbols",
    "link-self-contained=no",
    "default-linker-libraries=no",
    "link-arg=-nostdlib",
    "link-arg=-nostartfiles",
    "link-arg=-static",
    "link-arg=-Wl,--build-id=none",
    "link-arg=-Wl,-z,noseparate-code",
    "link-arg=-Wl,-z,norelro",
];

fn build(folder: &Path) -> Option<Vec<u8>> {
    let linked = folder.join("stub.elf");
    let page = if variable("CARGO_CFG_TARGET_ARCH") == "aarch64" { 65536 } else { 4096 };
    let mut rustc = Command::new(env::var_os("RUSTC")?);
    rustc.args(["--edition=2024", "--crate-type=bin", "--crate-name=linktab_stub", "--cap-lints=allow"]);
    rustc.args(["--target", &variable("TARGET"), "stub/main.rs", "-o"]).arg(&linked);
    rustc.args(OPTIONS.iter().map(|option| format!("-C{option}")));
    rustc.arg(format!("-Clink-arg=-Wl,-z,max-page-size={page}"));
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        rustc
            .arg("-C")
            .arg([std::ffi::OsStr::new("linker="), &linker].into_iter().collect::<std::ffi::OsString>());
    }
    let output = rustc.output().ok()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| line.starts_with("error")).unwrap_or_default();
        println!(
            "cargo::warning=`linktab pack --compress=all` will not be there: the stub does not link: {first}"
        );
        return None;
    }
    trimmed(fs::read(linked).ok()?)
}

/// The bytes up to the end of the last segment, which is all that a kernel reads, and no headers of sections. A linker that
/// is set up for another root names a loader whatever it links; this program has use for none.
fn trimmed(mut elf: Vec<u8>) -> Option<Vec<u8>> {
    // `Elf64_Ehdr`, `Elf64_Phdr` (gABI, "ELF Header", "Program Header").
    const PT_NULL: u16 = 0;
    const PT_LOAD: u16 = 1;
    const PT_INTERP: u16 = 3;
    let word = |elf: &[u8], at: usize| Some(u16::from_le_bytes(*elf.get(at..)?.first_chunk()?));
    let long = |elf: &[u8], at: usize| Some(u64::from_le_bytes(*elf.get(at..)?.first_chunk()?) as usize);
    let (headers, count) = (long(&elf, 32)?, usize::from(word(&elf, 56)?));
    let mut end = 0;
    for header in (0..count).map(|index| headers + index * 56) {
        let start = long(&elf, header + 8)?;
        let behind = start + long(&elf, header + 32)?;
        match word(&elf, header)? {
            PT_LOAD => end = end.max(behind),
            PT_INTERP => {
                elf.get_mut(start..behind)?.fill(0);
                elf.get_mut(header..)?.first_chunk_mut().map(|kind| *kind = PT_NULL.to_le_bytes())?;
            }
            _ => {}
        }
    }
    elf.resize(end.next_multiple_of(8), 0);
    elf.get_mut(40..48)?.fill(0);
    elf.get_mut(58..64)?.fill(0);
    Some(elf)
}
