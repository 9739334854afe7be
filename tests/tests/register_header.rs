//! `linktab.h` against the layout that the Rust crate reads.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab::layout::{self, offset};
use linktab_tests::{run, target_dir, try_run};
use object::{Object, ObjectSection, SectionFlags};

/// Compilers of C99 and C++11, and Clang for targets of other pointer widths and byte orders.
const COMPILERS: [&[&str]; 12] = [
    &["gcc", "-std=c99", "-xc"],
    &["g++", "-std=c++11", "-xc++"],
    &["clang", "-std=c99", "-xc"],
    &["clang++", "-std=c++11", "-xc++"],
    &["clang", "-std=c99", "-xc", "--target=i686-linux-gnu", "-ffreestanding"],
    &["clang", "-std=c99", "-xc", "--target=armv7-linux-gnueabihf", "-ffreestanding"],
    &["clang", "-std=c99", "-xc", "--target=aarch64-linux-gnu", "-ffreestanding"],
    &["clang", "-std=c99", "-xc", "--target=s390x-linux-gnu", "-ffreestanding"],
    &["clang", "-std=c99", "-xc", "--target=powerpc-linux-gnu", "-ffreestanding"],
    &["clang", "-std=c99", "-xc", "--target=riscv64-linux-gnu", "-ffreestanding"],
    &["clang", "-std=c99", "-xc", "--target=arm64-apple-macos11", "-ffreestanding"],
    &["clang", "-std=c99", "-xc", "--target=x86_64-w64-mingw32", "-ffreestanding"],
];

fn compile(compiler: &[&str], name: &str, source: &str, flags: &[&str]) -> Result<PathBuf, String> {
    let folder = target_dir("header");
    fs::create_dir_all(&folder).expect("target/ can be written");
    let key: String = compiler.concat().replace(['/', '='], "_");
    let file = folder.join(format!("{name}-{key}.c"));
    fs::write(&file, source).expect("target/ can be written");
    let object = file.with_extension("o");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry/include");
    let output = try_run(
        Command::new(compiler[0])
            .args(&compiler[1..])
            .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-c"])
            .args(flags)
            .arg("-I")
            .arg(include)
            .arg("-o")
            .arg(&object)
            .arg(&file),
    );
    if output.status.success() {
        Ok(object)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// A translation unit that compiles only if the header agrees with `linktab::layout`.
fn assertions() -> String {
    let mut source = String::from("#include <stddef.h>\n#include <linktab.h>\n");
    let fields = [
        ("magic", offset::MAGIC),
        ("abi", offset::ABI),
        ("phase", offset::PHASE),
        ("flags", offset::FLAGS),
        ("name", offset::NAME),
        ("init", offset::INIT),
        ("origin", offset::ORIGIN),
        ("name_len", offset::NAME_LEN),
        ("origin_len", offset::ORIGIN_LEN),
        ("hash", offset::HASH),
        ("python", offset::PYTHON),
        ("build_flags", offset::BUILD_FLAGS),
        ("word", offset::WORD),
        ("reserved", offset::RESERVED),
    ];
    let mut facts: Vec<String> = fields
        .iter()
        .map(|(field, offset)| format!("offsetof(struct linktab_record, {field}) == {offset}"))
        .collect();
    facts.push(format!("sizeof(struct linktab_record) == {}", layout::RECORD_SIZE));
    facts.push(format!("LINKTAB_MAGIC == {}u", layout::MAGIC));
    facts.push(format!("LINKTAB_ABI_VERSION == {}", layout::ABI_VERSION));
    facts.push(format!("LINKTAB_MULTI == {}", layout::phase::MULTI));
    facts.push(format!("LINKTAB_SINGLE == {}", layout::phase::SINGLE));
    facts.push(format!("LINKTAB_EXPORT == {}", layout::phase::EXPORT));
    facts.push(format!("LINKTAB_PACKAGE >> 8 == {}", layout::flags::PACKAGE));
    for (number, fact) in facts.iter().enumerate() {
        writeln!(source, "typedef char fact_{number}[({fact}) ? 1 : -1];").expect("a String takes it");
    }
    source
}

const MODULE: &str = "\
#include <linktab.h>
void *PyInit__native(void);
LINKTAB_MODULE(\"acme.größe._native\", PyInit__native, LINKTAB_MULTI | LINKTAB_PACKAGE)
";

#[test]
fn every_compiler_agrees_with_the_layout() {
    for compiler in COMPILERS {
        compile(compiler, "assertions", &assertions(), &[])
            .unwrap_or_else(|said| panic!("{compiler:?}\n{said}"));
    }
}

#[test]
fn a_record_lies_in_the_section_and_nothing_runs_before_main() {
    for compiler in COMPILERS {
        let source = if compiler.contains(&"-xc++") {
            MODULE.replace("void *PyInit", "extern \"C\" void *PyInit")
        } else {
            MODULE.to_owned()
        };
        // Without optimisation a compiler is most tempted to initialise at run time.
        let object = compile(compiler, "module", &source, &["-O0"]);
        let object = object.unwrap_or_else(|said| panic!("{compiler:?}\n{said}"));
        let bytes = fs::read(object).expect("it was just compiled");
        let file = object::File::parse(&*bytes).expect("a compiler's object file");
        let names: Vec<&str> = file.sections().filter_map(|section| section.name().ok()).collect();
        assert!(!names.iter().any(|name| name.contains("init_array") || name.contains("ctors")), "{names:?}");

        let wanted = match file.format() {
            object::BinaryFormat::Elf => layout::section::ELF,
            object::BinaryFormat::MachO => layout::section::MACH_O,
            _ => layout::section::COFF,
        };
        let section = file.section_by_name(wanted).unwrap_or_else(|| panic!("{compiler:?}: {names:?}"));
        assert_eq!(section.size(), layout::RECORD_SIZE as u64, "{compiler:?}");
        assert_eq!(section.align(), layout::RECORD_ALIGN as u64, "{compiler:?}");
        if let SectionFlags::Elf { sh_flags, .. } = section.flags() {
            // SHF_WRITE, SHF_ALLOC, SHF_GNU_RETAIN (gABI, "Section Attribute Flags"; GNU gABI extensions).
            assert_eq!(sh_flags.0 & 0x20_0003, 0x20_0003, "{compiler:?}: {:#x}", sh_flags.0);
        }
    }
}

#[test]
fn a_name_that_is_empty_or_no_literal_does_not_compile() {
    for name in ["\"\"", "a_variable"] {
        let source = MODULE.replace("\"acme.größe._native\"", name);
        let said = compile(COMPILERS[0], "bad", &source, &[]).expect_err("the name cannot be registered");
        assert!(said.contains("LINKTAB_MODULE"), "{said}");
    }
}

#[test]
fn python_h_before_the_header_is_recorded() {
    let source = "\
#define PY_VERSION_HEX 0x030d00f0
#define Py_GIL_DISABLED 1
#include <linktab.h>
#include <stdio.h>
void *init(void) { return 0; }
LINKTAB_MODULE(\"acme.a\", init, LINKTAB_SINGLE)
int main(void)
{
    struct linktab_record *r = &linktab_record_6;
    printf(\"%08x %u %u %.*s\\n\", r->python, r->build_flags, r->phase, (int)r->name_len, r->name);
    return 0;
}
";
    let program = target_dir("header").join("recorded");
    let object = compile(&["gcc", "-std=c99", "-xc"], "recorded", source, &[]).expect("it compiles");
    run(Command::new("gcc").arg(object).arg("-o").arg(&program));
    assert_eq!(run(&mut Command::new(program)), "030d00f0 1 2 acme.a\n");
}
