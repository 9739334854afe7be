//! `linktab.h` against the layout that the Rust crate reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab::layout::{self, offset};
use linktab_tests::{run, target_dir, try_run};
use object::{Object, ObjectSection, SectionFlags};

/// Compilers of languages without numbers of 64 bits: they leave the hash to the runtime.
const OLD: [&[&str]; 2] = [&["gcc", "-std=c89", "-xc"], &["clang++", "-std=c++98", "-xc++"]];

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
            .args(["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Werror", "-c"])
            .args(compiler.contains(&"-xc++").then_some("-Wold-style-cast"))
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
    for compiler in COMPILERS.into_iter().chain(OLD) {
        compile(compiler, "assertions", &assertions(), &[])
            .unwrap_or_else(|said| panic!("{compiler:?}\n{said}"));
    }
}

#[test]
fn a_record_lies_in_the_section_and_nothing_runs_before_main() {
    for compiler in COMPILERS.into_iter().chain(OLD) {
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

/// Every record that a compiler makes of `source`, by the length of its name.
fn records<T>(
    compiler: &[&str],
    file: &str,
    source: &str,
    field: impl Fn(&Fields<'_>) -> T,
) -> BTreeMap<u32, T> {
    let object = compile(compiler, file, source, &[]).unwrap_or_else(|said| panic!("{compiler:?}\n{said}"));
    let bytes = fs::read(object).expect("it was just compiled");
    let file = object::File::parse(&*bytes).expect("a compiler's object file");
    let sections = [layout::section::ELF, layout::section::MACH_O, layout::section::COFF];
    // Clang gives each retained record a section of its own.
    let ours = file.sections().filter(|section| section.name().is_ok_and(|name| sections.contains(&name)));
    let data: Vec<u8> =
        ours.flat_map(|section| section.data().expect("it is in the file").to_vec()).collect();
    let (records, []) = data.as_chunks::<{ layout::RECORD_SIZE }>() else { panic!("half a record") };
    let fields = records.iter().map(|bytes| Fields { bytes, little: file.is_little_endian() });
    fields.map(|fields| (fields.number(offset::NAME_LEN, 4) as u32, field(&fields))).collect()
}

/// The numbers of a record, in the order of bytes of its target.
struct Fields<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Fields<'_> {
    fn number(&self, at: usize, len: usize) -> u64 {
        let mut bytes = self.bytes[at..at + len].to_vec();
        if self.little {
            bytes.reverse();
        }
        bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
    }
}

/// `void *init(void);`, for C or C++.
fn declared(compiler: &[&str]) -> &'static str {
    if compiler.contains(&"-xc++") { "extern \"C\" void *init(void);\n" } else { "void *init(void);\n" }
}

/// Hashes by length, of names of which each has another length.
fn hashes(compiler: &[&str], file: &str, names: &[String]) -> BTreeMap<u32, u64> {
    let mut source = format!("#include <linktab.h>\n{}", declared(compiler));
    for name in names {
        writeln!(source, "LINKTAB_MODULE(\"{name}\", init, LINKTAB_MULTI)").expect("a String takes it");
    }
    records(compiler, file, &source, |record| record.number(offset::HASH, 8))
}

#[test]
fn every_compiler_computes_the_hash() {
    // Single dots, none of them at an end.
    let name = |len: usize| -> String {
        let letter = |at: usize| (b'a' + (at % 26) as u8) as char;
        (0..len).map(|at| if at % 7 == 3 && at + 1 < len { '.' } else { letter(at) }).collect()
    };
    let names: Vec<String> = (1..=70).map(name).collect();
    let wanted = |name: &String| {
        let hash = if name.len() <= 48 { linktab::hash::hash(name.as_bytes()) } else { 0 };
        (name.len() as u32, hash)
    };
    let wanted: BTreeMap<u32, u64> = names.iter().map(wanted).collect();
    for compiler in COMPILERS {
        assert_eq!(hashes(compiler, "hashes", &names), wanted, "{compiler:?}");
    }
}

/// What a compiler has to read stays small: it was 53 kB a module, and 10,000 took minutes.
#[test]
fn a_module_is_little_to_compile() {
    let registered: String = (0..100)
        .map(|at| format!("LINKTAB_MODULE(\"acme.package.module_{at:02}\", init, LINKTAB_MULTI)\n"))
        .collect();
    for (compiler, most) in [(COMPILERS[0], 15_000), (COMPILERS[1], 2_000)] {
        let source = format!("#include <linktab.h>\n{registered}");
        let read = compile(compiler, "size", &source, &["-E", "-P"]).expect("it can be read");
        let bytes = fs::read(read).expect("it was just written").len();
        assert!(bytes < 100 * most, "{compiler:?}: {} bytes a module", bytes / 100);
    }
}

#[test]
fn a_name_that_the_runtime_must_look_at_has_no_hash() {
    // A fault at each place, in names of 2 to 48 bytes; `\\303` is one byte.
    let faulty = |len: usize| {
        let mut name = "a".repeat(len);
        match len % 4 {
            0 => name.replace_range(len - 1.., "."),
            1 => name.replace_range(..1, "."),
            2 => name.replace_range(len / 2 - 1..=len / 2, ".."),
            _ => name.replace_range(len - 2..len - 1, "\\303"),
        }
        name
    };
    let names: Vec<String> = (2..=48).map(faulty).collect();
    for compiler in COMPILERS {
        let hashes = hashes(compiler, "faulty", &names);
        assert_eq!(hashes.len(), names.len());
        assert!(hashes.values().all(|&hash| hash == 0), "{compiler:?}: {hashes:x?}");
    }
}

/// A unity build: the same line of several files, and more than one module in a line.
#[test]
fn files_with_records_can_be_included_into_one() {
    let folder = target_dir("header");
    fs::create_dir_all(&folder).expect("target/ can be written");
    let file = |name: &str, text: &str| fs::write(folder.join(name), text).expect("target/ can be written");
    file("one.h", "#include <linktab.h>\n\nLINKTAB_MODULE(\"a\", init, LINKTAB_MULTI)\n");
    file("two.h", "#include <linktab.h>\n\nLINKTAB_MODULE(\"ab\", init, LINKTAB_SINGLE)\n");
    // As if Python.h came only now: what is registered from here on is for that CPython.
    let versioned = "#define PY_VERSION_HEX 0x030d00f0\n#define Py_DEBUG 1\n";
    file("three.h", &format!("{versioned}#include <linktab.h>\n\n{BOTH}BOTH\n"));
    const BOTH: &str = "#define BOTH LINKTAB_MODULE(\"abc\", init, LINKTAB_MULTI) \\\n\
                        LINKTAB_EXTERN_MODULE(\"abcd\", other, LINKTAB_MULTI | LINKTAB_PACKAGE)\n";
    for compiler in COMPILERS.into_iter().chain(OLD) {
        let source =
            format!("{}#include \"one.h\"\n#include \"two.h\"\n#include \"three.h\"\n", declared(compiler));
        let facts = |record: &Fields<'_>| {
            let at = |at, len| record.number(at, len);
            (at(offset::PHASE, 1), at(offset::FLAGS, 1), at(offset::PYTHON, 4), at(offset::BUILD_FLAGS, 4))
        };
        let version = 0x030d_00f0;
        let wanted = [(1, (1, 0, 0, 0)), (2, (2, 0, 0, 0)), (3, (1, 0, version, 2)), (4, (1, 1, version, 2))];
        assert_eq!(records(compiler, "unity", &source, facts), BTreeMap::from(wanted), "{compiler:?}");
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
    struct linktab_record *r = &linktab_record_0;
    printf(\"%08x %u %u %.*s\\n\", r->python, r->build_flags, r->phase, (int)r->name_len, r->name);
    return 0;
}
";
    let program = target_dir("header").join("recorded");
    let object = compile(&["gcc", "-std=c99", "-xc"], "recorded", source, &[]).expect("it compiles");
    run(Command::new("gcc").arg(object).arg("-o").arg(&program));
    assert_eq!(run(&mut Command::new(program)), "030d00f0 1 2 acme.a\n");
}
